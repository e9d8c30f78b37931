/** Carries out what a pod's plan says: one function for each action. */
import { rm } from 'node:fs/promises'
import type { Executors } from '../../../shared/controller/plan.ts'
import type { PodMemory } from '../memory.ts'
import type { PodAction } from '../plan-step.ts'
import { terminationLogPath } from '../termination-log.ts'
import type { ActionDeps } from './action-deps.ts'
import { ensureSandbox, tellOfNewSandbox, tellOfUnenforced } from './ensure-sandbox.ts'
import { start } from './start.ts'
import { beginStop, shortenGrace, terminate } from './stop.ts'

async function removeContainer(memory: PodMemory, id: string, deps: ActionDeps): Promise<void> {
  memory.unrecorded = memory.unrecorded.filter((run) => run.id !== id)
  const run = (await deps.runsOf(memory.pod.metadata.uid)).find((candidate) => candidate.id === id)
  if (run === undefined) return
  // Its log stays for a while, as one of the last ones.
  await deps.runtime.removeContainer(id)
  const { name, attempt } = run
  await rm(terminationLogPath(deps.directoryOf(memory.pod.metadata.uid), name, attempt), { force: true })
}

const placeOf = ({ pod }: PodMemory, { directoryOf, events }: ActionDeps) => ({
  directory: directoryOf(pod.metadata.uid),
  events,
})

export const podExecutors = (memory: PodMemory, deps: ActionDeps): Executors<PodAction> => ({
  async ensureSandbox() {
    await ensureSandbox(memory, deps)
    await tellOfNewSandbox(memory, deps)
    tellOfUnenforced(memory, deps)
  },
  prepareVolumes: () => deps.volumes.prepare(memory.pod, placeOf(memory, deps)),
  tearDownVolumes: () => deps.volumes.tearDown(memory.pod, placeOf(memory, deps)),
  startContainer: (action) => start(memory, action, deps),
  beginStop: (action) => beginStop(memory, action, deps),
  shortenGrace: (action) => shortenGrace(memory, action, deps),
  terminate: (action) => terminate(memory, action, deps),
  removeContainer: ({ id }) => removeContainer(memory, id, deps),
  async announceBackOff({ name, key, isPull, message }) {
    memory.announced.add(key)
    deps.events.container(name, isPull ? 'Normal' : 'Warning', 'BackOff', message)
    if (isPull) deps.events.container(name, 'Warning', 'Failed', 'Error: ImagePullBackOff')
  },
  async announceDeadline({ key, message }) {
    memory.announced.add(key)
    deps.events.pod('Normal', 'DeadlineExceeded', message)
  },
  finishPod: () => deps.finishPod(),
})
