import { UsageError } from '../../shared/flags.ts'
import type { NamespacesOptions } from './namespaces-runtime.ts'
import type { Runtime } from './runtime.ts'
import type { RuntimeName } from './runtime-names.ts'

/** The range of pods where none is given. */
const DEFAULT_CIDRS: Readonly<Record<RuntimeName, string>> = { namespaces: '10.244.0.0/24', process: '127.1.0.0/24' }

/** Addresses that no link can have, so that only processes on the host's own network can use them. */
const isLoopback = (podCidr: string | undefined) => podCidr?.startsWith('127.') === true

export interface ChosenRuntime {
  name: RuntimeName
  podCidr: string
}

/** What a node's flags mean: `auto` is `process`. Throws a UsageError where what is asked for cannot be had. */
export async function chooseRuntime(
  wanted: RuntimeName | 'auto',
  { rootDirectory, podCidr }: { rootDirectory: string; podCidr: string | undefined },
): Promise<ChosenRuntime> {
  const name = wanted === 'auto' ? 'process' : wanted
  if (name === 'namespaces') {
    if (isLoopback(podCidr))
      throw new UsageError(`--runtime=namespaces: --pod-cidr=${podCidr} is a range for processes only`)
    const { namespacesProblem } = await import('./detect.ts')
    const problem = await namespacesProblem(rootDirectory)
    if (problem !== undefined) throw new UsageError(`--runtime=namespaces cannot be had on this machine: ${problem}`)
  }
  return { name, podCidr: podCidr ?? DEFAULT_CIDRS[name] }
}

/** Starts the runtime of a node. What the other one needs is not loaded. */
export async function startRuntime(
  { name, podCidr }: ChosenRuntime,
  options: Omit<NamespacesOptions, 'podCidr'>,
): Promise<Runtime> {
  if (name === 'process') {
    const { startProcessRuntime } = await import('./process-runtime.ts')
    return startProcessRuntime({ ...options, podCidr })
  }
  const { startNamespacesRuntime } = await import('./namespaces-runtime.ts')
  return startNamespacesRuntime({ ...options, podCidr })
}
