/** Taints keep pods off a node, tolerations let them on. Pure. */
import type { Taint } from '../api/node/node-spec.ts'
import type { Toleration } from '../api/pod/scheduling.ts'

/** Whether one toleration covers a taint. An empty key (with Exists) covers all keys, an empty effect all effects. */
export function toleratesTaint(toleration: Toleration, taint: Taint): boolean {
  const { key = '', operator = 'Equal', value = '', effect } = toleration
  if (effect !== undefined && (effect as string) !== '' && effect !== taint.effect) return false
  if (key !== '' && key !== taint.key) return false
  // The API may hold an empty operator, which means Equal as well.
  return operator === 'Exists' || (key !== '' && value === (taint.value ?? ''))
}

export const isTolerated = (taint: Taint, tolerations: readonly Toleration[]): boolean =>
  tolerations.some((toleration) => toleratesTaint(toleration, taint))

/** The first taint with one of the effects that no toleration covers. */
export const findUntolerated = (
  taints: readonly Taint[],
  tolerations: readonly Toleration[],
  effects: readonly string[],
): Taint | undefined => taints.find((taint) => effects.includes(taint.effect) && !isTolerated(taint, tolerations))
