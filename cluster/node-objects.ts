import type { Client } from '../shared/client/client.ts'
import { createClient } from '../shared/client/http-client.ts'
import { nodes, pods } from '../shared/client/resources.ts'
import { isApiError } from '../shared/errors.ts'

async function ignoringMissing(request: Promise<void>): Promise<void> {
  try {
    await request
  } catch (error) {
    if (!isApiError(error, 'NotFound')) throw error
  }
}

/** The pods have ended with their node: nobody is left to confirm a graceful deletion. */
async function deletePodsOf(client: Client, node: string): Promise<void> {
  const { items } = await client.list(pods, { fieldSelector: `spec.nodeName=${node}` })
  await Promise.all(
    items.map(({ metadata: { name, namespace, uid } }) =>
      ignoringMissing(
        client.delete(pods, { name, namespace: namespace! }, { gracePeriodSeconds: 0, preconditions: { uid } }),
      ),
    ),
  )
}

/** Deletes the objects of a node that was stopped for good: its Node and its pods, which are replaced at once. */
export async function deleteNodeObjects(kubeconfig: string, name: string): Promise<void> {
  const client = createClient({ kubeconfig, userAgent: 'kubeproc' })
  try {
    await ignoringMissing(client.delete(nodes, { name }))
    await deletePodsOf(client, name)
  } finally {
    await client.close()
  }
}
