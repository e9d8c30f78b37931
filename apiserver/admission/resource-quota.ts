/** What a quota says to one more object. Pure: whoever asks writes the quota's new state. */
import type { KubeObject } from '../../shared/api/kind.ts'
import type { Pod } from '../../shared/api/pod/pod.ts'
import type { ResourceQuota } from '../../shared/api/resource-quota.ts'
import { type Amounts, add, exceeding, isPositive, only, shown, subtract } from '../../shared/quota/amounts.ts'
import { missingDemands } from '../../shared/quota/pod-usage.ts'
import { counts, usageOf } from '../../shared/quota/usage.ts'
import { type AdmissionRequest, refuse } from './admission.ts'

/** What a write adds to the use of a namespace's resources: of what becomes less, the controller takes note. */
function added({ kind, object, old }: AdmissionRequest): Amounts {
  const next = usageOf(kind, object!)
  const more = old === undefined ? next : subtract(next, usageOf(kind, old))
  return Object.fromEntries(Object.entries(more).filter(([, amount]) => isPositive(amount)))
}

/** What a quota's status has to say after a write; undefined where the write is none of its business. Throws Forbidden. */
export function chargeQuota(
  request: AdmissionRequest,
  quota: Readonly<ResourceQuota>,
): ResourceQuota['status'] | undefined {
  const { kind, object } = request
  const { hard = {}, used = {} } = quota.status
  const bounded = Object.keys(hard)
  if (bounded.length === 0 || !counts(quota, kind, object as KubeObject)) return undefined
  const { name } = quota.metadata
  if (kind.group === '' && kind.kind === 'Pod') {
    const missing = missingDemands(object as Pod, bounded)
    if (missing !== undefined) throw refuse(request, `failed quota: ${name}: ${missing}`)
  }
  const requested = only(added(request), bounded)
  const names = Object.keys(requested)
  if (names.length === 0) return undefined
  const unknown = names.filter((each) => used[each] === undefined).sort()
  if (unknown.length > 0) throw refuse(request, `status unknown for quota: ${name}, resources: ${unknown.join(',')}`)
  const next = add(used, requested)
  const over = exceeding(only(next, names), hard)
  if (over.length > 0) {
    const [asked, before, limited] = [requested, used, hard].map((amounts) => shown(only(amounts, over)))
    throw refuse(request, `exceeded quota: ${name}, requested: ${asked}, used: ${before}, limited: ${limited}`)
  }
  return { hard, used: next }
}
