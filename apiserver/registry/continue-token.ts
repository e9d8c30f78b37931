/** The token of a list's next page: base64url of `{v, rv, start}`, as upstream writes it. */
import { badRequest } from '../../shared/errors.ts'

const VERSION = 'meta.k8s.io/v1'

export interface ContinueToken {
  /** The revision that all pages show; -1: whatever is current, since the first page's revision is gone. */
  revision: number
  /** The page begins after the object of this key. */
  after: string
}

const refuse = (detail: string) => badRequest(`invalid continue token: continue key is not valid${detail}`)

/**
 * Pages begin at a key, inclusive; a key's successor in order is the key and a zero character, which no name contains.
 */
const SUCCESSOR = '\0'

export const encodeContinue = ({ revision, after }: ContinueToken): string =>
  Buffer.from(JSON.stringify({ v: VERSION, rv: revision, start: `${after}${SUCCESSOR}` })).toString('base64url')

/** What Go's decoder says of the first bytes, for the case that clients meet: something that is no token at all. */
function parseToken(text: string): unknown {
  if (!/^[\w-]*$/.test(text)) throw refuse(`: illegal base64 data at input byte ${text.search(/[^\w-]/)}`)
  const bytes = Buffer.from(text, 'base64url')
  try {
    return JSON.parse(bytes.toString())
  } catch {
    // The parser's own words are of no use to a client; upstream names the byte that does not belong.
    if (bytes.length === 0) throw refuse(': unexpected end of JSON input')
    throw refuse(`: invalid character '${String.fromCharCode(bytes[0]!)}' looking for beginning of value`)
  }
}

/** Throws a BadRequest ApiError for a token that this server did not make. */
export function decodeContinue(text: string): ContinueToken {
  const token = parseToken(text) as Partial<Record<'v' | 'rv' | 'start', unknown>> | null
  if (token === null || typeof token !== 'object' || token.v !== VERSION)
    throw refuse(`: server does not recognize this encoded version ${String(token?.v ?? '')}`)
  const { rv, start } = token
  if (typeof rv !== 'number' || !Number.isSafeInteger(rv) || rv === 0)
    throw refuse(`: incorrect encoded start resourceVersion (version ${VERSION})`)
  if (typeof start !== 'string' || start === '') throw refuse(`: encoded start key empty (version ${VERSION})`)
  return { revision: rv, after: start.endsWith(SUCCESSOR) ? start.slice(0, -1) : start }
}
