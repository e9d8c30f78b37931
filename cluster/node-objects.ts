import type { Node } from '../shared/api/node/node.ts'
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

/** `left`: it is not Ready, and was run by a cluster's own machine: no other machine can be reached at its address. */
export type Presence = 'absent' | 'Ready' | 'not Ready' | 'left'

const isOwnAddress = (address: string) => address.startsWith('127.')

function presence({ status }: Node): Presence {
  if (status.conditions?.some((one) => one.type === 'Ready' && one.status === 'True')) return 'Ready'
  return status.addresses?.some(({ address }) => isOwnAddress(address)) ? 'left' : 'not Ready'
}

/** The nodes that no machine runs any more as far as can be seen, by name; `isOurs` tells which ones this cluster runs. */
export async function leftNodes(kubeconfig: string, isOurs: (name: string) => boolean): Promise<string[]> {
  const client = createClient({ kubeconfig, userAgent: 'kubeproc' })
  try {
    const { items } = await client.list(nodes)
    return items
      .filter((node) => presence(node) === 'left' && !isOurs(node.metadata.name))
      .map((node) => node.metadata.name)
  } finally {
    await client.close()
  }
}

/** What the API knows of a node. */
export async function presenceOf(kubeconfig: string, name: string): Promise<Presence> {
  const client = createClient({ kubeconfig, userAgent: 'kubeproc' })
  try {
    return presence(await client.get(nodes, { name }))
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
