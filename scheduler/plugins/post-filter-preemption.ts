import type { PostFilter } from '../framework.ts'
import { summary } from '../messages.ts'

const NOT_HELPFUL = 'Preemption is not helpful for scheduling'
const NO_VICTIMS = 'No preemption victims found for incoming pod'

/**
 * Where pods of lower priority would be pushed out for the one that fits nowhere. None ever is, so the answer is the one
 * for a cluster without any that could be.
 */
export const postFilterPreemption: PostFilter = {
  name: 'DefaultPreemption',
  explain({ pod }, nodeCount, rejections) {
    if (pod.spec.preemptionPolicy === 'Never') return 'preemption: not eligible due to preemptionPolicy=Never.'
    const resolvable = rejections.filter(({ rejection }) => rejection.resolvable).length
    const counts = new Map([
      [NOT_HELPFUL, nodeCount - resolvable],
      [NO_VICTIMS, resolvable],
    ])
    return `preemption: ${summary(nodeCount, counts)}`
  },
}
