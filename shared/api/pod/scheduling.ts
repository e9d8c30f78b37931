import { LabelSelector } from '../meta.ts'
import { choice, field, int32, int64, list, object, type Static, text } from '../schema.ts'
import { coreModel } from './core-model.ts'

export const Toleration = object(coreModel('Toleration'), 'Lets a pod run on nodes that have a matching taint.', {
  key: text('Key of the taint. Empty, with Exists: every taint.'),
  operator: choice('Equal: the value must be the same; Exists: any value. Default: Equal.', ['Equal', 'Exists']),
  value: text('Value of the taint; empty with Exists.'),
  effect: choice('Effect of the taint. Default: all.', ['NoExecute', 'NoSchedule', 'PreferNoSchedule']),
  tolerationSeconds: int64(
    'For NoExecute: seconds after which the pod is evicted all the same. Default: never; 0 or less: at once.',
  ),
})
export type Toleration = Static<typeof Toleration>

export const TopologySpreadConstraint = object(
  coreModel('TopologySpreadConstraint'),
  'How evenly pods are to be spread over places.',
  {
    maxSkew: int32('By how many pods a place may have more than the emptiest one. At least 1.'),
    topologyKey: text('Label of nodes: nodes with the same value are one place.'),
    whenUnsatisfiable: choice('Whether the constraint must hold, or counts as a preference.', [
      'DoNotSchedule',
      'ScheduleAnyway',
    ]),
    labelSelector: field(LabelSelector, 'The pods that are counted.'),
    minDomains: int32('Number of places below which the emptiest counts as empty. Default: 1. For DoNotSchedule only.'),
    nodeAffinityPolicy: choice('Whether nodes outside affinity and node selector count. Default: Honor, they do not.', [
      'Honor',
      'Ignore',
    ]),
    nodeTaintsPolicy: choice('Whether nodes whose taints are not tolerated count. Default: Ignore, they do.', [
      'Honor',
      'Ignore',
    ]),
    matchLabelKeys: list(text('Label key.'), 'Labels in which counted pods agree with this pod.', { type: 'atomic' }),
  },
  { required: ['maxSkew', 'topologyKey', 'whenUnsatisfiable'] },
)
export type TopologySpreadConstraint = Static<typeof TopologySpreadConstraint>

export const PodSchedulingGate = object(
  coreModel('PodSchedulingGate'),
  'Keeps a pod from being scheduled until it is removed.',
  { name: text('Name of the gate.') },
  { required: ['name'] },
)

export const PodReadinessGate = object(
  coreModel('PodReadinessGate'),
  'A condition that must be True for the pod to be ready.',
  { conditionType: text('Type of the condition.') },
  { required: ['conditionType'] },
)

export const PodSchedulingGroup = object(
  coreModel('PodSchedulingGroup'),
  'The group of pods with which a pod is scheduled.',
  { podGroupName: text('Name of the PodGroup, in the namespace of the pod.') },
)
