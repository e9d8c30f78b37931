/** The programs of the machine that do what Node.js cannot: namespaces, mounts, links, identities. */
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

const TOOLS = ['nsenter', 'unshare', 'setpriv', 'setsid', 'chroot', 'mount', 'mknod', 'ip', 'sh', 'sleep'] as const

/** Absolute paths: they are run with a container's own PATH in their environment. */
export type Tools = Readonly<Record<(typeof TOOLS)[number], string>>

/** Beside PATH: systems keep some of them away from users. */
const SYSTEM_DIRECTORIES = ['/usr/sbin', '/usr/bin', '/sbin', '/bin']

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Finds them all. Throws an Error that names those that are missing. */
export function findTools(searchPath = process.env.PATH ?? ''): Tools {
  const directories = [...SYSTEM_DIRECTORIES, ...searchPath.split(delimiter).filter((path) => path.startsWith('/'))]
  const found = TOOLS.map((name) => [name, directories.map((path) => join(path, name)).find(isExecutable)] as const)
  const missing = found.filter(([, path]) => path === undefined).map(([name]) => name)
  if (missing.length > 0) throw new Error(`this machine has no ${missing.join(', ')} (util-linux, coreutils, iproute2)`)
  return Object.fromEntries(found) as Tools
}
