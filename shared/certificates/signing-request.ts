/** Requests to have the public half of a key signed (PKCS #10): made by whoever keeps the key, read by whoever signs. */
import 'reflect-metadata'
import * as x509 from '@peculiar/x509'
import { ALGORITHM, generateKeys, hostNames, keyToPem, subjectName } from './keys.ts'

export interface SigningSubject {
  /** The identity that is asked for: Kubernetes' user name. */
  commonName: string
  /** Kubernetes' groups. */
  organizations: readonly string[]
  /** Host names and addresses of a server; none for a client. */
  hosts: readonly string[]
}

export interface SigningRequest {
  /** PEM. */
  request: string
  /** PKCS #8 in PEM. */
  key: string
}

/** Makes a key and the request for it. */
export async function createSigningRequest({ hosts, ...subject }: SigningSubject): Promise<SigningRequest> {
  const keys = await generateKeys()
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: subjectName(subject),
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: hostNames(hosts),
  })
  return { request: request.toString('pem'), key: await keyToPem(keys.privateKey) }
}

/** What a request asks for. */
export interface ReadRequest extends SigningSubject {
  dnsNames: readonly string[]
  addresses: readonly string[]
  /** Whether it names anything else, such as an e-mail address. */
  hasOtherNames: boolean
  /** SPKI, DER. */
  publicKey: ArrayBuffer
}

/** Reads a request in PEM. Throws where it is none, or is not signed by its own key. */
export async function readSigningRequest(pem: string): Promise<ReadRequest> {
  const request = new x509.Pkcs10CertificateRequest(pem)
  if (!(await request.verify())) throw new Error('the request is not signed by its own key')
  const extension = request.extensions.find((one) => one instanceof x509.SubjectAlternativeNameExtension)
  const names = extension?.names.items ?? []
  const valuesOf = (type: string) => names.filter((name) => name.type === type).map(({ value }) => value)
  const [dnsNames, addresses] = [valuesOf('dns'), valuesOf('ip')]
  return {
    commonName: request.subjectName.getField('CN')[0] ?? '',
    organizations: request.subjectName.getField('O'),
    hosts: [...dnsNames, ...addresses],
    dnsNames,
    addresses,
    hasOtherNames: dnsNames.length + addresses.length < names.length,
    publicKey: request.publicKey.rawData,
  }
}
