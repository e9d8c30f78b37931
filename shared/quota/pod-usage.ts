/** What a pod counts for in a quota. Pure; upstream's pod evaluator. */
import type { Container } from '../api/pod/container.ts'
import type { Pod } from '../api/pod/pod.ts'
import { type Amounts, add, largest } from './amounts.ts'

type Side = 'requests' | 'limits'

const isSidecar = ({ restartPolicy }: Container) => restartPolicy === 'Always'

/** The most that a pod ever asks for, or may ever use: while it starts, or when it runs. */
export function podAmounts({ containers = [], initContainers = [], overhead = {} }: Pod['spec'], side: Side): Amounts {
  const of = ({ resources }: Container): Amounts => resources?.[side] ?? {}
  let sidecars: Amounts = {}
  let peak: Amounts = {}
  for (const container of initContainers) {
    const starting = add(sidecars, of(container))
    if (isSidecar(container)) sidecars = starting
    peak = largest(peak, starting)
  }
  return add(largest(add(...containers.map(of), sidecars), peak), overhead)
}

/** Resources whose requests count under their own name as well. */
const PLAIN = ['cpu', 'memory', 'ephemeral-storage']

export function podUsage({ spec }: Pod): Amounts {
  const usage: Record<string, string> = { pods: '1' }
  for (const [name, amount] of Object.entries(podAmounts(spec, 'requests'))) {
    usage[`requests.${name}`] = amount
    if (PLAIN.includes(name) || name.startsWith('hugepages-')) usage[name] = amount
  }
  for (const [name, amount] of Object.entries(podAmounts(spec, 'limits'))) usage[`limits.${name}`] = amount
  return usage
}

/** Whether a pod still counts: not when it has ended, nor when its time to end is over. */
export function isCounted({ metadata, status }: Pod, nowMs: number): boolean {
  if (status?.phase === 'Failed' || status?.phase === 'Succeeded') return false
  const { deletionTimestamp } = metadata
  return deletionTimestamp === undefined || Date.parse(deletionTimestamp) > nowMs
}

/** What a quota may demand that every container says, by the quota's name of it. */
const DEMANDS: Readonly<Record<string, [side: Side, resource: string]>> = {
  cpu: ['requests', 'cpu'],
  memory: ['requests', 'memory'],
  'requests.cpu': ['requests', 'cpu'],
  'requests.memory': ['requests', 'memory'],
  'limits.cpu': ['limits', 'cpu'],
  'limits.memory': ['limits', 'memory'],
}

/** What containers must say under a quota of these resources and do not; undefined where they say it all. */
export function missingDemands({ spec }: Pod, resources: readonly string[]): string | undefined {
  const containers = [...(spec.containers ?? []), ...(spec.initContainers ?? [])] as Container[]
  const missing = resources
    .filter((name) => Object.hasOwn(DEMANDS, name))
    .sort()
    .flatMap((name) => {
      const [side, resource] = DEMANDS[name]!
      const silent = containers.filter(({ resources: has }) => has?.[side]?.[resource] === undefined)
      return silent.length === 0
        ? []
        : [
            `${name} for: ${silent
              .map((container) => container.name)
              .sort()
              .join(',')}`,
          ]
    })
  return missing.length === 0 ? undefined : `must specify ${missing.join('; ')}`
}
