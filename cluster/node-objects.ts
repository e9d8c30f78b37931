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

/** What the API knows of a node: nothing, that it is Ready, or that it is not. */
export async function presenceOf(kubeconfig: string, name: string): Promise<'absent' | 'Ready' | 'not Ready'> {
  const client = createClient({ kubeconfig, userAgent: 'kubeproc' })
  try {
    const { status } = await client.get(nodes, { name })
    return status.conditions?.some((one) => one.type === 'Ready' && one.status === 'True') ? 'Ready' : 'not Ready'
  } catch (error) {
    if (isApiError(error, 'NotFound')) return 'absent'
    throw error
  } finally {
    await client.close()
  }
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
