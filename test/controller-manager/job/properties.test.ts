import fc from 'fast-check'
import t from 'tap'
import { isJobFinished, jobFinish } from '../../../controller-manager/job/conditions.ts'
import { COMPLETION_INDEX, TRACKING_FINALIZER } from '../../../controller-manager/job/job-pod.ts'
import type { Job } from '../../../shared/api/job/job.ts'
import type { Pod } from '../../../shared/api/pod/pod.ts'
import { job } from './objects.ts'
import { indexOfPod, JobWorldModel } from './world.ts'

const STEPS_MAX = 400

/** What happens to the world, pods chosen by number. `actions`: how many the controller performs until it is killed. */
type Step =
  | { do: 'end'; pod: number; phase: 'Failed' | 'Succeeded' }
  | { do: 'delete'; pod: number }
  | { do: 'wait'; seconds: number }
  | { do: 'parallelism'; value: number }
  | { do: 'suspend'; value: boolean }
  | { do: 'work'; actions: number }

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constant('end' as const),
        pod: fc.nat(9),
        phase: fc.constantFrom('Failed' as const, 'Succeeded' as const),
      }),
    },
    fc.record({ do: fc.constant('delete' as const), pod: fc.nat(9) }),
    { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), seconds: fc.nat(60) }) },
    fc.record({ do: fc.constant('parallelism' as const), value: fc.nat(4) }),
    fc.record({ do: fc.constant('suspend' as const), value: fc.boolean() }),
    { weight: 6, arbitrary: fc.record({ do: fc.constant('work' as const), actions: fc.constantFrom(0, 1, 2, 3, 99) }) },
  ),
  { maxLength: 30 },
)

const specs: fc.Arbitrary<Partial<Job['spec']>> = fc
  .record({
    kind: fc.constantFrom('fixed', 'queue', 'indexed', 'perIndex'),
    completions: fc.integer({ min: 1, max: 5 }),
    parallelism: fc.integer({ min: 1, max: 4 }),
    backoffLimit: fc.nat(4),
    podReplacementPolicy: fc.constantFrom('TerminatingOrFailed' as const, 'Failed' as const),
    activeDeadlineSeconds: fc.option(fc.integer({ min: 1, max: 500 }), { nil: undefined, freq: 5 }),
  })
  .map(({ kind, completions, backoffLimit, activeDeadlineSeconds, ...spec }) => ({
    ...spec,
    ...(activeDeadlineSeconds !== undefined && { activeDeadlineSeconds }),
    completions: (kind === 'queue' ? undefined : completions) as number,
    completionMode: kind === 'indexed' || kind === 'perIndex' ? ('Indexed' as const) : ('NonIndexed' as const),
    backoffLimit: kind === 'perIndex' ? 1_000 : backoffLimit,
    ...(kind === 'perIndex' && { backoffLimitPerIndex: backoffLimit }),
  }))

/** Follows a world and knows which pods have to be counted: those that came to an end while they were tracked. */
class Observer {
  readonly world: JobWorldModel
  readonly ended = new Set<string>()
  /** Index by UID of the pods that have succeeded: two may have the same, where a deleted pod has outrun its replacement. */
  readonly successes = new Map<string, string | undefined>()

  constructor(spec: Partial<Job['spec']>) {
    this.world = new JobWorldModel(job(spec))
  }

  /** What must hold at any moment. */
  check(): void {
    const { world, ended } = this
    const isDeletionAnEnd = world.job.spec.podReplacementPolicy !== 'Failed'
    for (const { metadata, status } of world.pods) {
      const isOver = status.phase === 'Failed' || status.phase === 'Succeeded'
      const isGone = isDeletionAnEnd && metadata.deletionTimestamp !== undefined
      if (metadata.finalizers?.includes(TRACKING_FINALIZER) !== true || !(isOver || isGone)) continue
      ended.add(metadata.uid)
      if (status.phase === 'Succeeded') this.successes.set(metadata.uid, metadata.annotations?.[COMPLETION_INDEX])
    }
    const { succeeded = 0, failed = 0, active = 0, uncountedTerminatedPods } = world.job.status
    const noted = [...(uncountedTerminatedPods?.succeeded ?? []), ...(uncountedTerminatedPods?.failed ?? [])]
    if (succeeded + failed + noted.length > ended.size) throw new Error('a pod was counted twice')
    if (new Set(noted).size < noted.length) throw new Error('a pod was noted twice')
    if (isJobFinished(world.job)) {
      if (active > 0) throw new Error('over, and yet active')
      const uncounted = ended.size - succeeded - failed
      if (uncounted < 0 || uncounted > this.#twins()) throw new Error(`${uncounted} of ${ended.size} were not counted`)
    }
  }

  /** Successes of an Indexed Job beyond the first of their index: an index is completed once. */
  #twins(): number {
    const { spec } = this.world.job
    return spec.completionMode === 'Indexed' ? this.successes.size - new Set(this.successes.values()).size : 0
  }

