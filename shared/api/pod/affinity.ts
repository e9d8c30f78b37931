import { LabelSelector } from '../meta.ts'
import { field, int32, list, object, type Static, text } from '../schema.ts'
import { coreModel } from './core-model.ts'

export const NodeSelectorRequirement = object(
  coreModel('NodeSelectorRequirement'),
  'One condition on a label or field of a node.',
  {
    key: text('Label key, or field.'),
    operator: text('In, NotIn, Exists, DoesNotExist, Gt or Lt.'),
    values: list(text('Value.'), 'Values for In and NotIn; one whole number for Gt and Lt; empty for the others.', {
      type: 'atomic',
    }),
  },
  { required: ['key', 'operator'] },
)
export type NodeSelectorRequirement = Static<typeof NodeSelectorRequirement>

export const NodeSelectorTerm = object(
  coreModel('NodeSelectorTerm'),
  'Conditions on a node that must all hold. A term without conditions matches no node.',
  {
    matchExpressions: list(NodeSelectorRequirement, 'Conditions on labels.', { type: 'atomic' }),
    matchFields: list(NodeSelectorRequirement, 'Conditions on fields: only `metadata.name`.', { type: 'atomic' }),
  },
  { mapType: 'atomic' },
)
export type NodeSelectorTerm = Static<typeof NodeSelectorTerm>

export const NodeSelector = object(
  coreModel('NodeSelector'),
  'A query over nodes: one of its terms must match.',
  { nodeSelectorTerms: list(NodeSelectorTerm, 'The terms; at least one.', { type: 'atomic' }) },
  { required: ['nodeSelectorTerms'], mapType: 'atomic' },
)
export type NodeSelector = Static<typeof NodeSelector>

export const PreferredSchedulingTerm = object(
  coreModel('PreferredSchedulingTerm'),
  'Nodes that are preferred.',
  {
    weight: int32('Weight of the preference, 1 to 100.'),
    preference: field(NodeSelectorTerm, 'The nodes.'),
  },
  { required: ['weight', 'preference'] },
)

export const NodeAffinity = object(coreModel('NodeAffinity'), 'Which nodes a pod may run on.', {
  requiredDuringSchedulingIgnoredDuringExecution: field(
    NodeSelector,
    'Nodes that the pod may be scheduled to. A node that changes later does not lose the pod.',
  ),
  preferredDuringSchedulingIgnoredDuringExecution: list(
    PreferredSchedulingTerm,
    'Nodes that are preferred; the weights of all terms that match are added.',
    { type: 'atomic' },
  ),
})
export type NodeAffinity = Static<typeof NodeAffinity>

export const PodAffinityTerm = object(
  coreModel('PodAffinityTerm'),
  'Pods near which, or far from which, a pod is to run.',
  {
    labelSelector: field(LabelSelector, 'The pods, by label. Default: none.'),
    namespaces: list(text('Name of a namespace.'), 'Namespaces of the pods. Default: the one of the pod itself.', {
      type: 'atomic',
    }),
    topologyKey: text('Label of nodes: nodes with the same value are one place.'),
    namespaceSelector: field(LabelSelector, 'Further namespaces, by label; an empty selector means all.'),
    matchLabelKeys: list(
      text('Label key.'),
      'Labels in which the pods must agree with this pod; added to `labelSelector` at creation.',
      { type: 'atomic' },
    ),
    mismatchLabelKeys: list(
      text('Label key.'),
      'Labels in which the pods must differ from this pod; added to `labelSelector` at creation.',
      { type: 'atomic' },
    ),
  },
  { required: ['topologyKey'] },
)
export type PodAffinityTerm = Static<typeof PodAffinityTerm>

export const WeightedPodAffinityTerm = object(
  coreModel('WeightedPodAffinityTerm'),
  'Pods whose place is preferred, or avoided.',
  {
    weight: int32('Weight of the preference, 1 to 100.'),
    podAffinityTerm: field(PodAffinityTerm, 'The pods.'),
  },
  { required: ['weight', 'podAffinityTerm'] },
)

const podTerms = {
  requiredDuringSchedulingIgnoredDuringExecution: list(PodAffinityTerm, 'Terms that must all hold at scheduling.', {
    type: 'atomic',
  }),
  preferredDuringSchedulingIgnoredDuringExecution: list(
    WeightedPodAffinityTerm,
    'Preferences; the weights of all terms that hold are added.',
    { type: 'atomic' },
  ),
}

export const PodAffinity = object(coreModel('PodAffinity'), 'Pods near which a pod is to run.', podTerms)
export type PodAffinity = Static<typeof PodAffinity>

export const PodAntiAffinity = object(coreModel('PodAntiAffinity'), 'Pods far from which a pod is to run.', podTerms)

export const Affinity = object(coreModel('Affinity'), 'Where a pod may run, and where it should.', {
  nodeAffinity: field(NodeAffinity, 'By labels of nodes.'),
  podAffinity: field(PodAffinity, 'Near other pods.'),
  podAntiAffinity: field(PodAntiAffinity, 'Away from other pods.'),
})
export type Affinity = Static<typeof Affinity>
