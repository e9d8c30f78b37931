import type { Filter } from '../framework.ts'

/** A node has room for so many pods, and for so much of each resource that its pods request. */
export const filterResources: Filter = {
  name: 'NodeResourcesFit',
  reject(pod, node) {
    const reasons: string[] = []
    let resolvable = true
    if (node.podCount + 1 > (node.allocatable.get('pods') ?? 0)) reasons.push('Too many pods')
    for (const [name, wanted] of pod.requests) {
      const allocatable = node.allocatable.get(name) ?? 0
      if (wanted <= 0 || wanted <= allocatable - (node.requested.get(name) ?? 0)) continue
      reasons.push(`Insufficient ${name}`)
      // Not even the empty node would do.
      if (wanted > allocatable) resolvable = false
    }
    return reasons.length === 0 ? undefined : { reasons, resolvable }
  },
}
