/** All there is on a node name. Pods may be known before their node is, and remain when it is gone. */
import { isDeepStrictEqual } from 'node:util'
import type { Node } from '../../shared/api/node/node-model.ts'
import type { Labels } from '../../shared/labels.ts'
import { type Amounts, addAmounts, amountsOf, subtractAmounts } from '../../shared/scheduling/pod-requests.ts'
import type { Load, NodeInfo, PodInfo } from '../framework.ts'

export interface Account extends Omit<NodeInfo, keyof NodePart>, NodePart {
  readonly requested: Map<string, number>
  readonly taken: MutableLoad
  readonly load: MutableLoad
  podCount: number
  hostPorts: PodInfo['hostPorts'][number][]
  readonly pods: Set<PodInfo>
}

type MutableLoad = { -readonly [Resource in keyof Load]: Load[Resource] }

/** What is known of the node itself. */
interface NodePart {
  node: Node
  labels: Labels
  taints: NodeInfo['taints']
  isUnschedulable: boolean
  allocatable: Amounts
  capacity: Load
  images: ReadonlyMap<string, number>
}

const amountsListed = ({ status }: Node) => status.allocatable ?? status.capacity

const imagesOf = ({ status: { images = [] } }: Node): ReadonlyMap<string, number> =>
  new Map(images.flatMap(({ names = [], sizeBytes = 0 }) => names.map((name): [string, number] => [name, sizeBytes])))

/** What a node says of itself. What has not changed since `known` is taken over: nodes report often, and little new. */
export function nodePartOf(node: Node, known?: NodePart): NodePart {
  const labels = node.metadata.labels ?? {}
  const isSame = (of: (node: Node) => unknown) => known !== undefined && isDeepStrictEqual(of(node), of(known.node))
  const allocatable = isSame(amountsListed) ? known!.allocatable : amountsOf(amountsListed(node))
  return {
    node,
    labels: isSame(({ metadata }) => metadata.labels) ? known!.labels : labels,
    taints: isSame(({ spec }) => spec.taints) ? known!.taints : (node.spec.taints ?? []),
    isUnschedulable: node.spec.unschedulable === true,
    allocatable,
    capacity: { cpu: allocatable.get('cpu') ?? 0, memory: allocatable.get('memory') ?? 0 },
    images: isSame(({ status }) => status.images) ? known!.images : imagesOf(node),
  }
}

export const createAccount = (name: string, part: NodePart): Account => ({
  name,
  ...part,
  requested: new Map(),
  taken: { cpu: 0, memory: 0 },
  load: { cpu: 0, memory: 0 },
  podCount: 0,
  hostPorts: [],
  pods: new Set(),
})

function addLoad(sum: MutableLoad, { cpu, memory }: Load, sign: 1 | -1): void {
  sum.cpu += sign * cpu
  sum.memory += sign * memory
}

export function addPod(account: Account, pod: PodInfo): void {
  account.pods.add(pod)
  account.podCount++
  addAmounts(account.requested, pod.requests)
  addLoad(account.taken, pod.share, 1)
  addLoad(account.load, pod.load, 1)
  if (pod.hostPorts.length > 0) account.hostPorts.push(...pod.hostPorts)
}

export function subtractPod(account: Account, pod: PodInfo): void {
  account.pods.delete(pod)
  account.podCount--
  subtractAmounts(account.requested, pod.requests)
  addLoad(account.taken, pod.share, -1)
  addLoad(account.load, pod.load, -1)
  if (pod.hostPorts.length > 0) account.hostPorts = account.hostPorts.filter((port) => !pod.hostPorts.includes(port))
}
