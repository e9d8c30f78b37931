/**
 * The cluster's own certificate authority and the certificates that it issues. Its library is large: components load it
 * only where something is to be issued.
 */
import 'reflect-metadata'
import * as x509 from '@peculiar/x509'
import { systemClock } from '../clock.ts'
import { ALGORITHM, generateKeys, hostNames, keyToPem, subjectName } from './keys.ts'

const DAY_MS = 24 * 3_600_000
/** As long as kubeadm's authority lives. */
const AUTHORITY_DAYS = 3650
/** As long as kubeadm's certificates live. */
const CERTIFICATE_DAYS = 365
/** Certificates begin to be valid a little earlier, for clocks that are behind. */
const SKEW_MS = 5 * 60_000
/** Of a life that is short, no more than this share comes before it: whoever renews at a share of it must find some left. */
const SKEW_SHARE = 0.1

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
  /** Default: a year. */
  days?: number
}

export interface Authority extends KeyPair {
  /** A certificate and its new key. */
  issue(request: CertificateRequest): Promise<KeyPair>
  /** A certificate, PEM, for a key that somebody else keeps: SPKI, DER. */
  sign(publicKey: ArrayBuffer, request: CertificateRequest): Promise<string>
}

const validity = (days: number) => {
  const nowMs = systemClock.nowMs()
  const lifeMs = days * DAY_MS
  return {
    notBefore: new Date(nowMs - Math.min(SKEW_MS, lifeMs * SKEW_SHARE)),
    notAfter: new Date(nowMs + lifeMs),
  }
}

const EXTENDED_USAGES = { server: x509.ExtendedKeyUsage.serverAuth, client: x509.ExtendedKeyUsage.clientAuth }

async function sign(
  issuer: x509.X509Certificate,
  signingKey: CryptoKey,
  {
    publicKey,
    commonName,
    organizations = [],
    usages,
    hosts = [],
    days = CERTIFICATE_DAYS,
  }: CertificateRequest & { publicKey: x509.PublicKeyType },
): Promise<string> {
  const certificate = await x509.X509CertificateGenerator.create({
    subject: subjectName({ commonName, organizations }),
    issuer: issuer.subject,
    ...validity(days),
    signingKey,
    publicKey,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension(usages.map((usage) => EXTENDED_USAGES[usage])),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
      ...hostNames(hosts),
    ],
  })
  return certificate.toString('pem')
}

function authorityOf(certificate: x509.X509Certificate, signingKey: CryptoKey, pair: KeyPair): Authority {
  return {
    ...pair,
    async issue(request) {
      const keys = await generateKeys()
      const signed = await sign(certificate, signingKey, { ...request, publicKey: keys.publicKey })
      return { certificate: signed, key: await keyToPem(keys.privateKey) }
    },
    sign: (publicKey, request) =>
      sign(certificate, signingKey, { ...request, publicKey: new x509.PublicKey(publicKey) }),
  }
}

/** Makes a new authority. */
export async function createAuthority(commonName: string): Promise<Authority> {
  const keys = await generateKeys()
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: subjectName({ commonName, organizations: [] }),
    ...validity(AUTHORITY_DAYS),
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.digitalSignature, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  const pair = { certificate: certificate.toString('pem'), key: await keyToPem(keys.privateKey) }
  return authorityOf(certificate, keys.privateKey, pair)
}

/** Takes up an authority from its files' contents. Throws where they are no certificate and key in PEM. */
export async function loadAuthority(pair: KeyPair): Promise<Authority> {
  const certificate = new x509.X509Certificate(pair.certificate)
  const [pkcs8] = x509.PemConverter.decode(pair.key)
  const key = await crypto.subtle.importKey('pkcs8', pkcs8!, ALGORITHM, false, ['sign'])
  return authorityOf(certificate, key, pair)
}
