import { coreModel } from '../pod/core-model.ts'
import { boolean, field, list, object, type Static, text, time } from '../schema.ts'

export const Taint = object(
  coreModel('Taint'),
  'Keeps pods off a node unless they tolerate it.',
  {
    key: text('Key of the taint: a qualified name.'),
    value: text('Value of the taint: a label value, or empty.'),
    effect: text('NoSchedule, PreferNoSchedule, or NoExecute, which evicts running pods as well.'),
    timeAdded: time('When the taint was added; eviction counts from it.'),
  },
  { required: ['key', 'effect'] },
)
export type Taint = Static<typeof Taint>

const ConfigMapNodeConfigSource = object(
  coreModel('ConfigMapNodeConfigSource'),
  'A ConfigMap that holds a kubelet’s configuration. No longer supported.',
  {
    namespace: text('Namespace of the ConfigMap.'),
    name: text('Name of the ConfigMap.'),
    uid: text('UID of the ConfigMap; in status only.'),
    resourceVersion: text('Version of the ConfigMap; in status only.'),
    kubeletConfigKey: text('Entry of the ConfigMap that holds the configuration.'),
  },
  { required: ['namespace', 'name', 'kubeletConfigKey'] },
)

export const NodeConfigSource = object(
  coreModel('NodeConfigSource'),
  'Where a kubelet’s configuration comes from. No longer supported.',
  { configMap: field(ConfigMapNodeConfigSource, 'The ConfigMap that holds it.') },
)

export const NodeSpec = object(coreModel('NodeSpec'), 'What a node should be.', {
  podCIDR: text('Address range of the node’s pods: the first of `podCIDRs`.'),
  podCIDRs: list(
    text('Address range.'),
    'Address ranges of the node’s pods, at most one per IP family. Once set, they stay.',
    {
      type: 'set',
      patch: 'merge',
    },
  ),
  providerID: text('The machine’s name at its cloud provider, such as `aws:///eu-west-1a/i-0123`. Once set, it stays.'),
  unschedulable: boolean('Whether the scheduler leaves the node out: what `kubectl cordon` sets. Default: false.'),
  taints: list(Taint, 'What keeps pods off the node.', { type: 'atomic' }),
  configSource: field(NodeConfigSource, 'No longer supported.'),
  externalID: text('No longer used.'),
})
export type NodeSpec = Static<typeof NodeSpec>
