/** The files of a projected volume: those of all its sources, collected. */
import type { Pod, ProjectedVolumeSource, VolumeProjection } from '../../shared/api/pod/pod.ts'
import { downwardFiles } from './downward-files.ts'
import type { ProjectedFile, ProjectedFiles } from './projected-file.ts'
import type { TokenWish } from './service-account-tokens.ts'
import type { FileSources } from './set-up.ts'
import { VolumeError } from './volume-error.ts'

const MODE_DEFAULT = 0o644
/** A token that belongs to a certain user or group is for nobody else. */
const PRIVATE_MODE = 0o600

/** The user that all containers of a pod run as, if it is one. */
function commonUser({ spec }: Pod): number | undefined {
  const ofPod = spec.securityContext?.runAsUser
  const users = [...(spec.initContainers ?? []), ...spec.containers].map(
    ({ securityContext }) => securityContext?.runAsUser ?? ofPod,
  )
  return users.every((user) => user === users[0]) ? users[0] : undefined
}

async function tokenFile(wish: TokenWish, defaultMode: number, sources: FileSources): Promise<ProjectedFile> {
  const { pod, isRoot } = sources
  const { token } = await sources.token(wish)
  const userId = isRoot ? commonUser(pod) : undefined
  const isPrivate = userId !== undefined || pod.spec.securityContext?.fsGroup !== undefined
  return { data: token, mode: isPrivate ? PRIVATE_MODE : defaultMode, ...(userId !== undefined && { userId }) }
}

async function filesOf(source: VolumeProjection, defaultMode: number, sources: FileSources): Promise<ProjectedFiles> {
  const { configMap, secret, downwardAPI, serviceAccountToken } = source
  if (configMap !== undefined) {
    const { name = '', items = [], optional = false } = configMap
    return sources.configMapFiles(name, { items, optional, defaultMode })
  }
  if (secret !== undefined) {
    const { name = '', items = [], optional = false } = secret
    return sources.secretFiles(name, { items, optional, defaultMode })
  }
  if (downwardAPI !== undefined) return downwardFiles(downwardAPI.items ?? [], defaultMode, sources)
  if (serviceAccountToken !== undefined) {
    const { path, audience = '', expirationSeconds } = serviceAccountToken
    const wish = { audience, ...(expirationSeconds !== undefined && { expirationSeconds }) }
    return new Map([[path, await tokenFile(wish, defaultMode, sources)]])
  }
  const [kind = 'none'] = Object.keys(source)
  throw new VolumeError(`projected source ${kind} is not supported by this kubelet`)
}

/** All files, of a later source where two have the same path. Throws a VolumeError that names everything that is missing. */
export async function projectedFiles(
  { sources: projections = [], defaultMode = MODE_DEFAULT }: ProjectedVolumeSource,
  sources: FileSources,
): Promise<ProjectedFiles> {
  const results = await Promise.allSettled(projections.map((source) => filesOf(source, defaultMode, sources)))
  const errors = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []))
  const defect = errors.find((error) => !(error instanceof VolumeError))
  if (defect !== undefined) throw defect
  const messages = errors.map((error) => (error as VolumeError).message)
  if (messages.length > 0) throw new VolumeError(messages.length === 1 ? messages[0]! : `[${messages.join(', ')}]`)
  return new Map(results.flatMap((result) => (result.status === 'fulfilled' ? [...result.value] : [])))
}
