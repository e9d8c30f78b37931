/** The shell script that makes a container out of a process in new namespaces, and then becomes its program. Pure. */
import type { Security } from '../../runtime.ts'
import { boundingSet } from './capabilities.ts'
import type { Bind } from './container-root.ts'
import { fstabField, quote, words } from './shell.ts'
import type { Tools } from './tools.ts'
import type { Identity } from './users.ts'

/** Parts of `/proc` that a container may read only, and those that it may not even read, as far as there are such. */
const READ_ONLY = ['bus', 'fs', 'irq', 'sys', 'sysrq-trigger']
const MASKED = ['kcore', 'keys', 'timer_list', 'latency_stats', 'sched_debug']

export interface MountTable {
  /** The container's own directory, with `upper`, `work` and `root`. */
  directory: string
  /** Names of links in that directory to the lower layers: their paths might hold what the option cannot. */
  layers: readonly string[]
  devices: string
  sharedMemory: string
  /** Directory of the host's shared memory that is hidden where the container sees that. */
  nodesMemory: string
  /** An empty directory. */
  nothing: string
  binds: readonly Bind[]
  security: Pick<Security, 'privileged' | 'readOnlyRootFilesystem'>
  hostPid: boolean
  /** Whether the program is to have a terminal, to which TERMINAL leads in the directory. */
  tty: boolean
  /** Whether the host has such a path. */
  exists(path: string): boolean
}

/** Name of the link to a container's terminal in its directory. */
export const TERMINAL = 'terminal'

const PROPAGATION = { None: '', HostToContainer: ',rslave', Bidirectional: ',rshared' } as const

/** What is mounted, as a file for `mount --all`, which does it all in one process. */
export function mountTable(table: MountTable): string {
  const { directory, layers, devices, sharedMemory, nodesMemory, nothing, binds, security, hostPid, tty, exists } =
    table
  const root = `${directory}/root`
  const line = (source: string, path: string, type: string, options: string) =>
    `${fstabField(source)} ${fstabField(`${root}${path}`)} ${type} ${options} 0 0`
  const readOnly = security.readOnlyRootFilesystem ? ',ro' : ''
  const overlay = `lowerdir=${layers.join(':')},upperdir=upper,workdir=work${readOnly}`
  const here = (names: readonly string[]) => names.map((name) => `/proc/${name}`).filter(exists)
  const guards = security.privileged
    ? []
    : [
        ...here(READ_ONLY).map((path) => line(`${root}${path}`, path, 'none', 'bind,ro')),
        ...here(MASKED).map((path) => line(`${devices}/null`, path, 'none', 'bind')),
      ]
  return [
    line('overlay', '/', 'overlay', overlay),
    hostPid ? line('/proc', '/proc', 'none', 'rbind') : line('proc', '/proc', 'proc', 'nosuid,noexec,nodev'),
    ...guards,
    line('sysfs', '/sys', 'sysfs', security.privileged ? 'nosuid,noexec,nodev' : 'ro,nosuid,noexec,nodev'),
    ...(security.privileged
      ? [line('/dev', '/dev', 'none', 'rbind')]
      : [
          line(devices, '/dev', 'none', 'bind,ro,nosuid,noexec'),
          line('devpts', '/dev/pts', 'devpts', 'newinstance,ptmxmode=0666,mode=0620,nosuid,noexec'),
          // The terminal is the machine's: by this name a program finds it among its own files.
          ...(tty ? [line(`${directory}/${TERMINAL}`, '/dev/console', 'none', 'bind')] : []),
          line('mqueue', '/dev/mqueue', 'mqueue', 'nosuid,noexec,nodev'),
        ]),
    line(sharedMemory, '/dev/shm', 'none', 'bind,nosuid,noexec,nodev'),
    ...(nodesMemory.startsWith(`${sharedMemory}/`) && exists(nodesMemory)
      ? [line(nothing, nodesMemory, 'none', 'bind,ro')]
      : []),
    ...binds.map(({ hostPath, containerPath, readOnly, propagation }) =>
      line(hostPath, containerPath, 'none', `${readOnly ? 'bind,ro' : 'rbind'}${PROPAGATION[propagation]}`),
    ),
    '',
  ].join('\n')
}

/** The command that becomes the program: with its identity and rights, and the working directory as root directory. */
export function entryCommand(
  tools: Tools,
  { identity, security }: { identity: Identity; security: Security },
): string[] {
  const { uid, gid, groups } = identity
  const isRoot = uid === 0
  const bounding = boundingSet(security, { isRoot })
  const rights = [
    // Groups at once, while that is allowed; another user only in the root directory, which who is not root cannot enter.
    `--regid=${gid}`,
    groups.length === 0 ? '--clear-groups' : `--groups=${groups.join(',')}`,
    ...(bounding === undefined ? [] : ['--inh-caps=-all', `--bounding-set=${bounding}`]),
    ...(security.allowPrivilegeEscalation || security.privileged ? [] : ['--no-new-privs']),
  ]
  const user = isRoot ? [] : [`--userspec=${uid}:${gid}`, `--groups=${groups.join(',')}`]
  return [tools.setpriv, ...rights, tools.chroot, ...user, '.']
}

/**
 * What makes a process that somebody waits for the leader of a session with its terminal, which is then not the session
 * of those who wait: what is typed to interrupt the program must not end them.
 */
export const leadSession = (tools: Tools): string[] => [tools.setsid, '--ctty']

/** What goes between the entry and the program, inside: a directory to start in, variables that must not be set before. */
export function insideCommand(workingDirectory: string, late: readonly string[]): string[] {
  const directory = workingDirectory === '/' ? [] : [`--chdir=${workingDirectory}`]
  return directory.length + late.length === 0 ? [] : ['/usr/bin/env', ...directory, ...late]
}

export interface ScriptParts {
  /** The container's own. */
  directory: string
  /** Directories of the control groups that it joins. */
  cgroups: readonly string[]
  /** As of `entryCommand`. */
  entry: readonly string[]
  /** Whether the container has a namespace of processes of its own, rather than that of its pod or host. */
  ownProcesses: boolean
}

/** Told when all is done. */
export const READY = 'ok'

/**
 * The script. It tells the host's number of its process, and READY when only the program is left to become, on file 3,
 * where what goes wrong before is told as well.
 */
export function startScript(tools: Tools, { directory, cgroups, entry, ownProcesses }: ScriptParts): string {
  return [
    'exec 4>&2 2>/dev/null',
    // The first process that a shell begins in a new namespace is number 1 there; the shell waits for it outside.
    ...(ownProcesses ? ['('] : []),
    'exec 2>&3',
    'set -e',
    'read -r pid rest </proc/self/stat',
    'echo "pid $pid" >&3',
    ...cgroups.map((path) => `echo 0 >${quote(`${path}/cgroup.procs`)}`),
    `cd ${quote(directory)}`,
    `${tools.mount} -n -a -T fstab`,
    'cd root',
    // In place of the root, so that there is no way back over it.
    `${tools.mount} -n --move . /`,
    `echo ${READY} >&3`,
    'unset PWD OLDPWD',
    `exec ${words(entry)} "$@" 2>&4 3>&- 4>&-`,
    ...(ownProcesses ? [')', 'exit $?'] : []),
  ].join('\n')
}
