import { namespacesProblem } from '../kubelet/runtime/detect.ts'
import type { RuntimeName } from '../kubelet/runtime/runtime-names.ts'
import { ClusterError } from './cluster-error.ts'
import type { ClusterState } from './state.ts'

/**
 * What the pods of a cluster run as. A cluster keeps what it has begun with, since its nodes' ranges of addresses depend
 * on it. `auto` is `process`, whose pods end at SIGTERM whatever their programs do about it. Throws a ClusterError where
 * what is asked for cannot be had.
 */
export async function chooseRuntime(
  wanted: RuntimeName | 'auto',
  { saved, nodes }: { saved: ClusterState | undefined; nodes: string },
): Promise<RuntimeName> {
  const before = saved === undefined ? undefined : (saved.runtime ?? 'process')
  if (before !== undefined && wanted !== 'auto' && wanted !== before) {
    const way = 'start it anew with --fresh to change that'
    throw new ClusterError(`the pods of this cluster run in the runtime ${before}: ${way}`)
  }
  const name = before ?? (wanted === 'auto' ? 'process' : wanted)
  const problem = name === 'namespaces' ? await namespacesProblem(nodes) : undefined
  if (problem === undefined) return name
  throw new ClusterError(`the runtime namespaces cannot be had on this machine: ${problem}`)
}
