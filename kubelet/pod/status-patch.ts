/** The strategic merge patch that brings the API's status to the computed one, or nothing where it is there. Pure. */
import { isDeepStrictEqual } from 'node:util'
import type { Pod, PodCondition, PodStatus } from '../../shared/api/pod/pod.ts'

/** Lists that strategic merge would add to, but that the kubelet owns as a whole. */
const REPLACED_LISTS = ['podIPs', 'hostIPs'] as const

function conditionPatches(stored: readonly PodCondition[], wanted: readonly PodCondition[]): unknown[] {
  return wanted.flatMap((condition) => {
    const { type, status, reason, message } = condition
    const old = stored.find((candidate) => candidate.type === type)
    if (old?.status === status && old.reason === reason && old.message === message) return []
    // A merge keeps what it does not name: a reason that no longer holds has to be taken away.
    const gone = (['reason', 'message'] as const).filter(
      (name) => old?.[name] !== undefined && condition[name] === undefined,
    )
    return [{ ...condition, ...Object.fromEntries(gone.map((name) => [name, null])) }]
  })
}

/**
 * The body of a patch of `/status`. It names the pod's UID, so that it never lands on another pod of the same name, and
 * the conditions that differ, so that those of others stay.
 */
export function statusPatch(pod: Pod, wanted: PodStatus): Record<string, unknown> | undefined {
  const stored: Partial<PodStatus> = pod.status ?? {}
  const changed: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(wanted)) {
    if (name !== 'conditions' && !isDeepStrictEqual(stored[name as keyof PodStatus], value)) changed[name] = value
  }
  for (const name of ['reason', 'message'] as const) {
    if (stored[name] !== undefined && wanted[name] === undefined) changed[name] = null
  }
  for (const name of REPLACED_LISTS) {
    const { [name]: old = [] } = stored
    if (changed[name] !== undefined && old.length > 0) {
      changed[name] = [...(changed[name] as unknown[]), { $patch: 'replace' }]
    }
  }
  const conditions = conditionPatches(stored.conditions ?? [], wanted.conditions ?? [])
  if (conditions.length > 0) changed.conditions = conditions
  if (Object.keys(changed).length === 0) return undefined
  return { metadata: { uid: pod.metadata.uid }, status: changed }
}
