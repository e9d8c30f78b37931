import t from 'tap'
import { decide } from '../../scheduler/cycle.ts'
import type { NodeChange } from '../../scheduler/framework.ts'
import { type ClusterEvent, canHelp, rejectorsOf } from '../../scheduler/hints.ts'
import type { ClusterState } from '../../scheduler/state/cluster-state.ts'
import { cluster, makeNode, type NodeDraft, type PodDraft, podInfo } from './objects.ts'

type Nodes = Parameters<typeof cluster>[0]

/** Changes the cluster as the event tells, and returns the event. */
type Happening = (state: ClusterState) => ClusterEvent

const node =
  (draft: NodeDraft, ...changes: NodeChange[]): Happening =>
  (state) => {
    const name = draft.name ?? 'node-1'
    state.setNode(makeNode({ ...draft, name }))
    return { what: 'node', node: state.node(name)!, changes }
  }
const gone =
  (name: string): Happening =>
  (state) => {
    const { info, nodeName } = state.find(`uid-${name}`)!
    state.remove(info.uid)
    return { what: 'gone', pod: info, node: state.node(nodeName)! }
  }
const placed =
  (draft: PodDraft, nodeName: string): Happening =>
  (state) => {
    const info = podInfo({ name: 'placed', ...draft })
    state.place(info, nodeName)
    return { what: 'placed', pod: info }
  }

const web = { labels: { app: 'web' } }
const term = { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app: 'web' } } }
const near: PodDraft = { affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } } }
const away: PodDraft = { affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } } }
const spread: PodDraft = {
  ...web,
  topologySpreadConstraints: [{ ...term, maxSkew: 1, whenUnsatisfiable: 'DoNotSchedule', topologyKey: 'zone' }],
}
const taints = [{ key: 'k', effect: 'NoSchedule' }]
const full = { pods: [{ name: 'a', requests: { cpu: '3' } }, { name: 'b' }] }
const big: PodDraft = { requests: { cpu: '2' } }

t.test('an event wakes the pods that it can help', async (t) => {
  const rows: [title: string, pod: PodDraft, nodes: Nodes, happening: Happening, helps: boolean][] = [
    ['the first node', {}, [], node({}, 'added'), true],
    ['a node that will do', big, [full], node({ name: 'node-2' }, 'added'), true],
    ['a node that will not', big, [full], node({ name: 'node-2', allocatable: { cpu: '1' } }, 'added'), false],
    ['room', big, [full], gone('a'), true],
    ['too little room', big, [full], gone('b'), false],
    ['more of a node', big, [full], node({ allocatable: { cpu: '8' } }, 'allocatable'), true],
    ['what has nothing to do with it', big, [full], node({ labels: { x: 'y' } }, 'labels'), false],
    ['a taint that goes', {}, [{ taints }], node({}, 'taints'), true],
    ['room on a tainted node', {}, [{ taints, pods: [{ name: 'a' }] }], gone('a'), false],
    ['an uncordoned node', {}, [{ unschedulable: true }], node({}, 'unschedulable'), true],
    ['a label that is selected', { nodeSelector: { a: 'b' } }, [{}], node({ labels: { a: 'b' } }, 'labels'), true],
    ['another label', { nodeSelector: { a: 'b' } }, [{}], node({ labels: { a: 'c' } }, 'labels'), false],
    ['a port', { hostPorts: [80] }, [{ pods: [{ name: 'a', hostPorts: [80] }] }], gone('a'), true],
    [
      'another port',
      { hostPorts: [80] },
      [{ pods: [{ hostPorts: [80] }, { name: 'a', hostPorts: [81] }] }],
      gone('a'),
      false,
    ],
    ['a pod to be near to', near, [{}], placed(web, 'node-1'), true],
    ['another pod', near, [{}], placed({}, 'node-1'), false],
    ['a pod to be away from is gone', away, [{ pods: [{ name: 'a', ...web }] }], gone('a'), true],
    ['another is', away, [{ pods: [web, { name: 'a' }] }], gone('a'), false],
    ['a pod that keeps away is gone', web, [{ pods: [{ name: 'a', ...away }] }], gone('a'), true],
    [
      'one more in the emptiest place',
      { ...spread, nodeSelector: { zone: 'a' } },
      [{ labels: { zone: 'a' }, pods: [web] }, { labels: { zone: 'b' } }],
      placed(web, 'node-2'),
      true,
    ],
    ['a namespace with other labels', near, [{}], () => ({ what: 'namespace' }), true],
    ['which means nothing to other pods', big, [full], () => ({ what: 'namespace' }), false],
  ]
  for (const [title, draft, nodes, happening, helps] of rows) {
    const state = cluster(nodes)
    const pod = podInfo({
      ...draft,
      // Only the nodes of zone a are possible, but those of b count.
      ...(draft.topologySpreadConstraints && {
        topologySpreadConstraints: draft.topologySpreadConstraints.map((each) => ({
          ...each,
          nodeAffinityPolicy: 'Ignore' as const,
        })),
      }),
    })
    const decision = decide(pod, state)
    t.equal(decision.nodeName, undefined, `${title}: at first it fits nowhere`)
    const event = happening(state)
    t.equal(canHelp(pod, rejectorsOf(decision), { event, cluster: state }), helps, title)
  }
})
