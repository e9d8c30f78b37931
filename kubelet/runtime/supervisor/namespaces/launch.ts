/** Starts containers in namespaces of their own. */
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join, posix } from 'node:path'
import { readProcess } from '../../../../shared/processes.ts'
import { nodesMemory } from '../../../volumes/memory-directory.ts'
import { StartError } from '../../runtime.ts'
import type { Launch, Launched } from '../launch.ts'
import { findProgram } from '../program.ts'
import type { IsolatedStart, SandboxParams, StartSpec } from '../protocol.ts'
import type { Spawn, SpawnedProcess } from '../spawn.ts'
import type { Cgroups } from './cgroups.ts'
import { prepareRoot } from './container-root.ts'
import { splitEnvironment } from './inherited.ts'
import type { NodeFiles } from './node-files.ts'
import type { NodeSpace } from './node-space.ts'
import { filesOf, lookUp, type RootView } from './root-view.ts'
import type { Sandbox, Sandboxes } from './sandboxes.ts'
import { entryCommand, insideCommand, leadSession, mountTable, READY, startScript, TERMINAL } from './start-script.ts'
import { type Identity, identityOf } from './users.ts'

const START_ERROR_EXIT_CODE = 128

export interface NamespaceParts {
  space: NodeSpace
  sandboxes: Sandboxes
  files: NodeFiles
  cgroups: Cgroups
  spawn: Spawn
  /** Holds a directory for each container. */
  directory: string
}

/** Where a container is made. */
interface Place {
  directory: string
  /** The layer of its image, by its path in the node's namespaces. */
  image: string | undefined
  sandbox: Sandbox
}

const isDirectory = (path: string) => statSync(path).isDirectory()

function readInside(view: RootView, path: string): string | undefined {
  const [hostPath] = lookUp(view, path).hostPaths
  return hostPath === undefined ? undefined : readFileSync(hostPath, 'utf8')
}

const hasOwnProcesses = ({ hostPid, shareProcessNamespace }: SandboxParams) => !hostPid && !shareProcessNamespace

/** The commands that lead into a container's namespaces, from the host's, and make those of its own. */
function namespaceCommand({ space }: NamespaceParts, { sandbox, mounts }: IsolatedStart, { pid }: Sandbox): string[] {
  const { nsenter, unshare } = space.tools
  const processes = sandbox.hostPid
    ? []
    : [`--pid=/proc/${sandbox.shareProcessNamespace ? `${pid}/ns/pid_for_children` : `${space.pid}/ns/pid`}`]
  const shared = [
    `--mount=/proc/${space.pid}/ns/mnt`,
    ...['net', 'uts', 'ipc'].map((ns) => `--${ns}=/proc/${pid}/ns/${ns}`),
  ]
  const isPrivate = mounts.every(({ propagation }) => propagation === 'None')
  return [
    ...[nsenter, ...processes, ...shared],
    ...[unshare, '--mount', `--propagation=${isPrivate ? 'private' : 'slave'}`],
    ...(hasOwnProcesses(sandbox) ? ['--pid'] : []),
  ]
}

/**
 * Waits until the script is about to become the program. Resolves with its host's number; throws a StartError with what
 * went wrong. The report does not end with the script's success: those who wait for the program have it open as well.
 */
async function becomeProgram({ report }: SpawnedProcess): Promise<number> {
  let text = ''
  for await (const chunk of report!) {
    text += chunk
    if (text.endsWith(`${READY}\n`)) break
  }
  const lines = text.trim().split('\n')
  const pid = /^pid (\d+)$/.exec(lines[0] ?? '')?.[1]
  if (pid !== undefined && lines.at(-1) === READY) return Number(pid)
  const words = lines.filter((line) => !/^pid \d+$/.test(line))
  throw new StartError(`error during container init: ${words.join('; ') || 'it ended at once'}`, START_ERROR_EXIT_CODE)
}

