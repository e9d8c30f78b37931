/**
 * Whether a node takes on a pod that was bound to it: upstream's `predicateAdmitHandler`. A scheduler has looked at most
 * of this before, but not for pods that somebody bound by hand, and of two schedulers neither sees what the other is
 * about to do. Pure.
 */
import type { Node } from '../../shared/api/node/node.ts'
import type { Pod } from '../../shared/api/pod/pod.ts'
import { matchesNodeSelector } from '../../shared/scheduling/node-selector.ts'
import { addAmounts, amountsOf, isSamePort, podHostPorts, podRequests } from '../../shared/scheduling/pod-requests.ts'
import { findUntolerated } from '../../shared/scheduling/tolerations.ts'

/** Why a pod is not taken on: it fails with this reason. */
export interface Rejection {
  reason: string
  message: string
}

interface Shortage {
  resource: string
  requested: number
  used: number
  capacity: number
}

const insufficient = ({ resource, requested, used, capacity }: Shortage): Rejection => ({
  reason: `OutOf${resource}`,
  message: `Node didn't have enough resource: ${resource}, requested: ${requested}, used: ${used}, capacity: ${capacity}`,
})

const failed = (reason: string, what: string): Rejection => ({
  reason,
  message: `Predicate ${reason} failed: ${what}`,
})

/** Resources in the order in which a lack of them is told. */
const ORDER = ['cpu', 'memory', 'ephemeral-storage']
const rank = (name: string) => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length)

function resources(pod: Pod, { status }: Node, others: readonly Pod[]): Rejection | undefined {
  const allocatable = amountsOf(status.allocatable)
  const places = allocatable.get('pods') ?? 0
  if (others.length + 1 > places) {
    return insufficient({ resource: 'pods', requested: 1, used: others.length, capacity: places })
  }
  const used = new Map<string, number>()
  for (const { spec } of others) addAmounts(used, podRequests(spec))
  const shortages = [...podRequests(pod.spec)]
    // What a node does not offer at all is somebody else's to hand out.
    .filter(([resource, requested]) => requested > 0 && allocatable.has(resource))
    .map(([resource, requested]) => ({
      ...{ resource, requested },
      used: used.get(resource) ?? 0,
      capacity: allocatable.get(resource)!,
    }))
    .filter(({ requested, used, capacity }) => requested + used > capacity)
    .sort((a, b) => rank(a.resource) - rank(b.resource))
  return shortages[0] === undefined ? undefined : insufficient(shortages[0])
}

function hostPorts(pod: Pod, others: readonly Pod[]): Rejection | undefined {
  const taken = others.flatMap(({ spec }) => podHostPorts(spec))
  const isTaken = podHostPorts(pod.spec).some((wanted) => taken.some((port) => isSamePort(wanted, port)))
  return isTaken ? failed('NodePorts', "node(s) didn't have free ports for the requested pod ports") : undefined
}

function operatingSystem({ spec }: Pod, { metadata }: Node): Rejection | undefined {
  const ofNode = metadata.labels?.['kubernetes.io/os']
  const { nodeSelector, os } = spec
  const selected = nodeSelector?.['kubernetes.io/os']
  if (selected !== undefined && selected !== ofNode) {
    const message = "Failed to admit pod as the `kubernetes.io/os` label doesn't match node label"
    return { reason: 'PodOSSelectorNodeLabelDoesNotMatch', message }
  }
  // The API knows Linux and Windows only; a kubelet on anything else runs what is written for Linux.
  if (os?.name !== 'windows') return undefined
  return { reason: 'PodOSNotSupported', message: "Failed to admit pod as the OS field doesn't match node OS" }
}

/** Why `node`, on which the pods `others` are active, does not take on a pod; nothing where it does. */
export function rejectionOf(pod: Pod, node: Node, others: readonly Pod[]): Rejection | undefined {
  const { tolerations = [] } = pod.spec
  return (
    operatingSystem(pod, node) ??
    resources(pod, node, others) ??
    (matchesNodeSelector(pod.spec, node)
      ? undefined
      : failed('NodeAffinity', "node(s) didn't match Pod's node affinity/selector")) ??
    hostPorts(pod, others) ??
    (findUntolerated(node.spec.taints ?? [], tolerations, ['NoExecute']) === undefined
      ? undefined
      : failed('TaintToleration', "node(s) had taints that the pod didn't tolerate"))
  )
}
