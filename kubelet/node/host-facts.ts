/** What the kubelet finds out about the machine it runs on. */
import { readFile, statfs } from 'node:fs/promises'
import { arch, availableParallelism, platform, release, totalmem, type } from 'node:os'

/** What stays the same while the kubelet runs. */
export interface HostIdentity {
  machineId: string
  systemUuid: string
  bootId: string
  kernelVersion: string
  osImage: string
  /** In Go's words: `linux`, `darwin`. */
  operatingSystem: string
  /** In Go's words: `amd64`, `arm64`. */
  architecture: string
  cpus: number
}

/** What the machine has and what of it is left. Where a system does not tell what is left, all is. */
export interface HostResources {
  memoryBytes: number
  memoryAvailableBytes: number
  diskBytes: number
  diskAvailableBytes: number
  inodes: number
  inodesFree: number
  pidsMax: number
  pids: number
}

const GO_ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386' }
/** Where a system does not say how many processes it can hold. */
const PIDS_MAX_ASSUMED = 32_768

/** The text of a file, or nothing where there is none, or none for us. */
async function textOf(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, 'utf8')).trim()
  } catch {
    // Optional facts: other systems keep them elsewhere, and containers hide them.
    return undefined
  }
}

const withoutQuotes = (text: string) => text.replace(/^"(.*)"$/, '$1')

async function osImage(): Promise<string> {
  const file = await textOf('/etc/os-release')
  const name = file?.split('\n').find((line) => line.startsWith('PRETTY_NAME='))
  return name === undefined ? `${type()} ${release()}` : withoutQuotes(name.slice('PRETTY_NAME='.length))
}

export async function hostIdentity(): Promise<HostIdentity> {
  const [machineId, productUuid, bootId, image] = await Promise.all([
    textOf('/etc/machine-id'),
    textOf('/sys/class/dmi/id/product_uuid'),
    textOf('/proc/sys/kernel/random/boot_id'),
    osImage(),
  ])
  return {
    machineId: machineId ?? '',
    systemUuid: productUuid ?? machineId ?? '',
    bootId: bootId ?? '',
    kernelVersion: release(),
    osImage: image,
    operatingSystem: platform(),
    architecture: GO_ARCHITECTURES[arch()] ?? arch(),
    cpus: availableParallelism(),
  }
}

/** A line of `/proc/meminfo` in bytes. */
function memoryLine(meminfo: string | undefined, name: string): number | undefined {
  const [, kibibytes] = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(meminfo ?? '') ?? []
  return kibibytes === undefined ? undefined : Number(kibibytes) * 1024
}

/** Measures the machine; `directory` tells which file system is the node's. */
export async function hostResources(directory: string): Promise<HostResources> {
  const [meminfo, loadavg, pidMax, disk] = await Promise.all([
    textOf('/proc/meminfo'),
    textOf('/proc/loadavg'),
    textOf('/proc/sys/kernel/pid_max'),
    statfs(directory),
  ])
  const memoryBytes = memoryLine(meminfo, 'MemTotal') ?? totalmem()
  // The fourth field counts threads: `running/all`.
  const threads = loadavg?.split(' ')[3]?.split('/')[1]
  return {
    memoryBytes,
    memoryAvailableBytes: memoryLine(meminfo, 'MemAvailable') ?? memoryBytes,
    diskBytes: disk.blocks * disk.bsize,
    diskAvailableBytes: disk.bavail * disk.bsize,
    inodes: disk.files,
    inodesFree: disk.ffree,
    pidsMax: pidMax === undefined ? PIDS_MAX_ASSUMED : Number(pidMax),
    pids: threads === undefined ? 0 : Number(threads),
  }
}
