/** Carries out what a pod's plan says. */
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Container } from '../../shared/api/pod/pod.ts'
import type { Executors } from '../../shared/controller/plan.ts'
import type { PodMemory } from './memory.ts'
import type { PodAction } from './plan-step.ts'
import type { PodDeps } from './pod-deps.ts'
import type { PodEvents } from './pod-events.ts'
import { removeOldLogs } from './run-logs.ts'
import { startContainer } from './start-container.ts'
import { allContainersOf, type Stop, stopSignalOf } from './world.ts'

/** Volumes that admission adds to every pod: that they are missing is no news. */
const IMPLIED_VOLUME = /^kube-api-access-/

type Do<Name extends PodAction['do']> = Extract<PodAction, { do: Name }>

export interface ActionDeps extends PodDeps {
  events: PodEvents
  /** Something that was begun has ended, well or not: look again. */
  onDone(error?: Error): void
  finishPod(): Promise<void>
}

/** Makes the pod's sandbox, or learns of the one that it has. */
export async function ensureSandbox(memory: PodMemory, { runtime, events, directoryOf }: ActionDeps): Promise<void> {
  const { metadata, spec } = memory.pod
  const directory = directoryOf(metadata.uid)
  await mkdir(directory, { recursive: true, mode: 0o700 })
  try {
    memory.sandbox = await runtime.ensureSandbox({
      podUid: metadata.uid,
      namespace: metadata.namespace ?? '',
      name: metadata.name,
      directory,
      ...(spec.hostname !== undefined && spec.hostname !== '' && { hostname: spec.hostname }),
      ...(spec.hostNetwork === true && { hostNetwork: true }),
    })
  } catch (error) {
    const message = `Failed to create pod sandbox: ${(error as Error).message}`
    events.pod('Warning', 'FailedCreatePodSandBox', message)
    throw error
  }
}

function warnOfVolumes({ pod }: PodMemory, events: PodEvents): void {
  const names = (pod.spec.volumes ?? []).map(({ name }) => name).filter((name) => !IMPLIED_VOLUME.test(name))
  if (names.length === 0) return
  const message = `Volumes are not supported by this kubelet: the pod runs without ${names.join(', ')}`
  events.pod('Warning', 'VolumesNotMounted', message)
}

function containerOf(memory: PodMemory, name: string): Container {
  const container = allContainersOf(memory).find((candidate) => candidate.name === name)
  if (container === undefined) throw new Error(`the plan names a container that the pod has not: ${name}`)
  return container
}

async function start(memory: PodMemory, action: Do<'startContainer'>, deps: ActionDeps): Promise<void> {
  const { name, attempt, backOff } = action
  const { pod, failures, sandbox } = memory
  const request = {
    pod,
    container: containerOf(memory, name),
    attempt,
    podIp: sandbox?.ip ?? '',
    directory: deps.directoryOf(pod.metadata.uid),
    events: deps.events,
    previous: failures.get(name),
  }
  const result = await startContainer(request, deps)
  if (result.is === 'failure') {
    failures.set(name, result.failure)
    return
  }
  failures.delete(name)
  memory.ownRuns.add(result.run.id)
  await removeOldLogs(dirname(result.run.logPath), deps.logs.instancesMax)
  if (backOff !== undefined) memory.backOffs.set(name, backOff)
  if (result.run.reason === 'StartError') memory.unrecorded.push(result.run)
}

/** Asks for the stop and goes on: the pod may need something else while the container takes its time. */
async function stop(memory: PodMemory, action: Do<'stopContainer'>, deps: ActionDeps): Promise<void> {
  const { id, name, graceMs, why, message } = action
  const { runtime, clock, events, onDone } = deps
  const known = (await deps.runsOf(memory.pod.metadata.uid)).find((run) => run.id === id)
  if (!memory.stops.has(id)) events.container(name, 'Normal', 'Killing', message)
  const asked: Stop = { why, killAtMs: clock.nowMs() + graceMs }
  memory.stops.set(id, asked)
  runtime.stopContainer(id, { graceMs, ...(known !== undefined && stopSignalOf(known)) }).then(
    () => onDone(),
    (error: Error) => {
      // As if it had not been asked for: the next plan asks again.
      if (memory.stops.get(id) === asked) memory.stops.delete(id)
      onDone(error)
    },
  )
}

async function remove(memory: PodMemory, { id }: Do<'removeContainer'>, deps: ActionDeps): Promise<void> {
  memory.unrecorded = memory.unrecorded.filter((run) => run.id !== id)
  const recorded = (await deps.runsOf(memory.pod.metadata.uid)).find((run) => run.id === id)
  if (recorded === undefined) return
  // Its log stays for a while, as one of the last ones.
  await deps.runtime.removeContainer(id)
}

export const podExecutors = (memory: PodMemory, deps: ActionDeps): Executors<PodAction> => ({
  async ensureSandbox() {
    await ensureSandbox(memory, deps)
    warnOfVolumes(memory, deps.events)
  },
  startContainer: (action) => start(memory, action, deps),
  stopContainer: (action) => stop(memory, action, deps),
  removeContainer: (action) => remove(memory, action, deps),
  async announceBackOff({ name, key, isPull, message }) {
    memory.announcedBackOffs.add(key)
    deps.events.container(name, isPull ? 'Normal' : 'Warning', 'BackOff', message)
    if (isPull) deps.events.container(name, 'Warning', 'Failed', 'Error: ImagePullBackOff')
  },
  finishPod: () => deps.finishPod(),
})
