/** What cannot be done without the API server is refused at once where it is not about to come, instead of waiting for ever. */
import { once } from 'node:events'
import { ClusterError } from './cluster-error.ts'
import type { Component, ComponentState } from './component.ts'
import type { TellWait } from './control.ts'

/** Whoever asks waits at a terminal. A start takes a second; one that fails is tried again after 5 seconds at most. */
const START_TIMEOUT_MS = 15_000

/** The states that nothing but a command ends, with what is told then. */
const REFUSALS: Readonly<Partial<Record<ComponentState, string>>> = {
  dead: 'the API server does not run: start it with "kubeproc start apiserver"',
  stopped: 'the API server does not run: start it with "kubeproc start apiserver"',
  frozen: 'the API server is frozen: let it go on with "kubeproc thaw apiserver"',
}

/** Resolves when the API server runs. Throws a ClusterError where that cannot be expected, or takes too long. */
export async function whenServed(apiserver: Component, tellWait: TellWait): Promise<void> {
  const isRunning = () => apiserver.status.state === 'running'
  if (isRunning()) return
  const timeout = AbortSignal.timeout(START_TIMEOUT_MS)
  const late = once(timeout, 'abort')
  for (let isTold = false; !isRunning(); isTold = true) {
    const { state, log } = apiserver.status
    const refusal = REFUSALS[state]
    if (refusal !== undefined) throw new ClusterError(refusal)
    if (timeout.aborted) throw new ClusterError(`the API server has not started in time: see ${log}`)
    if (!isTold) tellWait('the API server, which is starting')
    await Promise.race([apiserver.changed, late])
  }
}
