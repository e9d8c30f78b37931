/**
 * A node that has come back under another address says so before it asks for a certificate for it. Machines that start
 * together may have swapped their addresses; each would otherwise wait for ever for the other to let go of its own.
 */
import type { Client } from '../../shared/client/client.ts'
import { nodes } from '../../shared/client/resources.ts'
import { type Clock, delay } from '../../shared/clock.ts'
import { isApiError } from '../../shared/errors.ts'
import type { Logger } from '../../shared/log.ts'
import { nodeAddresses } from './node-object.ts'

/** Waits between tries while the API server is away. */
const RETRY_MIN_MS = 50
const RETRY_MAX_MS = 1_000

/** Resolves once the node's object, if there is one, has this address. Rejects when the signal aborts. */
export async function announceAddress(
  { client, clock, logger }: { client: Client; clock: Clock; logger: Logger },
  node: { name: string; ip: string },
  signal: AbortSignal,
): Promise<void> {
  const { name } = node
  for (let waitMs = RETRY_MIN_MS; ; waitMs = Math.min(waitMs * 2, RETRY_MAX_MS)) {
    try {
      const { addresses = [] } = (await client.get(nodes, { name })).status
      if (addresses.length === 0 || addresses.some(({ address }) => address === node.ip)) return
      const body = { status: { addresses: [...nodeAddresses(node), { $patch: 'replace' }] } }
      await client.patch(nodes, { name }, { type: 'strategic', body, subresource: 'status' })
      return
    } catch (error) {
      if (isApiError(error, 'NotFound')) return // A new node has no address to give up.
      if (!isApiError(error)) throw error
      const level = isApiError(error, 'ServiceUnavailable') ? 'debug' : 'warn'
      logger[level]({ error: error.message }, 'The address of the node could not be reported, trying again')
    }
    await delay(clock, waitMs, signal)
  }
}
