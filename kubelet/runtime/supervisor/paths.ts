import { join } from 'node:path'

/** The supervisor's files in a node's root directory. */
export const pathsOf = (rootDirectory: string) => ({
  /** The Unix socket on which it serves kubelets. */
  socket: join(rootDirectory, 'supervisor.sock'),
  /** Its PID, a space, and its start time in clock ticks (0 without /proc): the second proves that the first is still it. */
  pid: join(rootDirectory, 'supervisor.pid'),
  /** What it has to complain about. */
  log: join(rootDirectory, 'supervisor.log'),
  /** What the `namespaces` runtime needs: file systems of containers, and what they have in common. */
  namespaces: join(rootDirectory, 'namespaces'),
  /** Records of its containers. */
  containers: join(rootDirectory, 'containers'),
})