export function launchInNamespaces(parts: NamespaceParts): Launch {
  const { space, sandboxes, files, cgroups, spawn } = parts
  const { tools } = space

  /** Lays out everything that the script needs in the container's directory. */
  function prepare({ directory, image, sandbox }: Place, spec: StartSpec, isolated: IsolatedStart): Identity {
    const { imageDirectory, mounts, security } = isolated
    const { tty = false } = spec
    const devices = tty ? files.terminalDevices : files.devices
    const images = imageDirectory === undefined ? [] : [imageDirectory]
    const { view, binds } = prepareRoot(
      {
        directory,
        lowerLayers: [...images, space.outside(files.hiding), '/'],
        systemMounts: new Map(Object.entries({ '/dev': space.outside(devices), '/proc': '/proc', '/sys': '/sys' })),
        mounts,
        files: isolated.files,
        workingDirectory: spec.workingDirectory,
      },
      isDirectory,
    )
    findProgram(spec, filesOf(view))
    const identity = identityOf(security, {
      passwd: readInside(view, '/etc/passwd'),
      group: readInside(view, '/etc/group'),
    })
    const layers = [...(image === undefined ? [] : [image]), files.hiding, '/']
    const links = layers.map((layer, index) => {
      symlinkSync(layer, join(directory, `l${index}`))
      return `l${index}`
    })
    const table = mountTable({
      ...{ directory, layers: links, devices, binds, tty, security, exists: existsSync },
      sharedMemory: isolated.sandbox.hostIpc === true ? '/dev/shm' : sandbox.sharedMemory,
      nodesMemory: nodesMemory(),
      nothing: files.nothing,
      hostPid: isolated.sandbox.hostPid === true,
    })
    writeFileSync(join(directory, 'fstab'), table, { mode: 0o600 })
    return identity
  }

  async function start(id: string, directory: string, spec: StartSpec, isolated: IsolatedStart): Promise<Launched> {
    const { imageDirectory } = isolated
    const [sandbox, image] = await Promise.all([
      sandboxes.open(isolated.sandbox),
      imageDirectory === undefined ? undefined : files.imageLayer(imageDirectory),
    ])
    const identity = prepare({ directory, image, sandbox }, spec, isolated)
    const { security } = isolated
    const group = cgroups.make(id, isolated.limits)
    const entry = entryCommand(tools, { identity, security })
    // Whoever sees the host's processes is one of them, and leads the session already.
    const leading = isolated.sandbox.hostPid ? [] : leadSession(tools)
    const script = startScript(tools, {
      directory,
      cgroups: group.directories,
      entry: [...(spec.tty ? leading : []), ...entry],
      ownProcesses: hasOwnProcesses(isolated.sandbox),
    })
    const { early, late } = splitEnvironment(withHome(spec.env, identity))
    const inside = insideCommand(posix.resolve('/', spec.workingDirectory), late)
    const argv = [
      ...namespaceCommand(parts, isolated, sandbox),
      tools.sh,
      '-c',
      script,
      'container',
      ...inside,
      ...spec.argv,
    ]
    const clean = async () => {
      const end = group.remove()
      await rm(directory, { recursive: true, force: true })
      return end
    }
    try {
      const process = await spawn(
        { argv, env: early, workingDirectory: '/' },
        {
          stdin: spec.stdin !== undefined,
          report: true,
          ...(spec.tty && { tty: true, onTerminal: (path) => symlinkSync(path, join(directory, TERMINAL)) }),
        },
      )
      const pid = await becomeProgram(process)
      const startTicks = readProcess(pid)?.startTicks
      return {
        process: { ...process, ...(startTicks !== undefined && { main: { pid, startTicks } }) },
        surroundings: {
          env: withHome(spec.env, identity),
          workingDirectory: spec.workingDirectory,
          enter: {
            argv: [...enterCommand(parts, isolated, pid), ...entry],
            terminalArgv: [...enterCommand(parts, isolated, pid), ...leading, ...entry],
            root: rootOf(pid),
          },
        },
        clean,
      }
    } catch (error) {
      group.remove()
      throw error
    }
  }

  return async (id, spec) => {
    const { isolated } = spec
    if (isolated === undefined) throw new Error('a container for the process runtime in a node with namespaces')
    const directory = join(parts.directory, id)
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    try {
      return await start(id, directory, spec, isolated)
    } catch (error) {
      rmSync(directory, { recursive: true, force: true })
      throw error
    }
  }
}

const rootOf = (pid: number) => `/proc/${pid}/root`

const withHome = (env: StartSpec['env'], { home }: Identity) => ({ HOME: home, ...env })

/** What leads into the namespaces of a running container. Its mounts are reached by its root directory alone. */
function enterCommand({ space }: NamespaceParts, { sandbox }: IsolatedStart, pid: number): string[] {
  const names = ['net', 'uts', 'ipc', ...(sandbox.hostPid ? [] : ['pid'])]
  // Only as long as all rights are there can the directory be reached by this path.
  return [space.tools.nsenter, ...names.map((ns) => `--${ns}=/proc/${pid}/ns/${ns}`), `--wd=${rootOf(pid)}`]
}
