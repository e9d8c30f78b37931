import t from 'tap'
import { filterPodAffinity } from '../../../scheduler/plugins/filter-pod-affinity.ts'
import { scorePodAffinity } from '../../../scheduler/plugins/score-pod-affinity.ts'
import { cluster, nodesByName, type PodDraft, podInfo } from '../objects.ts'

type Nodes = Parameters<typeof cluster>[0]

const ZONE = 'topology.kubernetes.io/zone'
const NAMESPACES = { default: {}, other: { team: 'blue' }, third: { team: 'red' } }

/** Pods labelled `app=NAME`, in the pod's own namespace unless `more` says otherwise. */
const term = (app: string, topologyKey = 'kubernetes.io/hostname', more: object = {}) => ({
  topologyKey,
  labelSelector: { matchLabels: { app } },
  ...more,
})
type Term = ReturnType<typeof term>
const near = (...terms: Term[]): PodDraft => ({
  affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms } },
})
const away = (...terms: Term[]): PodDraft => ({
  affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms } },
})
const app = (name: string, more: PodDraft = {}): PodDraft => ({ labels: { app: name }, ...more })
const zone = (name: string) => ({ labels: { [ZONE]: name } })

const NOT_NEAR = "node(s) didn't match pod affinity rules"
const NOT_AWAY = "node(s) didn't match pod anti-affinity rules"
const NOT_LIKED = "node(s) didn't satisfy existing pods anti-affinity rules"

/** What each node says: its reason, or nothing where it will do. */
function judge(pod: PodDraft, nodes: Nodes): (string | undefined)[] {
  const state = cluster(nodes, NAMESPACES)
  const filter = filterPodAffinity.prepare(podInfo(pod), state)
  return nodesByName(state).map((node) => filter?.(node)?.reasons[0])
}

t.test('required affinity', async (t) => {
  const rows: [title: string, pod: PodDraft, nodes: Nodes, wanted: (string | undefined)[]][] = [
    ['where the pod is', near(term('db')), [{ pods: [app('db')] }, {}], [undefined, NOT_NEAR]],
    [
      'in the zone of the pod',
      near(term('db', ZONE)),
      [{ ...zone('a'), pods: [app('db')] }, zone('a'), zone('b')],
      [undefined, undefined, NOT_NEAR],
    ],
    ['nodes without the label', near(term('db', ZONE)), [{ pods: [app('db')] }], [NOT_NEAR]],
    ['a pod of another namespace', near(term('db')), [{ pods: [app('db', { namespace: 'other' })] }], [NOT_NEAR]],
    [
      'a named namespace',
      near(term('db', undefined, { namespaces: ['other'] })),
      [{ pods: [app('db', { namespace: 'other' })] }, { pods: [app('db')] }],
      [undefined, NOT_NEAR],
    ],
    [
      'namespaces by label',
      near(term('db', undefined, { namespaceSelector: { matchLabels: { team: 'blue' } } })),
      [{ pods: [app('db', { namespace: 'other' })] }, { pods: [app('db', { namespace: 'third' })] }],
      [undefined, NOT_NEAR],
    ],
    [
      'all namespaces',
      near(term('db', undefined, { namespaceSelector: {} })),
      [{ pods: [app('db', { namespace: 'third' })] }, { pods: [app('db')] }, {}],
      [undefined, undefined, NOT_NEAR],
    ],
    [
      'two terms want one pod that both mean',
      near(term('db'), { ...term('db'), labelSelector: { matchLabels: { tier: '1' } } as never }),
      [{ pods: [app('db'), { labels: { tier: '1' } }] }, { pods: [{ labels: { app: 'db', tier: '1' } }] }],
      [NOT_NEAR, undefined],
    ],
    ['nobody there', near(term('db')), [{}, {}], [NOT_NEAR, NOT_NEAR]],
    ['the first of a group', { ...app('db'), ...near(term('db')) }, [{}, {}], [undefined, undefined]],
    [
      'the first where the label is missing',
      { ...app('db'), ...near(term('db', ZONE)) },
      [zone('a'), {}],
      [undefined, NOT_NEAR],
    ],
    [
      'the second of a group',
      { ...app('db'), ...near(term('db')) },
      [{ pods: [app('db')] }, {}],
      [undefined, NOT_NEAR],
    ],
  ]
  for (const [title, pod, nodes, wanted] of rows) t.strictSame(judge(pod, nodes), wanted, title)
})

