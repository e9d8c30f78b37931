import t from 'tap'
import {
  type DeploymentAction,
  reconcileDeployment,
  type SetChange,
} from '../../../controller-manager/deployment/reconcile.ts'
import type { Deployment } from '../../../shared/api/deployment.ts'
import type { ReplicaSet } from '../../../shared/api/replica-set.ts'
import { controllerRef } from '../../../shared/controller/controller-refs.ts'
import { at, meta, START_MS } from '../objects.ts'
import { deployment, version } from './simulated-rollout.ts'

const REVISION = 'deployment.kubernetes.io/revision'
const DESIRED = 'deployment.kubernetes.io/desired-replicas'
const MAX = 'deployment.kubernetes.io/max-replicas'

interface SetTraits {
  size: number
  /** Default: all. */
  available?: number
  /** Pods that there are. Default: as many as there should be. */
  pods?: number
  desired?: number
  max?: number
  owner?: Deployment | undefined
  labels?: Record<string, string>
}

const web = deployment()

/** The ReplicaSet of a version, named and numbered after it; by default settled as the Deployment `web` left it. */
function set(
  name: string,
  { size, available = size, pods = size, desired = 3, max = 4, ...traits }: SetTraits,
): ReplicaSet {
  const owner = 'owner' in traits ? traits.owner : web
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: meta(`web-${name}`, {
      generation: 1,
      creationTimestamp: at(Number(name)),
      labels: traits.labels ?? { app: 'web' },
      annotations: { [REVISION]: name, [DESIRED]: String(desired), [MAX]: String(max) },
      ...(owner !== undefined && { ownerReferences: [controllerRef(owner)] }),
    }),
    spec: { replicas: size, selector: {}, template: version(name) },
    status: { replicas: pods, readyReplicas: available, availableReplicas: available, observedGeneration: 1 },
  }
}

function shownChange({ replicas, annotations = {}, minReadySeconds }: SetChange): string {
  const parts = [
    replicas !== undefined && `size ${replicas}`,
    annotations[REVISION] !== undefined && `rev ${annotations[REVISION]}`,
    annotations[DESIRED] !== undefined && `of ${annotations[DESIRED]}`,
    annotations[MAX] !== undefined && `at most ${annotations[MAX]}`,
    minReadySeconds !== undefined && `ready after ${minReadySeconds}`,
  ]
  return parts.filter((part) => part !== false).join(', ')
}

/** An action beside the status, in short. */
function shown(action: DeploymentAction): string {
  switch (action.do) {
    case 'createSet':
      return `create ${action.set.spec.replicas} rev ${action.set.metadata.annotations?.[REVISION]}`
    case 'updateSet':
      return `${action.set.metadata.name}: ${shownChange(action.change)}`
    case 'deleteSet':
      return `delete ${action.set.metadata.name}`
    case 'adoptSets':
      return `adopt ${action.sets.map(({ metadata }) => metadata.name)}`
    case 'releaseSets':
      return `release ${action.sets.map(({ metadata }) => metadata.name)}`
    case 'updateStatus':
      return 'status'
  }
}

type Spec = Partial<Deployment['spec']>
const v2: Spec = { template: version('2') }
const rolling = (maxSurge: number | string, maxUnavailable: number | string): Spec => ({
  ...v2,
  strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable } },
})
const recreate: Spec = { ...v2, strategy: { type: 'Recreate' } }
/** The status of a Deployment whose rollout is over. */
const complete: Partial<Deployment['status']> = {
  observedGeneration: 1,
  replicas: 3,
  updatedReplicas: 3,
  availableReplicas: 3,
}

interface World {
  sets?: ReplicaSet[]
  status?: Deployment['status']
  metadata?: Partial<Deployment['metadata']>
  livingPods?: Record<string, number>
}

