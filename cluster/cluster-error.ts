/** A request that cannot be carried out: its message is for the user. */
export class ClusterError extends Error {
  override readonly name = 'ClusterError'
}
