/** Who a container's program is and what it may do, by the pod's spec and the container's, which wins. Pure. */
import type { Container, Pod } from '../../shared/api/pod/pod.ts'
import type { Security } from '../runtime/runtime.ts'

/** The settings as the runtime takes them. `imageUser` is what the image says. */
export function securityOf({ spec }: Pod, container: Container, imageUser: string | undefined): Security {
  const ofPod = spec.securityContext ?? {}
  const own = container.securityContext ?? {}
  const runAsUser = own.runAsUser ?? ofPod.runAsUser
  const runAsGroup = own.runAsGroup ?? ofPod.runAsGroup
  const { privileged = false, allowPrivilegeEscalation = true, readOnlyRootFilesystem = false } = own
  return {
    ...(imageUser !== undefined && imageUser !== '' && { imageUser }),
    ...(runAsUser !== undefined && { runAsUser }),
    ...(runAsGroup !== undefined && { runAsGroup }),
    groups: [...(ofPod.supplementalGroups ?? []), ...(ofPod.fsGroup === undefined ? [] : [ofPod.fsGroup])],
    privileged,
    allowPrivilegeEscalation,
    readOnlyRootFilesystem,
    addedCapabilities: own.capabilities?.add ?? [],
    droppedCapabilities: own.capabilities?.drop ?? [],
  }
}

/**
 * Why a container that is not to run as root (`runAsNonRoot`) cannot be started, in upstream's words; nothing where it
 * can. `defaultUser` is who it runs as where nobody says.
 */
export function rootRefusal(
  pod: Pod,
  container: Container,
  { imageUser = '', defaultUser }: { imageUser: string | undefined; defaultUser: number },
): string | undefined {
  const { runAsNonRoot, runAsUser } = { ...pod.spec.securityContext, ...container.securityContext }
  if (runAsNonRoot !== true) return undefined
  const { name, namespace, uid } = pod.metadata
  const where = `(pod: ${JSON.stringify(`${name}_${namespace}(${uid})`)}, container: ${container.name})`
  if (runAsUser !== undefined)
    return runAsUser === 0 ? `container's runAsUser breaks non-root policy ${where}` : undefined
  const [user = ''] = imageUser.split(':')
  if (user !== '' && !/^\d+$/.test(user))
    return `container has runAsNonRoot and image has non-numeric user (${user}), cannot verify user is non-root ${where}`
  const number = user === '' ? defaultUser : Number(user)
  return number === 0 ? `container has runAsNonRoot and image will run as root ${where}` : undefined
}
