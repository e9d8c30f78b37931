/** Finding the launcher of a running cluster, for the commands that talk to it. */
import { ClusterError } from './cluster-error.ts'
import { askLauncher, type ControlReply, type ControlRequest } from './control.ts'
import { layoutOf } from './layout.ts'

/** The flag that names the cluster, common to all commands. */
export const DATA_DIR_FLAG = {
  'data-dir': {
    type: 'string',
    default: '.kubeproc',
    description: 'Directory of the cluster: its store, certificates, logs and nodes.',
  },
} as const

/** Sends a request to the cluster's launcher. Throws a ClusterError where none runs or the launcher refuses. */
export async function ask(dataDir: string, request: ControlRequest): Promise<Extract<ControlReply, { ok: true }>> {
  const layout = layoutOf(dataDir)
  const reply = await askLauncher(layout.controlSocket, request)
  if (reply === undefined) {
    throw new ClusterError(
      `no cluster is running in ${layout.root}: start it with "kubeproc up", or name another with --data-dir`,
    )
  }
  if (!reply.ok) throw new ClusterError(reply.message)
  return reply
}
