/** Capabilities of containers, in the words of `setpriv`. Pure. */
import type { Security } from '../../runtime.ts'

/** What upstream's runtimes leave a container. */
const DEFAULTS = [
  ...['chown', 'dac_override', 'fsetid', 'fowner', 'mknod', 'net_raw', 'setgid', 'setuid', 'setfcap', 'setpcap'],
  ...['net_bind_service', 'sys_chroot', 'kill', 'audit_write'],
]

const ALL = 'all'
/**
 * Without the first nobody gets into a container's root directory, without the others nobody becomes somebody else there.
 * Who is not root loses them with that; root keeps the first.
 */
const NEEDED_BY_ROOT = ['sys_chroot']
const NEEDED_BY_OTHERS = [...NEEDED_BY_ROOT, 'setuid', 'setgid']

const plain = (name: string) => name.toLowerCase().replace(/^cap_/, '')

/** The bounding set as `setpriv` takes it; undefined where nothing is taken away. */
export function boundingSet(
  { privileged, addedCapabilities, droppedCapabilities }: Security,
  { isRoot }: { isRoot: boolean },
): string | undefined {
  const needed = isRoot ? NEEDED_BY_ROOT : NEEDED_BY_OTHERS
  if (privileged) return undefined
  const added = addedCapabilities.map(plain)
  const dropped = droppedCapabilities.map(plain)
  const kept = dropped.includes(ALL) ? [] : DEFAULTS
  // As upstream, what is added by its own name stays whatever is dropped altogether.
  if (added.includes(ALL)) {
    const taken = dropped.filter((name) => name !== ALL && !needed.includes(name))
    return taken.length === 0 ? undefined : taken.map((name) => `-${name}`).join(',')
  }
  const wanted = new Set([...kept.filter((name) => !dropped.includes(name)), ...added, ...needed])
  return ['-all', ...[...wanted].map((name) => `+${name}`)].join(',')
}
