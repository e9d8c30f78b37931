/** A run's ID in the API, `TYPE://ID`: the runtime that it belongs to, and the runtime's own ID of it. Pure. */

/** `runtimeVersion` is `TYPE://VERSION`, as the node names its runtime. */
export const containerIdOf = (runtimeVersion: string, runId: string): string =>
  `${runtimeVersion.slice(0, runtimeVersion.indexOf('://'))}://${runId}`

/** The runtime's own ID, whichever the runtime. */
export const runIdOf = (containerId: string): string => containerId.slice(containerId.indexOf('://') + '://'.length)
