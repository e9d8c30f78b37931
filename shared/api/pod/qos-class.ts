import { addQuantities, compareQuantities, isQuantity } from '../../quantity.ts'
import type { Container, PodSpec, PodStatus, ResourceList, ResourceRequirements } from './pod.ts'

/** The resources that decide how a pod is treated when its node runs short. */
const DECISIVE = ['cpu', 'memory'] as const

type Sums = Partial<Record<(typeof DECISIVE)[number], string>>

/** The sum of each decisive resource that some list has more than nothing of. Called before validation: what is no quantity is left out. */
function sumOf(lists: readonly (ResourceList | undefined)[]): Sums {
  const sums: Sums = {}
  for (const name of DECISIVE) {
    const amounts = lists.map((list) => list?.[name]).filter((amount) => amount !== undefined && isQuantity(amount))
    const positive = (amounts as string[]).filter((amount) => compareQuantities(amount, '0') > 0)
    if (positive.length > 0) sums[name] = addQuantities(...positive)
  }
  return sums
}

const isFull = (sums: Sums) => DECISIVE.every((name) => sums[name] !== undefined)

const isEqual = (a: Sums, b: Sums) =>
  DECISIVE.every((name) =>
    a[name] === undefined || b[name] === undefined ? a[name] === b[name] : compareQuantities(a[name], b[name]) === 0,
  )

const resourcesOf = ({ resources = {} }: Container): ResourceRequirements => resources

/**
 * The class of a pod: Guaranteed where every container has limits for CPU and memory that equal its requests,
 * BestEffort where none asks for anything, otherwise Burstable. Resources of the pod as a whole stand for its containers'.
 */
export function qosClassOf({ containers = [], initContainers = [], resources }: PodSpec): PodStatus['qosClass'] {
  const all = resources === undefined ? [...containers, ...initContainers].map(resourcesOf) : [resources]
  const requests = sumOf(all.map((each) => each.requests))
  const limits = sumOf(all.map((each) => each.limits))
  if (Object.keys(requests).length === 0 && Object.keys(limits).length === 0) return 'BestEffort'
  const areLimited = all.every((each) => isFull(sumOf([each.limits])))
  return areLimited && isEqual(requests, limits) ? 'Guaranteed' : 'Burstable'
}
