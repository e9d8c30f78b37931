/** What a kubelet must read to run a pod. Pure. */
import type { Container } from '../../../shared/api/pod/container.ts'
import type { Pod } from '../../../shared/api/pod/pod.ts'
import type { Volume } from '../../../shared/api/pod/volume.ts'

/** Names by resource, all in the pod's namespace. */
export interface PodReferences {
  configmaps: ReadonlySet<string>
  secrets: ReadonlySet<string>
  persistentvolumeclaims: ReadonlySet<string>
  serviceaccounts: ReadonlySet<string>
}

type Named = { name?: string } | undefined
const namesOf = (...references: Named[]) => references.flatMap((reference) => reference?.name || [])

const allContainers = ({ containers = [], initContainers = [], ephemeralContainers = [] }: Pod['spec']) =>
  [...containers, ...initContainers, ...ephemeralContainers] as Container[]

interface Found {
  configmaps: string[]
  secrets: string[]
  claims: string[]
}

function ofContainer({ env = [], envFrom = [] }: Container): Found {
  return {
    configmaps: namesOf(
      ...env.map(({ valueFrom }) => valueFrom?.configMapKeyRef),
      ...envFrom.map(({ configMapRef }) => configMapRef),
    ),
    secrets: namesOf(
      ...env.map(({ valueFrom }) => valueFrom?.secretKeyRef),
      ...envFrom.map(({ secretRef }) => secretRef),
    ),
    claims: [],
  }
}

/** Sources whose drivers are handed a secret of the pod's namespace, in `secretRef`. */
const WITH_SECRET = ['cephfs', 'flexVolume', 'rbd', 'scaleIO', 'iscsi', 'storageos'] as const

function ofVolume(podName: string, volume: Volume): Found {
  const projected = volume.projected?.sources ?? []
  const sources = volume as unknown as Record<string, { secretRef?: Named } | undefined>
  const csi = volume.csi as { nodePublishSecretRef?: Named } | undefined
  const azure = (volume as unknown as { azureFile?: { secretName?: string } }).azureFile
  return {
    configmaps: namesOf(volume.configMap, ...projected.map(({ configMap }) => configMap)),
    secrets: namesOf(
      { ...(volume.secret?.secretName !== undefined && { name: volume.secret.secretName }) },
      ...projected.map(({ secret }) => secret),
      ...WITH_SECRET.map((name) => sources[name]?.secretRef),
      csi?.nodePublishSecretRef,
      { ...(azure?.secretName !== undefined && { name: azure.secretName }) },
    ),
    claims: [
      ...(volume.persistentVolumeClaim === undefined ? [] : [volume.persistentVolumeClaim.claimName ?? '']),
      ...(volume.ephemeral === undefined ? [] : [`${podName}-${volume.name}`]),
    ],
  }
}

export function podReferences({ metadata, spec }: Pod): PodReferences {
  const found = [
    ...allContainers(spec).map(ofContainer),
    ...(spec.volumes ?? []).map((volume) => ofVolume(metadata.name, volume)),
  ]
  return {
    configmaps: new Set(found.flatMap(({ configmaps }) => configmaps)),
    secrets: new Set([...found.flatMap(({ secrets }) => secrets), ...namesOf(...(spec.imagePullSecrets ?? []))]),
    persistentvolumeclaims: new Set(found.flatMap(({ claims }) => claims)),
    serviceaccounts: new Set(namesOf({ name: spec.serviceAccountName ?? '' })),
  }
}
