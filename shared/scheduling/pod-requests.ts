/** What a pod asks of a node: the sums that scheduler and kubelet compare with what the node has. Pure. */
import type { Container } from '../api/pod/container.ts'
import type { PodSpec } from '../api/pod/pod-spec.ts'
import type { ResourceList } from '../api/pod/resources.ts'
import { milliUnits, wholeUnits } from '../quantity.ts'

/** Amounts by resource: CPU in millicores, everything else in whole units (bytes, pieces), rounded up. */
export type Amounts = ReadonlyMap<string, number>
type MutableAmounts = Map<string, number>

const unitsOf = (name: string, quantity: string) => (name === 'cpu' ? milliUnits(quantity) : wholeUnits(quantity))

/** A list of quantities as amounts that can be added and compared exactly. */
export const amountsOf = (list: ResourceList | undefined): MutableAmounts =>
  new Map(Object.entries(list ?? {}).map(([name, quantity]) => [name, unitsOf(name, quantity)]))

/** Adds to `sum`, in place. */
export function addAmounts(sum: MutableAmounts, added: Amounts): void {
  for (const [name, amount] of added) sum.set(name, (sum.get(name) ?? 0) + amount)
}

/** Subtracts from `sum`, in place; what is used up is forgotten. */
export function subtractAmounts(sum: MutableAmounts, removed: Amounts): void {
  for (const [name, amount] of removed) {
    const rest = (sum.get(name) ?? 0) - amount
    if (rest === 0) sum.delete(name)
    else sum.set(name, rest)
  }
}

function raiseTo(sum: MutableAmounts, other: Amounts): void {
  for (const [name, amount] of other) sum.set(name, Math.max(sum.get(name) ?? 0, amount))
}

/** A container that starts before the others and runs on beside them. */
const isSidecar = ({ restartPolicy }: Container) => restartPolicy === 'Always'

/**
 * The most that a pod ever asks for: its containers and sidecars together, or an init container with the sidecars that
 * already run, whichever is more, and its overhead. `amountsOfContainer` says what one container counts for.
 */
function sumPod(spec: PodSpec, amountsOfContainer: (container: Container) => Amounts): MutableAmounts {
  const sum: MutableAmounts = new Map()
  for (const container of spec.containers) addAmounts(sum, amountsOfContainer(container))
  const sidecars: MutableAmounts = new Map()
  const peak: MutableAmounts = new Map()
  for (const container of spec.initContainers ?? []) {
    const amounts = amountsOfContainer(container)
    if (isSidecar(container)) {
      addAmounts(sum, amounts)
      addAmounts(sidecars, amounts)
      raiseTo(peak, sidecars)
    } else {
      const starting = new Map(amounts)
      addAmounts(starting, sidecars)
      raiseTo(peak, starting)
    }
  }
  raiseTo(sum, peak)
  addAmounts(sum, amountsOf(spec.overhead))
  return sum
}

/** What a node must have free for a pod. */
export const podRequests = (spec: PodSpec): Amounts => sumPod(spec, ({ resources }) => amountsOf(resources?.requests))

/** What a container that asks for nothing counts for when nodes are compared: upstream's figures. */
const DEFAULT_CPU_MILLIS = 100
const DEFAULT_MEMORY_BYTES = 200 * 1024 * 1024

/** CPU and memory of a pod for comparing how full nodes are, so that pods that ask for nothing spread as well. */
export const podLoad = (spec: PodSpec): Amounts =>
  sumPod(spec, ({ resources }) => {
    const asked = amountsOf(resources?.requests)
    return new Map([
      ['cpu', asked.get('cpu') ?? DEFAULT_CPU_MILLIS],
      ['memory', asked.get('memory') ?? DEFAULT_MEMORY_BYTES],
    ])
  })

/** A port of the node that a pod takes. */
export interface HostPort {
  ip: string
  protocol: string
  port: number
}

const ANY_ADDRESS = '0.0.0.0'

/** The ports of the node that a pod's containers and sidecars listen on. */
export const podHostPorts = ({ containers, initContainers = [] }: PodSpec): HostPort[] =>
  [...containers, ...initContainers.filter(isSidecar)].flatMap(({ ports = [] }) =>
    ports
      .filter(({ hostPort = 0 }) => hostPort > 0)
      .map(({ hostIP, protocol, hostPort }) => ({
        ip: hostIP || ANY_ADDRESS,
        protocol: protocol || 'TCP',
        port: hostPort!,
      })),
  )

/** Whether two ports cannot be listened on at once. */
export const isSamePort = (a: HostPort, b: HostPort): boolean =>
  a.port === b.port && a.protocol === b.protocol && (a.ip === b.ip || a.ip === ANY_ADDRESS || b.ip === ANY_ADDRESS)