const cases: [title: string, spec: Spec, world: World, wanted: string[]][] = [
  ['a new one', {}, {}, ['create 3 rev 1']],
  ['of no replicas', { replicas: 0 }, {}, ['create 0 rev 1']],
  ['settled', {}, { sets: [set('1', { size: 3 })] }, []],
  ['one surges', v2, { sets: [set('1', { size: 3 })] }, ['create 1 rev 2']],
  [
    'nobody goes before the new one is available',
    v2,
    { sets: [set('1', { size: 3 }), set('2', { size: 1, available: 0 })] },
    [],
  ],
  ['then one goes', v2, { sets: [set('1', { size: 3 }), set('2', { size: 1 })] }, ['web-1: size 2']],
  ['one more only when its pod is going', v2, { sets: [set('1', { size: 2, pods: 3 }), set('2', { size: 1 })] }, []],
  ['one more', v2, { sets: [set('1', { size: 2 }), set('2', { size: 1 })] }, ['web-2: size 2']],
  [
    'no surge: the old one goes first',
    rolling(0, 1),
    { sets: [set('1', { size: 3 })] },
    ['web-1: size 2, at most 3', 'create 0 rev 2'],
  ],
  [
    'both zero after rounding: one may be missing',
    rolling('0%', '10%'),
    { sets: [set('1', { size: 3 })] },
    ['web-1: size 2, at most 3', 'create 0 rev 2'],
  ],
  ['all at once', rolling('100%', 0), { sets: [set('1', { size: 3 })] }, ['create 3 rev 2']],
  [
    'unhealthy old ones go first, whatever is available',
    rolling(1, 1),
    { sets: [set('1', { size: 2, available: 0 }), set('3', { size: 2 }), set('2', { size: 0 })] },
    ['web-1: size 0', 'web-2: rev 4'],
  ],
  [
    'a rollback takes the old one again',
    v2,
    { sets: [set('2', { size: 0 }), set('3', { size: 3 })] },
    ['web-2: size 1, rev 4'],
  ],
  ['too large after all', { replicas: 2 }, { sets: [set('1', { size: 3, desired: 2, max: 3 })] }, ['web-1: size 2']],
  ['scaled', { replicas: 5 }, { sets: [set('1', { size: 3 })] }, ['web-1: size 5, of 5, at most 7']],
  [
    'scaled in the middle: by shares, the largest takes the rest',
    { ...v2, replicas: 10 },
    { sets: [set('1', { size: 3 }), set('2', { size: 1 })] },
    ['web-1: size 10, of 10, at most 13', 'web-2: size 3, of 10, at most 13'],
  ],
  [
    'scaled to nothing in the middle',
    { ...v2, replicas: 0 },
    { sets: [set('1', { size: 3 }), set('2', { size: 1 })] },
    ['web-1: size 0, of 0, at most 0', 'web-2: size 0, of 0, at most 0'],
  ],
  ['paused: no new one', { ...v2, paused: true }, { sets: [set('1', { size: 3 })] }, []],
  [
    'paused, and scaled',
    { ...v2, paused: true, replicas: 4 },
    { sets: [set('1', { size: 3 })] },
    ['web-1: size 4, of 4, at most 5'],
  ],
  ['Recreate: the old ones go', recreate, { sets: [set('1', { size: 3 })] }, ['web-1: size 0, at most 3']],
  ['Recreate: waits for them to be gone', recreate, { sets: [set('1', { size: 0, pods: 3 })] }, []],
  [
    'Recreate: waits for those that nobody counts',
    recreate,
    { sets: [set('1', { size: 0 })], livingPods: { 'uid-web-1': 1 } },
    [],
  ],
  ['Recreate: the new ones come', recreate, { sets: [set('1', { size: 0 })] }, ['create 3 rev 2']],
  [
    'history: the oldest beyond the limit',
    { template: version('4'), revisionHistoryLimit: 1 },
    { sets: ['1', '2', '3'].map((name) => set(name, { size: 0 })).concat(set('4', { size: 3 })), status: complete },
    ['delete web-1', 'delete web-2'],
  ],
  [
    'history: not while it is rolling out',
    { template: version('4'), revisionHistoryLimit: 1 },
    {
      sets: ['1', '2', '3'].map((name) => set(name, { size: 0 })).concat(set('4', { size: 3 })),
      status: { ...complete, availableReplicas: 2 },
    },
    [],
  ],
  [
    'history: not one that still has pods',
    { template: version('2'), revisionHistoryLimit: 0 },
    { sets: [set('1', { size: 0, pods: 1 }), set('2', { size: 3 })], status: complete },
    [],
  ],
  ['an orphan is adopted', {}, { sets: [set('1', { size: 3, owner: undefined })] }, ['adopt web-1']],
  [
    'one that no longer matches is let go',
    {},
    { sets: [set('1', { size: 3, labels: { app: 'x' } })] },
    ['release web-1', 'create 3 rev 1'],
  ],
  ['readiness is handed on', { minReadySeconds: 5 }, { sets: [set('1', { size: 3 })] }, ['web-1: ready after 5']],
  ['one that is going does nothing', v2, { sets: [set('1', { size: 3 })], metadata: { deletionTimestamp: at(1) } }, []],
]

t.test('plans', async (t) => {
  for (const [title, spec, { sets = [], status = {}, metadata = {}, livingPods = {} }, wanted] of cases) {
    const { actions } = reconcileDeployment(
      { ...deployment(spec, metadata), status },
      { candidates: sets, livingPods: new Map(Object.entries(livingPods)), nowMs: START_MS + 100_000 },
    )
    t.same(
      actions.map(shown).filter((line) => line !== 'status'),
      wanted,
      title,
    )
  }
})

t.test('annotations of the Deployment are handed on, but for its own', async (t) => {
  const annotations = {
    'kubernetes.io/change-cause': 'why',
    'kubectl.kubernetes.io/last-applied-configuration': '{}',
    [REVISION]: '9',
  }
  const { actions } = reconcileDeployment(deployment({}, { annotations }), {
    candidates: [],
    livingPods: new Map(),
    nowMs: START_MS,
  })
  const created = actions.find((action) => action.do === 'createSet')
  t.same(created?.set.metadata.annotations, {
    'kubernetes.io/change-cause': 'why',
    [REVISION]: '1',
    [DESIRED]: '3',
    [MAX]: '4',
  })
})
