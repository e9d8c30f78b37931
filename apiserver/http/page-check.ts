/**
 * What keeps web pages away. A page in the user's browser can send requests to this machine, and a domain of its own can
 * be made to lead here: so a request must name a host that is this server's, and if it comes from a page, from one of
 * this server's own.
 */
import { X509Certificate } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { isIP } from 'node:net'
import { ApiError } from '../../shared/errors.ts'

/** Throws the Forbidden ApiError for a request that a web page may have sent. */
export type PageCheck = (headers: IncomingHttpHeaders) => void

/** How many texts of the Host header are remembered that were found good. */
const KNOWN_HOSTS_MAX = 100

const refuse = (message: string) => new ApiError(403, 'Forbidden', message, {})

/** The names in a certificate; none where it cannot be read, which the server finds out in better words. */
function namesIn(certificate: string): string[] {
  const { subjectAltName = '' } = new X509Certificate(certificate)
  return [...subjectAltName.matchAll(/DNS:([^,\s]+)/g)].map(([, name]) => name!.toLowerCase())
}

/** The name of a Host header, without its port; undefined where it is none. */
function nameIn(host: string): string | undefined {
  const [, bracketed, plain] = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::\d*)?$/.exec(host) ?? []
  return (bracketed ?? plain)?.toLowerCase().replace(/\.$/, '')
}

/** Whether a name cannot be a domain of somebody else's: an address, a name without a domain, or one of this machine. */
const isOwnName = (name: string) => isIP(name) !== 0 || !name.includes('.') || name.endsWith('.localhost')

const isCovered = (name: string, certified: string): boolean =>
  certified.startsWith('*.') ? name.slice(name.indexOf('.')) === certified.slice(1) : name === certified

export function createPageCheck({
  scheme,
  certificate,
}: {
  scheme: 'http' | 'https'
  certificate?: string
}): PageCheck {
  const certified = certificate === undefined ? [] : namesIn(certificate)
  const known = new Set<string>()
  const checkHost = (host: string) => {
    if (known.has(host)) return
    const name = nameIn(host)
    if (name === undefined || !(isOwnName(name) || certified.some((each) => isCovered(name, each))))
      throw refuse(`the host ${JSON.stringify(host)} is not this server: its certificate has no such name`)
    if (known.size < KNOWN_HOSTS_MAX) known.add(host)
  }
  return ({ host, origin, 'sec-fetch-site': site, 'sec-fetch-mode': mode }) => {
    if (host !== undefined) checkHost(host)
    if (origin !== undefined && origin.toLowerCase() !== `${scheme}://${(host ?? '').toLowerCase()}`)
      throw refuse(`pages of the origin ${JSON.stringify(origin)} may not use this server`)
    // Browsers send no origin with some reads, but say that another site's page makes them. Following a link is no such read.
    if ((site === 'cross-site' || site === 'same-site') && mode !== 'navigate')
      throw refuse('pages of other sites may not use this server')
  }
}
