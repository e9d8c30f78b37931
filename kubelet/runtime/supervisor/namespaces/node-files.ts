/**
 * What all containers of a node have in common: devices, images, and what of the host they do not see. It is in the
 * node's memory, since directories that lie over the host's files must not be among these.
 */
import { chmodSync, chownSync, existsSync, linkSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { NodeSpace } from './node-space.ts'
import { quote } from './shell.ts'

/** Devices without which programs do not get along: name, major and minor number. */
const DEVICES = [
  ['null', 1, 3],
  ['zero', 1, 5],
  ['full', 1, 7],
  ['random', 1, 8],
  ['urandom', 1, 9],
  ['tty', 5, 0],
] as const

const LINKS = { fd: '/proc/self/fd', stdin: 'fd/0', stdout: 'fd/1', stderr: 'fd/2', ptmx: 'pts/ptmx' }

/** Paths are those of the node's namespaces. */
export interface NodeFiles {
  /** Becomes `/dev`. */
  devices: string
  /** The same with a place for a terminal, `console`. */
  terminalDevices: string
  /** A layer between the images' and the host's files that hides some of these. */
  hiding: string
  /** An empty directory, to lie over others. */
  nothing: string
  /** The layer with the files of an image, which lie in a directory of the host. */
  imageLayer(imageDirectory: string): Promise<string>
}

/** A directory of the hiding layer, which shows through as the host's own. */
function mirror(layer: string, path: string): void {
  if (path === '/') return
  mirror(layer, dirname(path))
  const place = join(layer, path)
  if (existsSync(place)) return
  const { mode, uid, gid } = statSync(path)
  mkdirSync(place)
  chmodSync(place, mode & 0o7777)
  chownSync(place, uid, gid)
}

/** Mounts an image by itself, once: a directory that is among the host's files cannot lie over them. */
function imageLayers(space: NodeSpace, directory: string): NodeFiles['imageLayer'] {
  const layers = new Map<string, Promise<string>>()
  const outside = space.outside(directory)
  mkdirSync(join(outside, 'empty'), { recursive: true, mode: 0o755 })

  const mount = async (imageDirectory: string, number: number) => {
    const [source, target] = [`source-${number}`, `image-${number}`]
    symlinkSync(imageDirectory, join(outside, source))
    mkdirSync(join(outside, target), { mode: 0o755 })
    const { mount } = space.tools
    await space.do(`(cd ${quote(directory)} && ${mount} -n -t overlay -o lowerdir=${source}:empty image ${target})`)
    return join(directory, target)
  }

  return (imageDirectory) => {
    const known = layers.get(imageDirectory)
    if (known !== undefined) return known
    const made = mount(imageDirectory, layers.size)
    layers.set(imageDirectory, made)
    return made
  }
}

/** Makes them. `hidden` are paths of the host, which exist. */
export async function makeNodeFiles(space: NodeSpace, hidden: readonly string[]): Promise<NodeFiles> {
  const inMemory = (name: string) => join(space.memory, name)
  const devices = inMemory('dev')
  const terminalDevices = inMemory('dev-console')
  const [hiding, images, nothing] = [inMemory('hiding'), inMemory('images'), inMemory('nothing')]
  const outside = {
    devices: space.outside(devices),
    terminalDevices: space.outside(terminalDevices),
    hiding: space.outside(hiding),
  }
  for (const place of [outside.devices, outside.terminalDevices]) {
    for (const name of ['pts', 'shm', 'mqueue']) mkdirSync(join(place, name), { recursive: true, mode: 0o755 })
    for (const [name, target] of Object.entries(LINKS)) symlinkSync(target, join(place, name))
  }
  writeFileSync(join(outside.terminalDevices, 'console'), '')
  mkdirSync(outside.hiding, { mode: 0o755 })
  mkdirSync(space.outside(nothing), { mode: 0o555 })
  for (const path of hidden) mirror(outside.hiding, dirname(path))
  const { mknod } = space.tools
  const commands = [
    ...DEVICES.map(([name, ...numbers]) => `${mknod} -m 666 ${quote(join(devices, name))} c ${numbers.join(' ')}`),
    // What an overlay takes for the absence of a file.
    ...hidden.map((path) => `${mknod} -m 0 ${quote(join(hiding, path))} c 0 0`),
  ]
  await space.do(commands.join(' && '))
  for (const [name] of DEVICES) linkSync(join(outside.devices, name), join(outside.terminalDevices, name))
  return { devices, terminalDevices, hiding, nothing, imageLayer: imageLayers(space, images) }
}
