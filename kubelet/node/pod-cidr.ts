/** The pods' range of a node that brings none: the cluster gives it one once it is registered. */
import type { Client } from '../../shared/client/client.ts'
import { nodes } from '../../shared/client/resources.ts'
import { type Clock, delay } from '../../shared/clock.ts'
import { isApiError } from '../../shared/errors.ts'
import type { Logger } from '../../shared/log.ts'

/** Waits between two looks, also while the API server is away. */
const RETRY_MIN_MS = 50
const RETRY_MAX_MS = 1_000

/** The node's range, or undefined while it has none. A node that is not registered is, as one that is not ready yet. */
async function look(client: Client, name: string): Promise<string | undefined> {
  try {
    return (await client.get(nodes, { name })).spec.podCIDR
  } catch (error) {
    if (!isApiError(error, 'NotFound')) throw error
    return (await client.create(nodes, { apiVersion: 'v1', kind: 'Node', metadata: { name }, spec: {}, status: {} }))
      .spec.podCIDR
  }
}

/** Resolves with the range that the node `name` is given, however long that takes. Rejects when the signal aborts. */
export async function assignedPodCidr(
  { client, clock, logger }: { client: Client; clock: Clock; logger: Logger },
  name: string,
  signal: AbortSignal,
): Promise<string> {
  for (let waitMs = RETRY_MIN_MS; ; waitMs = Math.min(waitMs * 2, RETRY_MAX_MS)) {
    try {
      const podCidr = await look(client, name)
      if (podCidr !== undefined) return podCidr
      logger.debug('Waiting for a range of pod addresses: the controller manager gives it with --allocate-node-cidrs')
    } catch (error) {
      if (!isApiError(error)) throw error
      const level = isApiError(error, 'ServiceUnavailable', 'AlreadyExists') ? 'debug' : 'warn'
      logger[level]({ error: error.message }, 'The node could not be registered, trying again')
    }
    await delay(clock, waitMs, signal)
  }
}
