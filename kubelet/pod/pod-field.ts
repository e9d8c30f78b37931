/** The downward API's `fieldRef`: fields of a pod as text. Pure. */
import type { Pod } from '../../shared/api/pod/pod.ts'

/** `metadata.labels['KEY']` and `metadata.annotations['KEY']`. */
const MAP_ENTRY = /^metadata\.(labels|annotations)\['(.+)'\]$/

/** The text of one field, or nothing where a path cannot be referred to. */
export function podField(
  path: string,
  { pod, podIp, nodeIp }: { pod: Pod; podIp: string; nodeIp: string },
): string | undefined {
  const [, map, key] = MAP_ENTRY.exec(path) ?? []
  if (map !== undefined) return pod.metadata[map as 'labels' | 'annotations']?.[key!] ?? ''
  switch (path) {
    case 'metadata.name':
      return pod.metadata.name
    case 'metadata.namespace':
      return pod.metadata.namespace
    case 'metadata.uid':
      return pod.metadata.uid
    case 'spec.nodeName':
      return pod.spec.nodeName ?? ''
    case 'spec.serviceAccountName':
      return pod.spec.serviceAccountName ?? ''
    case 'status.hostIP':
    case 'status.hostIPs':
      return nodeIp
    case 'status.podIP':
    case 'status.podIPs':
      return podIp
    default:
      return undefined
  }
}
