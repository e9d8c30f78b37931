/** The processor time of what security does to one request, measured by itself: busy neighbours do not change it much. */
import { admit } from '../apiserver/admission/chain.ts'
import { createAccountTokens } from '../apiserver/auth/service-account/account-tokens.ts'
import { generateSigningKey, readSigningKey } from '../apiserver/auth/service-account/signing-key.ts'
import { createTokenSigner } from '../apiserver/auth/service-account/token.ts'
import { createPageCheck } from '../apiserver/http/page-check.ts'
import type { KubeObject } from '../shared/api/kind.ts'
import { pod } from '../shared/api/pod/pod.ts'
import { systemClock } from '../shared/clock.ts'
import { admissionRequest, admissionWorld } from '../test/apiserver/admission/world.ts'
import { authorizerOf } from '../test/apiserver/auth/policy-world.ts'

const ROUNDS = 5
const CALLS = 50_000
/** Bindings of others, among which one's own have to be found. */
const OTHERS = 200
const AUDIENCE = 'bench'

/** Processor seconds of one call: of several rounds the least, when nobody disturbed it. */
function costOf(act: (call: number) => void): number {
  const rounds = Array.from({ length: ROUNDS }, () => {
    const before = process.cpuUsage()
    for (let call = 0; call < CALLS; call++) act(call)
    const { user, system } = process.cpuUsage(before)
    return (user + system) / 1e6 / CALLS
  })
  return Math.min(...rounds)
}

/** Seconds that it takes to let a request pass, and to admit a pod beside that. */
export async function stepCosts(): Promise<{ letPass: number; admitPod: number }> {
  const others = Array.from({ length: OTHERS }, (_, index) => ({
    to: { kind: 'User' as const, name: `user-${index}` },
    role: 'view',
    namespace: `namespace-${index}`,
  }))
  const own = {
    to: { kind: 'ServiceAccount' as const, name: 'x', namespace: 'default' },
    role: 'edit',
    namespace: 'default',
  }
  const authorizer = authorizerOf([...others, own])
  const key = readSigningKey(generateSigningKey())
  const signer = createTokenSigner({ key, issuer: AUDIENCE, clock: systemClock })
  const time = '2026-01-01T00:00:00Z'
  const found = () => ({ metadata: { name: 'x', uid: 'u', resourceVersion: '1', creationTimestamp: time } })
  const world = { serviceAccount: found, pod: found, secret: found, node: found }
  const tokens = createAccountTokens({ signer, clock: systemClock, world })
  const account = { namespace: 'default', serviceaccount: { name: 'x', uid: 'u' } }
  const expiresMs = systemClock.nowMs() + 3_600_000
  const token = await signer.sign({ id: 'bench', audiences: [AUDIENCE], expiresMs, account })
  const { identity } = (await tokens(token, [AUDIENCE]))!
  const checkPage = createPageCheck({ scheme: 'https' })
  const headers = { host: '127.0.0.1:6443' }
  const letPass = costOf((call) => {
    checkPage(headers)
    tokens(token, [AUDIENCE])
    const resource = { group: '', plural: 'pods', namespace: 'default', name: `p-${call % 100}` }
    authorizer.authorize({ identity, verb: 'get', path: '', resource })
  })
  const admission = admissionWorld({
    namespace: found as never,
    config: { notReadyTolerationSeconds: 300, unreachableTolerationSeconds: 300, mountsAccountTokens: true },
    authorizer,
  })
  const bare = () => structuredClone({ metadata: { name: 'x' }, spec: { containers: [{ name: 'c', image: 'i' }] } })
  const cloning = costOf(bare)
  const admitting = costOf(() => {
    const object = bare() as unknown as KubeObject
    admit(admissionRequest(pod, { namespace: 'default', identity, object }), admission)
  })
  return { letPass, admitPod: admitting - cloning }
}
