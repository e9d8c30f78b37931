import type { Container } from '../../shared/api/pod/container.ts'
import type { Pod } from '../../shared/api/pod/pod.ts'
import type { Volume } from '../../shared/api/pod/volume.ts'
import { type AdmissionPlugin, type AdmissionRequest, type AdmissionWorld, refuse, writes } from './admission.ts'

const DEFAULT_ACCOUNT = 'default'
const MIRROR_ANNOTATION = 'kubernetes.io/config.mirror'

const VOLUME_PREFIX = 'kube-api-access-'
/** Where client libraries look for what they need to speak to the API. */
const MOUNT_PATH = '/var/run/secrets/kubernetes.io/serviceaccount'
/** A little more than an hour: by this number upstream's servers know the tokens that they mount themselves. */
const TOKEN_SECONDS = 3607
const FILE_MODE = 0o644

/** A token, the authority that signs the API server's certificate, and the name of the namespace. */
const accessVolume = (name: string): Volume => ({
  name,
  projected: {
    defaultMode: FILE_MODE,
    sources: [
      { serviceAccountToken: { path: 'token', expirationSeconds: TOKEN_SECONDS } },
      { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
      {
        downwardAPI: {
          items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }],
        },
      },
    ],
  },
})

function mountAccess({ spec }: Pod, { newNameSuffix }: AdmissionWorld): void {
  // Admission comes before validation: nothing needs to be there.
  const containers = [...(spec.containers ?? []), ...(spec.initContainers ?? [])] as Container[]
  const without = containers.filter(
    ({ volumeMounts = [] }) => !volumeMounts.some(({ mountPath }) => mountPath === MOUNT_PATH),
  )
  if (without.length === 0) return
  const known = spec.volumes?.find(({ name }) => name?.startsWith(VOLUME_PREFIX))
  const name = known?.name ?? `${VOLUME_PREFIX}${newNameSuffix()}`
  if (known === undefined) spec.volumes = [...(spec.volumes ?? []), accessVolume(name)]
  for (const container of without)
    container.volumeMounts = [...(container.volumeMounts ?? []), { name, readOnly: true, mountPath: MOUNT_PATH }]
}

function useAccount(request: AdmissionRequest, world: AdmissionWorld, pod: Pod): void {
  const { namespace = '' } = request
  const { spec } = pod
  const name = spec.serviceAccountName!
  const account = world.serviceAccount(namespace, name)
  // A new namespace gets its `default` account in a moment; upstream waits for that, here the token does.
  if (account === undefined && name !== DEFAULT_ACCOUNT)
    throw refuse(
      request,
      `error looking up service account ${namespace}/${name}: serviceaccount ${JSON.stringify(name)} not found`,
    )
  if ((spec.imagePullSecrets ?? []).length === 0 && account?.imagePullSecrets !== undefined)
    spec.imagePullSecrets = account.imagePullSecrets.map((reference) => ({ ...reference }))
  if (spec.automountServiceAccountToken ?? account?.automountServiceAccountToken ?? true) mountAccess(pod, world)
}

/**
 * Pods run as a service account, `default` where they name none, and find in their file system what it takes to speak
 * to the API as that account.
 */
export const serviceAccount: AdmissionPlugin = {
  name: 'ServiceAccount',
  admit(request, world) {
    if (request.operation !== 'create' || !writes(request, { group: '', kind: 'Pod' })) return
    const pod = request.object as Pod
    if (pod.metadata.annotations?.[MIRROR_ANNOTATION] !== undefined) return
    const name = pod.spec.serviceAccountName || pod.spec.serviceAccount || DEFAULT_ACCOUNT
    pod.spec.serviceAccountName = name
    // The old name of the field, still filled in for clients that read it.
    pod.spec.serviceAccount = name
    if (world.config.mountsAccountTokens) useAccount(request, world, pod)
  },
}