  /** What must hold when the controller has had its way. */
  checkSettled(): void {
    const { active, job } = this.world
    if (active.length > Math.max(job.spec.parallelism, 0) && !isQueueDraining(job)) {
      throw new Error(`${active.length} active, ${job.spec.parallelism} allowed`)
    }
    const indexes = active.map(indexOfPod)
    if (job.spec.completionMode === 'Indexed' && new Set(indexes).size < indexes.length) {
      throw new Error(`two pods of one index: ${indexes}`)
    }
  }

  work(actions = Number.POSITIVE_INFINITY): number | undefined {
    const { world } = this
    let left = actions
    for (let round = 0; round < 10; round++) {
      const plan = world.plan()
      if (plan.actions.length === 0) {
        this.checkSettled()
        return plan.requeueAfterMs
      }
      for (const action of plan.actions) {
        if (left-- <= 0) return undefined
        world.apply(action)
        this.check()
      }
      world.collect()
    }
    throw new Error(`not at rest: ${JSON.stringify(world.plan().actions)}`)
  }

  take(step: Step): void {
    const { world } = this
    const pick = (number: number): Pod | undefined => {
      const living = world.pods.filter(({ status }) => status.phase === 'Running')
      return living[number % Math.max(1, living.length)]
    }
    if (step.do === 'work') this.work(step.actions)
    else if (step.do === 'wait') world.nowMs += step.seconds * 1_000
    else if (step.do === 'parallelism')
      world.job = { ...world.job, spec: { ...world.job.spec, parallelism: step.value } }
    else if (step.do === 'suspend') world.job = { ...world.job, spec: { ...world.job.spec, suspend: step.value } }
    else {
      const pod = pick(step.pod)
      if (pod === undefined) return
      if (step.do === 'delete') world.delete(pod)
      else world.end(pod, step.phase)
    }
    this.check()
  }
}

const isQueueDraining = ({ spec, status }: Job) => spec.completions === undefined && (status.succeeded ?? 0) > 0

/** Lets the world go on until the Job is over: pods end one by one, as `outcomes` says. */
function runToTheEnd(observer: Observer, outcomes: readonly boolean[]): void {
  const { world } = observer
  world.job = {
    ...world.job,
    spec: { ...world.job.spec, suspend: false, parallelism: Math.max(1, world.job.spec.parallelism) },
  }
  for (let step = 0; step < STEPS_MAX; step++) {
    const waitMs = observer.work() ?? 1_000
    if (isJobFinished(world.job)) return
    const [pod] = world.pods.filter(({ status }) => status.phase === 'Running')
    if (pod === undefined) world.nowMs += waitMs
    else world.end(pod, outcomes[step % outcomes.length] === true ? 'Succeeded' : 'Failed')
    observer.check()
    world.nowMs += 1_000
  }
  throw new Error(`the Job has no end: ${JSON.stringify(world.job.status)}`)
}

t.test(
  'whatever happens, and whenever the controller is killed, each end is counted once and the Job has an end',
  async (t) => {
    const outcomes = fc.array(fc.boolean(), { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(specs, steps, outcomes, (spec, script, ends) => {
        const observer = new Observer(spec)
        for (const step of script) observer.take(step)
        runToTheEnd(observer, ends)
        const { job } = observer.world
        const { completions, completionMode } = job.spec
        const { succeeded = 0 } = job.status
        if (jobFinish(job)?.type === 'Complete' && succeeded < (completions ?? 1)) throw new Error('complete too early')
        if (completionMode === 'Indexed' && succeeded > (completions ?? 0))
          throw new Error('more than there are indexes')
        if (observer.world.pods.some(({ metadata }) => metadata.finalizers?.includes(TRACKING_FINALIZER)))
          throw new Error('a pod is held for ever')
      }),
      { numRuns: 1_000 },
    )
    t.pass()
  },
)

t.test('pods that fail for ever', async (t) => {
  const observer = new Observer({ completions: 3, parallelism: 2, backoffLimit: 3 })
  runToTheEnd(observer, [false])
  const { status } = observer.world.job
  t.equal(jobFinish(observer.world.job)?.reason, 'BackoffLimitExceeded')
  t.equal(status.failed, observer.ended.size)
  t.same(observer.world.events, ['BackoffLimitExceeded Job has reached the specified backoff limit'])
})
