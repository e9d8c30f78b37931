/**
 * The supervisor: a small process per node that owns the node's containers, so that they outlive the kubelet. The
 * kubelet starts it and talks to it over ROOT_DIR/supervisor.sock; ROOT_DIR/supervisor.pid names its process.
 *
 * How it ends, always with all containers and everything that descends from them:
 *   request `shutdown`            the kubelet has stopped the pods: what is left is killed
 *   SIGTERM, SIGINT               containers are asked to end, and killed after --stop-grace-period
 *   SIGUSR2                       the node is lost: everything is killed at once (`kubeproc node kill`)
 *   end of the lifeline           the launcher is gone: the same
 *   idle for --idle-period        no kubelet and no running container: it is not needed; exited ones stay on record
 * After a SIGKILL the next supervisor of the same directory kills what is left, by the records.
 */
import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { flushCompileCache } from 'node:module'
import { resolve } from 'node:path'
import { systemClock, withinMs } from '../../../shared/clock.ts'
import { helpPage, parseFlags, UsageError } from '../../../shared/flags.ts'
import { onLifelineEnd } from '../../../shared/lifeline.ts'
import { readProcess } from '../../../shared/processes.ts'
import { removeMemoryDirectory } from '../../volumes/memory-directory.ts'
import { Containers } from './containers.ts'
import { SUPERVISOR_FLAGS } from './flags.ts'
import { launchOnHost } from './launch.ts'
import { Namespaces } from './namespaces.ts'
import { pathsOf } from './paths.ts'
import { openRecords } from './records.ts'
import { SupervisorServer } from './server.ts'
import { loadSpawn } from './spawn.ts'
import { troubleOnStderr } from './trouble.ts'

/** What starting containers takes is loaded by itself when the node has had time to become Ready, or with the first container. */
const PRELOAD_AFTER_MS = 1_500

/** A kubelet that does not hang up, since it is frozen, holds up the end no longer than this. */
const FAREWELL_MAX_MS = 1_000

const clock = systemClock
const trouble = troubleOnStderr(clock)

function writePid(path: string): void {
  const start = readProcess(process.pid)?.startTicks ?? 0
  writeFileSync(`${path}.new`, `${process.pid} ${start}\n`, { mode: 0o600 })
  renameSync(`${path}.new`, path)
}

interface RunOptions {
  hasLifeline: boolean
  stopGraceMs: number
  idleMs: number
}

/** Runs until one of the ends that the file's header lists; rejects where it cannot start. */
async function run(rootDirectory: string, options: RunOptions): Promise<void> {
  const paths = pathsOf(rootDirectory)
  const records = openRecords(paths.containers, (file) => trouble('an unreadable record is removed', { file }))
  const namespaces = new Namespaces(rootDirectory)
  const containers = new Containers({
    records,
    launch: (id, spec) => (spec.isolated === undefined ? launchOnHost(id, spec) : namespaces.launch(id, spec)),
    clock,
    trouble,
    onChange: (podUid) => server.publish(podUid),
  })
  const recovered = Promise.withResolvers<void>()

  /** As at a loss of power: what volumes keep in memory does not outlive the containers. */
  async function stopAll(graceMs: number): Promise<void> {
    await containers.stopAll(graceMs)
    await removeMemoryDirectory(rootDirectory)
  }

  async function end(graceMs: number): Promise<void> {
    await recovered.promise
    await stopAll(graceMs)
    await namespaces.close()
    rmSync(paths.pid, { force: true })
    // A kubelet that writes to a closed connection never reads the last answer on it.
    await withinMs(clock, FAREWELL_MAX_MS, server.close())
    process.exit(0)
  }

  let cancelIdle: (() => void) | undefined
  const watchIdleness = () => {
    cancelIdle = clock.after(options.idleMs, () => (containers.runningCount > 0 ? watchIdleness() : void end(0)))
  }
  const server = new SupervisorServer({
    rootDirectory,
    containers,
    namespaces,
    trouble,
    ready: recovered.promise,
    async onShutdown() {
      await stopAll(0)
      setImmediate(() => void end(0)) // The answer goes out first.
    },
    onClients(count) {
      cancelIdle?.()
      if (count === 0) watchIdleness()
    },
  })

  await server.start()
  // From here on the directory is ours alone.
  writePid(paths.pid)
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void end(options.stopGraceMs))
  process.on('SIGUSR2', () => void end(0))
  if (options.hasLifeline) onLifelineEnd(() => void end(0))
  watchIdleness()
  await containers.recover()
  await namespaces.sweep()
  recovered.resolve()
  process.stdout.write('kubeproc-supervisor is ready\n')
  clock.after(PRELOAD_AFTER_MS, () => void loadSpawn().then(() => flushCompileCache()))
}

// The kubelet may have gone, or the disk be full: nothing of that may end the containers.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)

try {
  const { flags } = parseFlags(SUPERVISOR_FLAGS, process.argv.slice(2))
  const rootDirectory = flags['root-dir']
  if (flags.help) process.stdout.write(helpPage('kubeproc supervisor: owns the containers of a node', SUPERVISOR_FLAGS))
  else if (rootDirectory === undefined) throw new UsageError('--root-dir is needed')
  else {
    await run(resolve(rootDirectory), {
      hasLifeline: flags.lifeline,
      stopGraceMs: flags['stop-grace-period'],
      idleMs: flags['idle-period'],
    })
  }
} catch (error) {
  if (!(error instanceof UsageError)) trouble('the supervisor cannot start', { error })
  else process.stderr.write(`kubeproc-supervisor: ${error.message}\n`)
  process.exit(error instanceof UsageError ? 2 : 1)
}
