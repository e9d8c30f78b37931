import fc from 'fast-check'
import t from 'tap'
import { hasEnded } from '../../../kubelet/pod/ending.ts'
import { planPod } from '../../../kubelet/pod/plan.ts'
import type { PodAction } from '../../../kubelet/pod/plan-step.ts'
import { podStatus } from '../../../kubelet/pod/status.ts'
import { type ContainerRun, isTerminalPhase, type PodWorld } from '../../../kubelet/pod/world.ts'
import type { Container } from '../../../shared/api/pod/pod.ts'
import { container, pod, probe, run, SECOND, world } from './worlds.ts'

const MAIN = ['a', 'b']
const INIT = ['i', 'j', 'side']

/** More rounds than any pod of the test needs. */
const ROUNDS_MAX = 50

/** What the plan's actions make of a world, with a runtime in which stops end at once and starts succeed. */
function apply(before: PodWorld, action: PodAction): PodWorld {
  switch (action.do) {
    case 'ensureSandbox':
      return { ...before, sandbox: { podUid: 'u', ip: '127.1.1.2' } }
    case 'prepareVolumes':
      return { ...before, volumes: { isReady: true, isPresent: true } }
    case 'tearDownVolumes':
      return { ...before, volumes: { isReady: false, isPresent: false } }
    case 'startContainer': {
      const { name, attempt, backOff } = action
      const started = { ...run(name, attempt), startedAtMs: before.nowMs, annotations: {} }
      const backOffs = new Map(before.backOffs)
      if (backOff !== undefined) backOffs.set(name, backOff)
      return { ...before, runs: [...before.runs, started], backOffs }
    }
    case 'beginStop': {
      const { id, why, graceMs } = action
      const stop = { why, graceEndsMs: before.nowMs + graceMs, isInHook: false }
      return { ...before, stops: new Map(before.stops).set(id, stop) }
    }
    case 'shortenGrace': {
      const { id, graceMs } = action
      const stop = { ...before.stops.get(id)!, graceEndsMs: before.nowMs + graceMs }
      return { ...before, stops: new Map(before.stops).set(id, stop) }
    }
    case 'terminate': {
      const end = (one: ContainerRun): ContainerRun =>
        one.id === action.id ? { ...one, state: 'exited', exitCode: 143, finishedAtMs: before.nowMs } : one
      return { ...before, runs: before.runs.map(end) }
    }
    case 'removeContainer':
      return { ...before, runs: before.runs.filter(({ id }) => id !== action.id) }
    case 'announceBackOff':
    case 'announceDeadline':
      return { ...before, announced: new Set([...before.announced, action.key]) }
    case 'finishPod':
      return before
  }
}

const anyContainer = (name: string): fc.Arbitrary<Container> =>
  fc.record({ live: fc.boolean(), starts: fc.boolean() }).map(({ live, starts }) =>
    container(name, {
      ...(live && { livenessProbe: probe }),
      ...(starts && { startupProbe: probe }),
      ...(name === 'side' && { restartPolicy: 'Always' }),
    }),
  )

const anyRuns = (name: string): fc.Arbitrary<ContainerRun[]> =>
  fc
    .record({
      ended: fc.array(fc.constantFrom(0, 1, 137), { maxLength: 4 }),
      runs: fc.boolean(),
      ageMs: fc.integer({ min: 0, max: 700 * SECOND }),
      annotations: fc.constantFrom<Record<string, string>>({}, { generation: 'before' }),
    })
    .map(({ ended, runs, ageMs, annotations }) => [
      ...ended.map((exitCode, attempt) => run(name, attempt, { exitCode, ageMs, annotations })),
      ...(runs ? [run(name, ended.length, { ageMs, annotations: {} })] : []),
    ])

const anyWorld = fc
  .record({
    containers: fc.tuple(...MAIN.map(anyContainer)),
    initContainers: fc.tuple(...INIT.map(anyContainer)).chain((all) => fc.subarray(all)),
    restartPolicy: fc.constantFrom('Always', 'OnFailure', 'Never') as fc.Arbitrary<'Always' | 'OnFailure' | 'Never'>,
    runs: fc.tuple(...[...INIT, ...MAIN].map(anyRuns)).map((all) => all.flat()),
    isDeleted: fc.boolean(),
    isGone: fc.boolean(),
    isLive: fc.boolean(),
    hasSandbox: fc.boolean(),
    isPrepared: fc.boolean(),
    deadline: fc.option(fc.integer({ min: 1, max: 20 }), { nil: undefined }),
  })
  .map(
    ({
      containers,
      initContainers,
      restartPolicy,
      isDeleted,
      isGone,
      isLive,
      hasSandbox,
      isPrepared,
      deadline,
      ...rest
    }) => {
      const names = new Set([...containers, ...initContainers].map(({ name }) => name))
      const runs = rest.runs.filter(({ name }) => names.has(name))
      const spec = { containers, initContainers, restartPolicy, ...(deadline && { activeDeadlineSeconds: deadline }) }
      return world({
        pod: pod(spec, isDeleted ? { deletionTimestamp: 'x', deletionGracePeriodSeconds: 30 } : {}),
        isGone,
        runs,
        volumes: { isReady: isPrepared, isPresent: true, ...(!isPrepared && { dueAtMs: 0 }) },
        sandbox: hasSandbox ? { podUid: 'u', ip: '127.1.1.2' } : undefined,
        probes: Object.fromEntries(runs.map(({ id }) => [id, { liveness: isLive, startup: true, readiness: true }])),
      })
    },
  )

const runningTwice = ({ runs }: PodWorld) => {
  const names = runs.filter(({ state }) => state === 'running').map(({ name }) => name)
  return new Set(names).size !== names.length
}

t.test('an applied plan comes to an end, and never runs a container twice', async () => {
  fc.assert(
    fc.property(anyWorld, (given) => {
      let current = given
      for (let round = 0; round < ROUNDS_MAX; round++) {
        const { actions, requeueAfterMs } = planPod(current)
        if (actions.some((action) => action.do === 'finishPod'))
          return !current.runs.some(({ state }) => state === 'running')
        if (actions.length === 0) return requeueAfterMs === undefined || requeueAfterMs >= 0
        for (const action of actions) current = apply(current, action)
        if (runningTwice(current)) return false
      }
      return false
    }),
    { numRuns: 2000 },
  )
})

t.test('a pod has a terminal phase exactly when nothing of it runs or will run', async () => {
  fc.assert(
    fc.property(anyWorld, (given) => isTerminalPhase(podStatus(given, { ip: '1' }).phase) === hasEnded(given)),
    { numRuns: 2000 },
  )
})
