/** What a quota's status has to say: the use of everything that it bounds, counted anew. Pure. */
import type { KubeObject } from '../../shared/api/kind.ts'
import type { Pod } from '../../shared/api/pod/pod.ts'
import type { ResourceQuota } from '../../shared/api/resource-quota.ts'
import { compareQuantities } from '../../shared/quantity.ts'
import { type Amounts, add, only } from '../../shared/quota/amounts.ts'
import { isCounted } from '../../shared/quota/pod-usage.ts'
import { counts, type KindName, usageOf } from '../../shared/quota/usage.ts'

/** The objects of one kind in the quota's namespace. */
export interface Counted {
  kind: KindName
  objects: readonly KubeObject[]
}

const sameAmounts = (a: Amounts = {}, b: Amounts = {}): boolean =>
  Object.keys(a).length === Object.keys(b).length &&
  Object.entries(a).every(([name, amount]) => b[name] !== undefined && compareQuantities(amount, b[name]) === 0)

function usesOf({ kind, objects }: Counted, quota: ResourceQuota, nowMs: number): Amounts[] {
  const isPod = kind.group === '' && kind.plural === 'pods'
  return objects
    .filter((object) => counts(quota, kind, object))
    .map((object) => {
      const usage = usageOf(kind, object)
      // A pod that has ended is still an object, but uses nothing.
      return isPod && !isCounted(object as Pod, nowMs) ? only(usage, ['count/pods']) : usage
    })
}

/** The new status, or nothing where the old one is right. */
export function reconcileQuota(
  quota: ResourceQuota,
  counted: readonly Counted[],
  nowMs: number,
): ResourceQuota['status'] | undefined {
  const hard = quota.spec.hard ?? {}
  const names = Object.keys(hard)
  const zero = Object.fromEntries(names.map((name) => [name, '0']))
  const used = only(add(zero, ...counted.flatMap((each) => usesOf(each, quota, nowMs))), names)
  const { status } = quota
  return sameAmounts(status.hard, hard) && sameAmounts(status.used, used) ? undefined : { hard, used }
}