t.test('required anti-affinity, of both sides', async (t) => {
  const loner = { ...app('web'), ...away(term('web', ZONE)) }
  const rows: [title: string, pod: PodDraft, nodes: Nodes, wanted: (string | undefined)[]][] = [
    ['away from the node', away(term('web')), [{ pods: [app('web')] }, {}], [NOT_AWAY, undefined]],
    [
      'away from the zone',
      away(term('web', ZONE)),
      [{ ...zone('a'), pods: [app('web')] }, zone('a'), zone('b'), {}],
      [NOT_AWAY, NOT_AWAY, undefined, undefined],
    ],
    [
      'those that are there keep others away',
      app('web'),
      [{ ...zone('a'), pods: [loner] }, zone('a'), zone('b')],
      [NOT_LIKED, NOT_LIKED, undefined],
    ],
    ['but not pods they do not mean', app('db'), [{ ...zone('a'), pods: [loner] }], [undefined]],
    [
      'nor those of other namespaces',
      app('web', { namespace: 'other' }),
      [{ ...zone('a'), pods: [loner] }],
      [undefined],
    ],
    [
      'unless they say so',
      app('web', { namespace: 'other' }),
      [{ pods: [away(term('web', undefined, { namespaceSelector: { matchLabels: { team: 'blue' } } }))] }],
      [NOT_LIKED],
    ],
    [
      'affinity is told before anti-affinity',
      { affinity: { ...near(term('db')).affinity, ...away(term('web')).affinity } },
      [{ pods: [app('web')] }],
      [NOT_NEAR],
    ],
  ]
  for (const [title, pod, nodes, wanted] of rows) t.strictSame(judge(pod, nodes), wanted, title)
})

t.test('it does not concern pods that nobody says anything of', async (t) => {
  t.equal(filterPodAffinity.prepare(podInfo(app('x')), cluster([{ pods: [app('web')] }])), undefined)
})

t.test('preferences of the pod, and of those that are there', async (t) => {
  const prefer = (side: 'podAffinity' | 'podAntiAffinity', weight: number, podAffinityTerm: Term): PodDraft => ({
    affinity: { [side]: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight, podAffinityTerm }] } },
  })
  const likes = (name: string, weight = 10) => prefer('podAffinity', weight, term(name))
  const dislikes = (name: string, weight = 10) => prefer('podAntiAffinity', weight, term(name))
  const rows: [title: string, pod: PodDraft, nodes: Nodes, wanted: number[] | undefined][] = [
    ['more pods count more', likes('db'), [{ pods: [app('db'), app('db')] }, { pods: [app('db')] }, {}], [100, 50, 0]],
    ['away from pods', dislikes('db'), [{ pods: [app('db')] }, {}], [0, 100]],
    ['what those there like', app('web'), [{ pods: [likes('web')] }, {}], [100, 0]],
    [
      'what those there dislike',
      app('web'),
      [{ pods: [dislikes('web', 5)] }, { pods: [dislikes('web', 1)] }],
      [0, 100],
    ],
    [
      'what those there require counts one',
      app('web'),
      [{ pods: [near(term('web'))] }, { pods: [likes('web', 2)] }],
      [0, 100],
    ],
    [
      'in the zone',
      prefer('podAffinity', 1, term('db', ZONE)),
      [{ ...zone('a'), pods: [app('db')] }, zone('a'), zone('b')],
      [100, 100, 0],
    ],
    ['nobody is meant', likes('db'), [{}, {}], undefined],
    ['everywhere the same', likes('db'), [{ pods: [app('db')] }, { pods: [app('db')] }], [0, 0]],
  ]
  for (const [title, pod, nodes, wanted] of rows) {
    const state = cluster(nodes, NAMESPACES)
    t.strictSame(scorePodAffinity.score(podInfo(pod), nodesByName(state), state), wanted, title)
  }
})
