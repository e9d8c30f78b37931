/** What the containers of a pod that is to run need: first runs in order, restarts, and the end of unhealthy ones. */
import type { Container } from '../../shared/api/pod/pod.ts'
import { nextRun } from './next-run.ts'
import { join, NOTHING, type Step } from './plan-step.ts'
import {
  type ContainerRun,
  graceSecondsOf,
  hasMainRun,
  IMAGE,
  initContainersOf,
  isRunning,
  isSidecar,
  isStarted,
  type PodWorld,
  runsOf,
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
  if (announcement === undefined || world.announcedBackOffs.has(announcement.key)) return { actions: [], wakeAtMs }
  return { actions: [{ do: 'announceBackOff', name, ...announcement }], wakeAtMs }
}

/** Stops a running container that has to be replaced: its definition changed, or a probe gave it up. */
function replace(world: PodWorld, container: Container, run: ContainerRun): Step {
  if (world.stops.has(run.id)) return NOTHING
  const { name, image } = container
  const startedWith = run.annotations[IMAGE]
  const ofPod = graceSecondsOf(world.pod)
  const stop = (why: 'changed' | 'unhealthy', seconds: number, because: string, restarts: boolean): Step => {
    const message = `Container ${name} ${because}${restarts ? ', will be restarted' : ''}`
    return { actions: [{ do: 'stopContainer', id: run.id, name, graceMs: seconds * 1000, why, message }] }
  }
  if (startedWith !== undefined && startedWith !== image) return stop('changed', ofPod, 'definition changed', true)
  const verdicts = world.probes.get(run.id)
  const restarts = isSidecar(container) || world.pod.spec.restartPolicy !== 'Never'
  for (const kind of ['liveness', 'startup'] as const) {
    const probe = container[`${kind}Probe`]
    if (probe === undefined || verdicts?.[kind] !== false) continue
    return stop('unhealthy', probe.terminationGracePeriodSeconds ?? ofPod, `failed ${kind} probe`, restarts)
  }
  return NOTHING
}

const keepRunning = (world: PodWorld, container: Container): Step => {
  const [run] = runsOf(world, container.name)
  return isRunning(run) ? replace(world, container, run) : start(world, container)
}

/** Whether the next init container, or the main ones, may start as far as this one is concerned. */
function isPassed(world: PodWorld, container: Container): boolean {
  const [run] = runsOf(world, container.name)
  if (isSidecar(container)) return isStarted(world, container, run)
  return run?.state === 'exited' && run.exitCode === 0
}

export function planContainers(world: PodWorld): Step {
  const main = () => world.pod.spec.containers.map((container) => keepRunning(world, container))
  const inits = initContainersOf(world)
  if (hasMainRun(world)) {
    return join([...inits.filter(isSidecar).map((container) => keepRunning(world, container)), ...main()])
  }
  const blocking = inits.findIndex((container) => !isPassed(world, container))
  const reached = blocking === -1 ? inits : inits.slice(0, blocking + 1)
  const steps = reached
    .filter((container) => isSidecar(container) || !isPassed(world, container))
    .map((container) => keepRunning(world, container))
  return join(blocking === -1 ? [...steps, ...main()] : steps)
}
