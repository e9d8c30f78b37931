/** What of a pod becomes files of the downward API. Pure. */
import type { Container, DownwardAPIVolumeFile, Pod } from '../../shared/api/pod/pod.ts'
import { podField } from '../pod/pod-field.ts'
import { type NodeAllocatable, resourceField } from '../pod/resource-field.ts'
import { goQuote } from './go-quote.ts'
import type { ProjectedFile, ProjectedFiles } from './projected-file.ts'
import { VolumeError } from './volume-error.ts'

/** `key="value"` lines in the order of the keys, without a newline at the end. */
const mapText = (map: Readonly<Record<string, string>> = {}): string =>
  Object.keys(map)
    .sort()
    .map((key) => `${key}=${goQuote(map[key]!)}`)
    .join('\n')

function fieldText(fieldPath: string, pod: Pod): string {
  if (fieldPath === 'metadata.labels') return mapText(pod.metadata.labels)
  if (fieldPath === 'metadata.annotations') return mapText(pod.metadata.annotations)
  // The API allows no field here that depends on addresses.
  const text = podField(fieldPath, { pod, podIp: '', nodeIp: '' })
  if (text === undefined) throw new VolumeError(`unsupported fieldPath: ${fieldPath}`)
  return text
}

function resourceText(file: DownwardAPIVolumeFile, pod: Pod, allocatable: NodeAllocatable): string {
  const { resource = '', containerName = '', ...rest } = file.resourceFieldRef ?? {}
  const all: readonly Container[] = [...(pod.spec.initContainers ?? []), ...pod.spec.containers]
  const container = all.find(({ name }) => name === containerName)
  if (container === undefined) throw new VolumeError(`container ${containerName} not found`)
  const text = resourceField({ resource, ...rest }, container, { pod, allocatable })
  if (text === undefined) throw new VolumeError(`unsupported container resource : ${resource}`)
  return text
}

/** The files of a volume with these items. Throws a VolumeError for what the kubelet does not know. */
export function downwardFiles(
  items: readonly DownwardAPIVolumeFile[],
  defaultMode: number,
  { pod, allocatable }: { pod: Pod; allocatable: NodeAllocatable },
): ProjectedFiles {
  const files = new Map<string, ProjectedFile>()
  for (const item of items) {
    const { path, fieldRef, mode = defaultMode } = item
    const data = fieldRef === undefined ? resourceText(item, pod, allocatable) : fieldText(fieldRef.fieldPath, pod)
    files.set(path, { data, mode })
  }
  return files
}
