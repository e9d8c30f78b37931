/** Whoever makes the load: a process of its own, so that it takes nothing from the server that is measured. */
import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Target } from './load/connection.ts'
import type { Report, Task } from './load/tasks.ts'
import { cpuSecondsOf, end } from './processes.ts'

const LOAD = fileURLToPath(new URL('./load/main.ts', import.meta.url))

/** What was done in a run. */
export interface Measured extends Report {
  /** The server's processor time meanwhile; undefined where there is no /proc. */
  serverCpuSeconds: number | undefined
}

export interface LoadProcess {
  /** Does something to the server of a process. */
  run(task: Task, target: Target, serverPid: number): Promise<Measured>
  stop(): Promise<void>
}

export function startLoad(): LoadProcess {
  const load = fork(LOAD, { stdio: 'inherit' })
  return {
    async run(task, target, serverPid) {
      const before = cpuSecondsOf(serverPid)
      load.send({ target, task })
      const report = await reportOf(load)
      const after = cpuSecondsOf(serverPid)
      return { ...report, serverCpuSeconds: before === undefined ? undefined : after! - before }
    },
    stop: () => end(load),
  }
}

function reportOf(load: ChildProcess): Promise<Report> {
  const { promise, resolve, reject } = Promise.withResolvers<Report>()
  const onExit = () => reject(new Error('the load generator has ended'))
  load.once('exit', onExit)
  load.once('message', (report) => {
    load.off('exit', onExit)
    resolve(report as Report)
  })
  return promise
}
