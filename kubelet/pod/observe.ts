import type { PodProbers } from '../probes/pod-probers.ts'
import type { ActionDeps } from './actions/action-deps.ts'
import { ensureSandbox } from './actions/ensure-sandbox.ts'
import { lostRuns } from './lost-runs.ts'
import { forgetAllBut, type PodMemory } from './memory.ts'
import { terminationLogPath } from './termination-log.ts'
import { terminationMessage } from './termination-message.ts'
import { allContainersOf, type ContainerRun, isRunning, type PodWorld } from './world.ts'

/** The first look at a pod: whether it is taken on, and what an earlier kubelet has left of it. */
async function adoptPod(memory: PodMemory, recorded: readonly ContainerRun[], deps: ActionDeps): Promise<void> {
  const rejection = await deps.admission.decide(memory.pod, recorded)
  memory.rejection = rejection
  if (rejection !== undefined) deps.events.pod('Warning', rejection.reason, rejection.message)
  // What runs keeps its address; asking for it is how this kubelet learns it.
  if (recorded.some(isRunning)) await ensureSandbox(memory, deps)
  memory.unrecorded = lostRuns(memory.pod, recorded, memory.firstSeenMs)
  memory.isAdopted = true
}

/** Tells what the runtime noticed about a run, once. */
function passOn({ id, name, notice }: ContainerRun, { noticed }: PodMemory, { events }: ActionDeps): void {
  if (notice === undefined || noticed.has(id)) return
  noticed.add(id)
  events.container(name, 'Warning', 'RuntimeNotice', notice)
}

/** The run with what it left to say, if it has ended; read once. */
async function withLastWords(run: ContainerRun, memory: PodMemory, { directoryOf }: ActionDeps): Promise<ContainerRun> {
  if (run.state === 'running') return run
  const { name, attempt, id } = run
  const container = allContainersOf(memory).find((candidate) => candidate.name === name)
  if (container === undefined) return run
  const known = memory.lastWords.get(id)
  const path = terminationLogPath(directoryOf(memory.pod.metadata.uid), name, attempt)
  const lastWords = known ?? (await terminationMessage(run, container, path))
  memory.lastWords.set(id, lastWords)
  return { ...run, lastWords }
}

/** Looks at all there is of a pod now. */
export async function observePod(memory: PodMemory, probers: PodProbers, deps: ActionDeps): Promise<PodWorld> {
  const { generation } = deps.runtime
  if (memory.generation !== generation) Object.assign(memory, { generation, sandbox: undefined })
  const recorded: ContainerRun[] = await deps.runsOf(memory.pod.metadata.uid)
  if (!memory.isAdopted) await adoptPod(memory, recorded, deps)
  for (const run of recorded) passOn(run, memory, deps)
  const ended = await Promise.all(recorded.map((run) => withLastWords(run, memory, deps)))
  const runs = [...ended, ...memory.unrecorded]
  const ids = new Set(runs.map(({ id }) => id))
  forgetAllBut(memory, ids)
  probers.forgetAllBut(ids)
  const { limits, clock, volumes } = deps
  return {
    ...memory,
    runs,
    runtimeVersion: deps.runtime.version,
    volumes: volumes.stateOf(memory.pod),
    probes: probers.verdicts,
    limits,
    nowMs: clock.nowMs(),
  }
}
