/** The key that signs the tokens of service accounts. */
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'

export interface SigningKey {
  /** Names the key in tokens and in the published set. */
  id: string
  algorithm: 'ES256' | 'RS256'
  privateKey: KeyObject
  publicKey: KeyObject
}

/** Takes a private key in PEM: EC on the curve P-256, or RSA. Throws an Error that says what is wrong. */
export function readSigningKey(pem: string): SigningKey {
  const privateKey = createPrivateKey(pem)
  const publicKey = createPublicKey(privateKey)
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = privateKey
  const isCurve = type === 'ec' && details?.namedCurve === 'prime256v1'
  if (!isCurve && type !== 'rsa') throw new Error('it must be an RSA key, or an EC key on the curve P-256')
  const id = createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64url')
  return { id, algorithm: isCurve ? 'ES256' : 'RS256', privateKey, publicKey }
}

/** A new key, in PEM. */
export const generateSigningKey = (): string =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()

/** The public half as it is published (`/openid/v1/jwks`). */
export const publicJwk = ({ id, algorithm, publicKey }: SigningKey) => ({
  ...publicKey.export({ format: 'jwk' }),
  use: 'sig',
  kid: id,
  alg: algorithm,
})
