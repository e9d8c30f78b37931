/** The downward API's `resourceFieldRef`: a container's requests and limits as whole numbers. Pure. */
import type { Container, Pod, ResourceFieldSelector } from '../../shared/api/pod/pod.ts'
import { parseQuantity } from '../../shared/quantity.ts'

/** What the node can give: the limit of a container that has none. */
export type NodeAllocatable = Readonly<Record<string, string>>

const FIELD = /^(limits|requests)\.(cpu|memory|ephemeral-storage|hugepages-.+)$/

function amountOf(container: Container, kind: 'limits' | 'requests', name: string, allocatable: NodeAllocatable) {
  const own = container.resources?.[kind]?.[name]
  if (own !== undefined) return own
  return kind === 'limits' ? (allocatable[name] ?? '0') : '0'
}

/** The value in units of the divisor, rounded up; nothing where the resource or the container is unknown. */
export function resourceField(
  { resource, containerName, divisor }: ResourceFieldSelector,
  container: Container,
  { pod, allocatable }: { pod: Pod; allocatable: NodeAllocatable },
): string | undefined {
  const [, kind, name] = FIELD.exec(resource) ?? []
  const named =
    containerName === undefined || containerName === ''
      ? container
      : [...(pod.spec.initContainers ?? []), ...pod.spec.containers].find((one) => one.name === containerName)
  if (kind === undefined || name === undefined || named === undefined) return undefined
  const amount = parseQuantity(amountOf(named, kind as 'limits' | 'requests', name, allocatable)) ?? 0
  const unit = divisor === undefined || divisor === '0' ? 1 : (parseQuantity(divisor) ?? 1)
  return String(Math.ceil(amount / unit))
}
