import { createClient } from '../shared/client/http-client.ts'
import { nodes } from '../shared/client/resources.ts'
import { isApiError } from '../shared/errors.ts'

/** Deletes a removed node's object, with which its pods go. */
export async function deleteNodeObject(kubeconfig: string, name: string): Promise<void> {
  const client = createClient({ kubeconfig, userAgent: 'kubeproc' })
  try {
    await client.delete(nodes, { name })
  } catch (error) {
    if (!isApiError(error, 'NotFound')) throw error
  } finally {
    await client.close()
  }
}
