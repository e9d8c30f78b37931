/** Keys and names as all certificates of a cluster have them. ECDSA P-256: made in a millisecond, and handshakes are cheap. */
import 'reflect-metadata'
import * as x509 from '@peculiar/x509'

export const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const

export const generateKeys = () => crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])

/** PKCS #8 in PEM. */
export const keyToPem = async (key: CryptoKey): Promise<string> =>
  x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY')

/** Kubernetes' user is the common name, its groups are the organizations. */
export const subjectName = ({ commonName, organizations }: { commonName: string; organizations: readonly string[] }) =>
  new x509.Name([...organizations.map((name) => ({ O: [name] })), { CN: [commonName] }]).toString()

const isAddress = (host: string) => /^[\d.]+$/.test(host) || host.includes(':')

/** The extension that names a server's hosts and addresses; none for a client. */
export const hostNames = (hosts: readonly string[]): x509.SubjectAlternativeNameExtension[] =>
  hosts.length === 0
    ? []
    : [
        new x509.SubjectAlternativeNameExtension(
          hosts.map((value) => ({ type: isAddress(value) ? ('ip' as const) : ('dns' as const), value })),
        ),
      ]
