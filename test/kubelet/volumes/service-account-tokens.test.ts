import t from 'tap'
import { createServiceAccountTokens } from '../../../kubelet/volumes/service-account-tokens.ts'
import { VolumeError } from '../../../kubelet/volumes/volume-error.ts'
import { toTime } from '../../../shared/clock.ts'
import { ApiError } from '../../../shared/errors.ts'
import { NOW, pod, SECOND, UID } from '../pod/worlds.ts'

const HOUR = 3600 * SECOND

/** The API server's answers: each token has the number of its request. */
function world({ lifeSeconds }: { lifeSeconds?: number } = {}) {
  const state = { nowMs: NOW, isDown: false, requests: [] as { path: string; body: unknown }[] }
  const clock = { nowMs: () => state.nowMs, after: () => () => undefined }
  const request = async (_method: string, path: string, body: unknown) => {
    if (state.isDown) throw new ApiError(404, 'NotFound', 'the server could not find the requested resource')
    state.requests.push({ path, body })
    const { expirationSeconds } = (body as { spec: { expirationSeconds: number } }).spec
    const seconds = lifeSeconds ?? expirationSeconds
    return {
      spec: { expirationSeconds: seconds },
      status: {
        token: `token-${state.requests.length}`,
        expirationTimestamp: toTime(state.nowMs + seconds * SECOND),
      },
    }
  }
  return { state, tokens: createServiceAccountTokens({ client: { request }, clock, random: () => 0.5 }) }
}

t.test('what is asked for', async (t) => {
  const { state, tokens } = world()
  await tokens.get(pod({ serviceAccountName: 'robot' }), { audience: 'vault', expirationSeconds: 600 })
  t.strictSame(state.requests, [
    {
      path: '/api/v1/namespaces/default/serviceaccounts/robot/token',
      body: {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenRequest',
        spec: {
          audiences: ['vault'],
          expirationSeconds: 600,
          boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: 'crash', uid: UID },
        },
      },
    },
  ])
})

t.test('a token is kept for four fifths of its life, and for a day at most', async (t) => {
  const { state, tokens } = world()
  const get = async (expirationSeconds?: number) =>
    (await tokens.get(pod(), { audience: '', ...(expirationSeconds !== undefined && { expirationSeconds }) })).token
  t.equal(await get(), 'token-1')
  state.nowMs += 0.79 * HOUR
  t.equal(await get(), 'token-1')
  state.nowMs += 0.01 * HOUR
  t.equal(await get(), 'token-2')
  t.equal(await get(100 * 3600), 'token-3', 'another life, another token')
  state.nowMs += 24 * HOUR - 10 * SECOND
  t.equal(await get(100 * 3600), 'token-3')
  state.nowMs += 10 * SECOND
  t.equal(await get(100 * 3600), 'token-4')
  tokens.release(UID)
  t.equal(await get(100 * 3600), 'token-5', 'nothing is kept of a pod that has ended')
})

t.test('the life that the server gives counts', async (t) => {
  const { tokens } = world({ lifeSeconds: 7200 })
  const { renewAtMs } = await tokens.get(pod(), { audience: '' })
  t.equal(renewAtMs, NOW + 0.8 * 2 * HOUR - 5 * SECOND)
})

t.test('without the server a token serves to its end', async (t) => {
  const { state, tokens } = world()
  await tokens.get(pod(), { audience: '' })
  state.isDown = true
  state.nowMs += 0.9 * HOUR
  t.match(await tokens.get(pod(), { audience: '' }), { token: 'token-1', renewAtMs: state.nowMs + 10 * SECOND })
  state.nowMs += 0.2 * HOUR
  await t.rejects(
    tokens.get(pod(), { audience: '' }),
    new VolumeError('failed to fetch token: the server could not find the requested resource'),
  )
})
