/**
 * The cluster's own certificate authority and the certificates that it issues. ECDSA P-256 throughout: keys are made
 * in a millisecond and handshakes are cheap.
 */
import 'reflect-metadata'
import * as x509 from '@peculiar/x509'

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const DAY_MS = 24 * 3_600_000
/** As long as kubeadm's authority lives. */
const AUTHORITY_DAYS = 3650
/** As long as kubeadm's certificates live. */
const CERTIFICATE_DAYS = 365
/** Certificates begin to be valid a little earlier, for clocks that are behind. */
const SKEW_MS = 5 * 60_000

export interface KeyPair {
  /** PEM. */
  certificate: string
  /** PKCS #8 in PEM. */
  key: string
}

export interface CertificateRequest {
  /** The identity: Kubernetes' user name. */
  commonName: string
  /** Kubernetes' groups. */
  organizations?: readonly string[]
  /** What the holder may do with it: answer as a server, connect as a client, or both. */
  usages: readonly ('server' | 'client')[]
  /** Host names and IP addresses of a server. */
  hosts?: readonly string[]
}

export interface Authority extends KeyPair {
  issue(request: CertificateRequest): Promise<KeyPair>
}

const generateKeys = () => crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])

const keyToPem = async (key: CryptoKey) =>
  x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY')

const validity = (days: number) => {
  const notBefore = new Date(Date.now() - SKEW_MS)
  return { notBefore, notAfter: new Date(notBefore.getTime() + days * DAY_MS) }
}

const isAddress = (host: string) => /^[\d.]+$/.test(host) || host.includes(':')

const EXTENDED_USAGES = { server: x509.ExtendedKeyUsage.serverAuth, client: x509.ExtendedKeyUsage.clientAuth }

async function issue(
  issuer: x509.X509Certificate,
  signingKey: CryptoKey,
  { commonName, organizations = [], usages, hosts = [] }: CertificateRequest,
): Promise<KeyPair> {
  const keys = await generateKeys()
  const certificate = await x509.X509CertificateGenerator.create({
    subject: new x509.Name([...organizations.map((name) => ({ O: [name] })), { CN: [commonName] }]).toString(),
    issuer: issuer.subject,
    ...validity(CERTIFICATE_DAYS),
    signingKey,
    publicKey: keys.publicKey,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension(usages.map((usage) => EXTENDED_USAGES[usage])),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
      ...(hosts.length === 0
        ? []
        : [
            new x509.SubjectAlternativeNameExtension(
              hosts.map((value) => ({ type: isAddress(value) ? ('ip' as const) : ('dns' as const), value })),
            ),
          ]),
    ],
  })
  return { certificate: certificate.toString('pem'), key: await keyToPem(keys.privateKey) }
}

/** Makes a new authority. */
export async function createAuthority(commonName: string): Promise<Authority> {
  const keys = await generateKeys()
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: new x509.Name([{ CN: [commonName] }]).toString(),
    ...validity(AUTHORITY_DAYS),
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.digitalSignature, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return {
    certificate: certificate.toString('pem'),
    key: await keyToPem(keys.privateKey),
    issue: (request) => issue(certificate, keys.privateKey, request),
  }
}

/** Takes up an authority from its files' contents. Throws where they are no certificate and key in PEM. */
export async function loadAuthority(pair: KeyPair): Promise<Authority> {
  const certificate = new x509.X509Certificate(pair.certificate)
  const [pkcs8] = x509.PemConverter.decode(pair.key)
  const key = await crypto.subtle.importKey('pkcs8', pkcs8!, ALGORITHM, false, ['sign'])
  return { ...pair, issue: (request) => issue(certificate, key, request) }
}
