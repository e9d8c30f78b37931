/** All there is on a node name. Pods may be known before their node is, and remain when it is gone. */
import { isDeepStrictEqual } from 'node:util'
import type { Node } from '../../shared/api/node/node-model.ts'
import type { Labels } from '../../shared/labels.ts'
import { type Amounts, addAmounts, amountsOf, subtractAmounts } from '../../shared/scheduling/pod-requests.ts'
import type { Load, NodeInfo, PodInfo } from '../framework.ts'

export interface Account extends Omit<NodeInfo, keyof NodePart>, NodePart {
  readonly requested: Map<string, number>
  readonly load: { -readonly [Resource in keyof Load]: Load[Resource] }
  podCount: number
  hostPorts: PodInfo['hostPorts'][number][]
  readonly pods: Set<PodInfo>
}

/** What is known of the node itself. */
interface NodePart {
  node: Node
  labels: Labels
  allocatable: Amounts
  images: ReadonlyMap<string, number>
}

const amountsListed = ({ status }: Node) => status.allocatable ?? status.capacity

const imagesOf = ({ status: { images = [] } }: Node): ReadonlyMap<string, number> =>
  new Map(images.flatMap(({ names = [], sizeBytes = 0 }) => names.map((name): [string, number] => [name, sizeBytes])))

/** What a node says of itself. What has not changed since `known` is taken over: nodes report often, and little new. */
export function nodePartOf(node: Node, known?: NodePart): NodePart {
  const labels = node.metadata.labels ?? {}
  if (known === undefined) return { node, labels, allocatable: amountsOf(amountsListed(node)), images: imagesOf(node) }
  const isSame = (of: (node: Node) => unknown) => isDeepStrictEqual(of(node), of(known.node))
  return {
    node,
    labels: isDeepStrictEqual(labels, known.labels) ? known.labels : labels,
    allocatable: isSame(amountsListed) ? known.allocatable : amountsOf(amountsListed(node)),
    images: isSame(({ status }) => status.images) ? known.images : imagesOf(node),
  }
}

export const createAccount = (name: string, part: NodePart): Account => ({
  name,
  ...part,
  requested: new Map(),
  load: { cpu: 0, memory: 0 },
  podCount: 0,
  hostPorts: [],
  pods: new Set(),
})

export function addPod(account: Account, pod: PodInfo): void {
  account.pods.add(pod)
  account.podCount++
  addAmounts(account.requested, pod.requests)
  account.load.cpu += pod.load.cpu
  account.load.memory += pod.load.memory
  if (pod.hostPorts.length > 0) account.hostPorts.push(...pod.hostPorts)
}

export function subtractPod(account: Account, pod: PodInfo): void {
  account.pods.delete(pod)
  account.podCount--
  subtractAmounts(account.requested, pod.requests)
  account.load.cpu -= pod.load.cpu
  account.load.memory -= pod.load.memory
  if (pod.hostPorts.length > 0) account.hostPorts = account.hostPorts.filter((port) => !pod.hostPorts.includes(port))
}
