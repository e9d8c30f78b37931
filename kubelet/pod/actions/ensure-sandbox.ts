import { mkdir, readFile } from 'node:fs/promises'
import type { PodMemory } from '../memory.ts'
import { requestedFeatures } from '../requested-features.ts'
import { sandboxSpec } from '../sandbox-spec.ts'
import { GENERATION } from '../world.ts'
import type { ActionDeps } from './action-deps.ts'

/** Empty where the node has none. */
async function nodeResolverConfig(): Promise<string> {
  try {
    return await readFile('/etc/resolv.conf', 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw error
  }
}

/** Makes the pod's sandbox, or learns of the one that it has. */
export async function ensureSandbox(memory: PodMemory, { runtime, events, directoryOf }: ActionDeps): Promise<void> {
  const directory = directoryOf(memory.pod.metadata.uid)
  await mkdir(directory, { recursive: true, mode: 0o700 })
  try {
    const nodeConfig = await nodeResolverConfig()
    memory.sandbox = await runtime.ensureSandbox(sandboxSpec(memory.pod, { directory, nodeConfig }))
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

/** Tells, once for each pod, what its spec asks for in vain. */
export function tellOfUnenforced({ pod }: PodMemory, { runtime, events }: ActionDeps): void {
  const features = requestedFeatures(pod).filter((feature) => runtime.unenforced.has(feature))
  if (features.length === 0) return
  const [name] = runtime.version.split('://')
  events.pod('Warning', 'NotEnforced', `The runtime of this node (${name}) does not enforce: ${features.join(', ')}`)
}
