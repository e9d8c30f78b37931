/** Bootstrap tokens, by which machines join (kubeadm's): what they look like, and the Secret that makes them good. */
import { randomInt } from 'node:crypto'
import type { Draft } from '../../shared/api/kind.ts'
import type { Secret } from '../../shared/api/secret.ts'

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789'
const ID_LENGTH = 6
const SECRET_LENGTH = 16

/** Where the API server looks for tokens, and for Secrets of which type. */
export const NAMESPACE = 'kube-system'
export const TOKEN_TYPE = 'bootstrap.kubernetes.io/token'

/** As long as kubeadm's tokens are good. */
const TOKEN_HOURS = 24

export const isToken = (text: string): boolean => /^[a-z0-9]{6}\.[a-z0-9]{16}$/.test(text)

export interface BootstrapToken {
  id: string
  secret: string
}

const random = (length: number) => Array.from({ length }, () => ALPHABET[randomInt(ALPHABET.length)]).join('')

export const newToken = (): BootstrapToken => ({ id: random(ID_LENGTH), secret: random(SECRET_LENGTH) })

/** The Secret of a token that is good for joining, and for a day. */
export const tokenSecret = ({ id, secret }: BootstrapToken, nowMs: number): Draft<Secret> => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: `bootstrap-token-${id}`, namespace: NAMESPACE },
  type: TOKEN_TYPE,
  stringData: {
    'token-id': id,
    'token-secret': secret,
    description: 'Made by "kubeproc node join-command".',
    expiration: new Date(nowMs + TOKEN_HOURS * 3_600_000).toISOString(),
    'usage-bootstrap-authentication': 'true',
    'auth-extra-groups': 'system:bootstrappers:kubeadm:default-node-token',
  },
})

/** Whether a token is over. One without an end is not. */
export const hasExpired = ({ data }: Secret, nowMs: number): boolean =>
  Date.parse(Buffer.from(data?.expiration ?? '', 'base64').toString()) <= nowMs
