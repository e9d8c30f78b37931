/** Takes what a write uses off the quotas of its namespace, before it is stored: two writers cannot both have the last. */
import type { KubeObject } from '../../shared/api/kind.ts'
import type { ResourceQuota } from '../../shared/api/resource-quota.ts'
import { isApiError } from '../../shared/errors.ts'
import type { AdmissionRequest } from '../admission/admission.ts'
import { chargeQuota } from '../admission/resource-quota.ts'
import { API_SERVER } from '../auth/identity.ts'
import { STATUS } from './prepare-update.ts'
import { replaceObject } from './replace.ts'
import type { Resource } from './resource.ts'

const WRITE = { identity: API_SERVER, manager: 'kube-apiserver', dryRun: false }

/** Charges one quota as it is at the moment of the write. Throws Forbidden where it would be exceeded. */
async function charge(quotas: Resource, request: AdmissionRequest, quota: Readonly<ResourceQuota>): Promise<void> {
  const { name, namespace } = quota.metadata
  try {
    await replaceObject(
      quotas,
      { name, ...(namespace !== undefined && { namespace }) },
      {
        ...WRITE,
        part: STATUS,
        make({ object }) {
          const current = object as ResourceQuota
          const status = chargeQuota(request, current) ?? current.status
          // Without a version: whoever was faster has been taken into account.
          return { ...current, metadata: { ...current.metadata, resourceVersion: '' }, status } as KubeObject
        },
      },
    )
  } catch (error) {
    // A quota that is gone bounds nothing.
    if (!isApiError(error, 'NotFound')) throw error
  }
}

/**
 * Charges all quotas that a write is the business of; nothing, at once, where its namespace has none. What is charged for
 * a write that then fails is given back by the quota controller when it next counts.
 */
export function chargeQuotas(quotas: Resource, request: AdmissionRequest, dryRun: boolean): Promise<void> | undefined {
  const { namespace, identity } = request
  if (namespace === undefined || identity === API_SERVER) return undefined
  const all = quotas.cache.list({ namespace }).map(({ object }) => object as Readonly<ResourceQuota>)
  // Every quota is asked before the first is charged.
  const concerned = all.filter((quota) => chargeQuota(request, quota) !== undefined)
  if (concerned.length === 0 || dryRun) return undefined
  return (async () => {
    for (const quota of concerned) await charge(quotas, request, quota)
  })()
}
