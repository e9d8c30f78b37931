import { createClient } from '../shared/client/http-client.ts'
import { pods } from '../shared/client/resources.ts'
import { ClusterError } from './cluster-error.ts'

/** Whoever asks waits at a terminal: an API server that is frozen does not keep him. */
const ANSWER_TIMEOUT_MS = 5_000

/** Where a pod runs. Throws an ApiError where there is no such pod, or no answer; a ClusterError where it is not bound. */
export async function findPod(
  kubeconfig: string,
  key: { name: string; namespace: string },
): Promise<{ uid: string; node: string }> {
  const client = createClient({ kubeconfig, userAgent: 'kubeproc', requestTimeoutMs: ANSWER_TIMEOUT_MS })
  try {
    const { metadata, spec } = await client.get(pods, key)
    if (spec.nodeName === undefined) throw new ClusterError(`pod ${key.name} is not bound to a node yet`)
    return { uid: metadata.uid, node: spec.nodeName }
  } finally {
    await client.close()
  }
}
