/** What the containers of a pod that is to run need: first runs in order, restarts, and the end of unhealthy ones. */
import type { Container } from '../../shared/api/pod/pod.ts'
import { nextRun } from './next-run.ts'
import { join, NOTHING, type Step } from './plan-step.ts'
import { planStop, type StopRequest } from './plan-stop.ts'
import {
  type ContainerRun,
  graceSecondsOf,
  IMAGE,
  initContainersOf,
  isInSandbox,
  isPastInit,
  isRunning,
  isSidecar,
  isStarted,
  type PodWorld,
  runsOf,
  type StopReason,
} from './world.ts'

function start(world: PodWorld, container: Container): Step {
  const { name } = container
  const next = nextRun(world, container)
  if (next.is === 'over') return NOTHING
  if (next.is === 'due') {
    const { attempt, backOff } = next
    return { actions: [{ do: 'startContainer', name, attempt, ...(backOff !== undefined && { backOff }) }] }
  }
  const { announcement, untilMs: wakeAtMs } = next
  if (announcement === undefined || world.announced.has(announcement.key)) return { actions: [], wakeAtMs }
  return { actions: [{ do: 'announceBackOff', name, ...announcement }], wakeAtMs }
}

/** Why a running container has to be replaced: a new definition, a probe that gave it up, a hook that failed. */
function reasonToStop(world: PodWorld, container: Container, run: ContainerRun): StopRequest | undefined {
  const { name, image } = container
  const startedWith = run.annotations[IMAGE]
  const ofPod = graceSecondsOf(world.pod)
  const request = (why: StopReason, message: string, seconds = ofPod): StopRequest => ({
    ...{ why, message, graceMs: seconds * 1000 },
    isTurn: true,
  })
  // One that has begun takes its course.
  const begun = world.stops.get(run.id)
  if (begun !== undefined) return { why: begun.why, message: '', graceMs: Number.POSITIVE_INFINITY, isTurn: true }
  if (world.postStarts.get(run.id)?.is === 'failed') return request('hookFailed', 'FailedPostStartHook')
  if (startedWith !== undefined && startedWith !== image)
    return request('changed', `Container ${name} definition changed, will be restarted`)
  const verdicts = world.probes.get(run.id)
  const restarts = isSidecar(container) || world.pod.spec.restartPolicy !== 'Never'
  for (const kind of ['liveness', 'startup'] as const) {
    const probe = container[`${kind}Probe`]
    if (probe === undefined || verdicts?.[kind] !== false) continue
    const message = `Container ${name} failed ${kind} probe${restarts ? ', will be restarted' : ''}`
    return request('unhealthy', message, probe.terminationGracePeriodSeconds)
  }
  return undefined
}

function replace(world: PodWorld, container: Container, run: ContainerRun): Step {
  const request = reasonToStop(world, container, run)
  return request === undefined ? NOTHING : planStop(world, run, request)
}

const keepRunning = (world: PodWorld, container: Container): Step => {
  const [run] = runsOf(world, container.name)
  return isRunning(run) ? replace(world, container, run) : start(world, container)
}

/** Whether the next init container, or the main ones, may start as far as this one is concerned. */
function isPassed(world: PodWorld, container: Container): boolean {
  const [run] = runsOf(world, container.name)
  if (isSidecar(container)) return isStarted(world, container, run)
  return run?.state === 'exited' && run.exitCode === 0 && isInSandbox(world, run)
}

/**
 * What the containers of a list need that start side by side. A postStart hook holds up those that come later and do not
 * run yet, so that it can be relied upon.
 */
function keepAllRunning(world: PodWorld, containers: readonly Container[]): Step[] {
  let isHeld = false
  return containers.flatMap((container) => {
    const [run] = runsOf(world, container.name)
    if (isHeld && !isRunning(run)) return []
    const step = keepRunning(world, container)
    const begins = step.actions.some((action) => action.do === 'startContainer')
    const isInHook = isRunning(run) && world.postStarts.get(run.id)?.is === 'underWay'
    isHeld ||= isInHook || (begins && container.lifecycle?.postStart !== undefined)
    return [step]
  })
}

export function planContainers(world: PodWorld): Step {
  const main = () => keepAllRunning(world, world.pod.spec.containers)
  const inits = initContainersOf(world)
  if (isPastInit(world)) {
    return join([...keepAllRunning(world, inits.filter(isSidecar)), ...main()])
  }
  const blocking = inits.findIndex((container) => !isPassed(world, container))
  const reached = blocking === -1 ? inits : inits.slice(0, blocking + 1)
  const steps = reached
    .filter((container) => isSidecar(container) || !isPassed(world, container))
    .map((container) => keepRunning(world, container))
  return join(blocking === -1 ? [...steps, ...main()] : steps)
}
