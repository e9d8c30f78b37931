/** Who may use the files of a volume beside the kubelet's own user: upstream's `SetVolumeOwnership` for `fsGroup`. */
import { chmod, lchown, lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Pod } from '../../shared/api/pod/pod.ts'

const SETGID = 0o2000
const DIRECTORY_MODE = SETGID | 0o110

export interface Ownership {
  /** The group that all files get; absent where they keep the kubelet's own. */
  groupId?: number
  /** What that group, and the owner, may do with files at least. */
  fileMode: number
}

const READ = 0o440
const WRITE = 0o660

/** The ownership that a pod asks for. Only root can give files away: others leave them as they are. */
export function ownershipOf({ spec }: Pod, { readOnly }: { readOnly: boolean }, isRoot: boolean): Ownership {
  const groupId = spec.securityContext?.fsGroup
  const fileMode = readOnly ? READ : WRITE
  return groupId === undefined || !isRoot ? { fileMode } : { groupId, fileMode }
}

/** Gives a directory and all that is in it to the group. */
export async function ownTree(path: string, ownership: Ownership): Promise<void> {
  const { groupId, fileMode } = ownership
  if (groupId === undefined) return
  const stat = await lstat(path)
  await lchown(path, stat.uid, groupId)
  if (stat.isSymbolicLink()) return
  const isDirectory = stat.isDirectory()
  await chmod(path, (stat.mode & 0o7777) | fileMode | (isDirectory ? DIRECTORY_MODE : 0))
  if (!isDirectory) return
  for (const name of await readdir(path)) await ownTree(join(path, name), ownership)
}
