/** The pods of a DaemonSet. Pure. */
import type { DaemonSet } from '../../shared/api/daemon-set.ts'
import type { Draft } from '../../shared/api/kind.ts'
import type { Pod, Toleration } from '../../shared/api/pod/pod.ts'
import { controllerRef } from '../../shared/controller/controller-refs.ts'

/** Says on a pod, and on a ControllerRevision, which version of the template it is of. */
export const HASH_LABEL = 'controller-revision-hash'
const GENERATION_LABEL = 'pod-template-generation'
const GENERATION_ANNOTATION = 'deprecated.daemonset.template.generation'

const exists = (key: string, effect: 'NoExecute' | 'NoSchedule'): Toleration => ({
  key: `node.kubernetes.io/${key}`,
  operator: 'Exists',
  effect,
})

/** A daemon belongs to its node: it stays with it in trouble, and starts on it whatever state it is in. */
const AUTOMATIC: readonly Toleration[] = [
  exists('not-ready', 'NoExecute'),
  exists('unreachable', 'NoExecute'),
  exists('disk-pressure', 'NoSchedule'),
  exists('memory-pressure', 'NoSchedule'),
  exists('pid-pressure', 'NoSchedule'),
  exists('unschedulable', 'NoSchedule'),
]
/** Whoever uses the node's own network does not wait for that of the pods. */
const HOST_NETWORK = exists('network-unavailable', 'NoSchedule')

const isSame = (a: Toleration, b: Toleration) =>
  a.key === b.key && a.effect === b.effect && a.operator === b.operator && (a.value ?? '') === (b.value ?? '')

/** What the pods of a DaemonSet tolerate: what its template says, and what every daemon does. */
export function tolerationsOf({ tolerations = [], hostNetwork }: Pod['spec']): Toleration[] {
  const automatic = hostNetwork === true ? [...AUTOMATIC, HOST_NETWORK] : AUTOMATIC
  const own = tolerations.filter((toleration) => !automatic.some((other) => isSame(other, toleration)))
  return [...own, ...automatic]
}

/** The affinity that leads a pod to one node; the controller has checked what the template requires of nodes. */
function affinityTo(nodeName: string, affinity: Pod['spec']['affinity']): Pod['spec']['affinity'] {
  const requirement = { key: 'metadata.name', operator: 'In' as const, values: [nodeName] }
  return {
    ...affinity,
    nodeAffinity: {
      ...affinity?.nodeAffinity,
      requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchFields: [requirement] }] },
    },
  }
}

/** A new pod for a node, as the DaemonSet's template says; the server completes its name, the scheduler binds it. */
export function podForNode(daemonSet: DaemonSet, nodeName: string, hash: string): Draft<Pod> {
  const { metadata, spec } = daemonSet
  const { labels, annotations, finalizers } = spec.template.metadata
  const generation = metadata.annotations?.[GENERATION_ANNOTATION]
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      generateName: `${metadata.name}-`,
      ...(metadata.namespace !== undefined && { namespace: metadata.namespace }),
      labels: { ...labels, [HASH_LABEL]: hash, ...(generation !== undefined && { [GENERATION_LABEL]: generation }) },
      ...(annotations !== undefined && { annotations }),
      ...(finalizers !== undefined && { finalizers }),
      ownerReferences: [controllerRef(daemonSet)],
    },
    spec: {
      ...spec.template.spec,
      affinity: affinityTo(nodeName, spec.template.spec.affinity),
      tolerations: tolerationsOf(spec.template.spec),
    },
    status: {},
  }
}

/** The node that a daemon's pod is on or was made for; undefined for a pod that was made for none. */
export function targetNodeOf({ spec }: Pod): string | undefined {
  if ((spec.nodeName ?? '') !== '') return spec.nodeName
  const terms = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? []
  for (const { matchFields = [] } of terms) {
    const named = matchFields.find(({ key, operator }) => key === 'metadata.name' && operator === 'In')
    if (named?.values?.length === 1) return named.values[0]
  }
  return undefined
}
