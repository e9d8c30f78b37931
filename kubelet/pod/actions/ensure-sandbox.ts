import { mkdir } from 'node:fs/promises'
import type { PodMemory } from '../memory.ts'
import { GENERATION } from '../world.ts'
import type { ActionDeps } from './action-deps.ts'

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

/** Tells where the sandbox takes the place of one that was lost with what ran in it. */
export async function tellOfNewSandbox({ pod }: PodMemory, { runsOf, runtime, events }: ActionDeps): Promise<void> {
  const runs = await runsOf(pod.metadata.uid)
  const hasOld = runs.some(({ annotations }) => (annotations[GENERATION] ?? runtime.generation) !== runtime.generation)
  if (hasOld) events.pod('Normal', 'SandboxChanged', 'Pod sandbox changed, it will be killed and re-created.')
}
