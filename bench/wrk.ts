/** Reads made by `wrk`, which costs a fraction of what any client in JavaScript does. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Target } from './load/connection.ts'
import type { Measured } from './load-process.ts'
import { cpuSecondsOf } from './processes.ts'

export interface Reading {
  target: Target
  /** Process of the server. */
  pid: number
  path: string
  connections: number
  seconds: number
}

const POLL_MS = 50

/** The credentials go by a file of our own: arguments are for everyone to see. */
const script = (token: string) => `
wrk.headers["Authorization"] = "Bearer ${token}"
wrk.headers["Accept"] = "application/json"
done = function(summary, latency)
  local bad = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.status + summary.errors.timeout
  io.write(string.format("RESULT %d %d %f %f %d\\n", summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99), bad))
end
`

/** Reads one path for some seconds. Throws where an answer was an error. */
export async function read({ target, pid, path, connections, seconds }: Reading, directory: string): Promise<Measured> {
  const file = join(directory, 'wrk.lua')
  await writeFile(file, script(target.token), { mode: 0o600 })
  const before = cpuSecondsOf(pid)
  const args = ['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout=30s', '-s', file]
  const child = spawn('wrk', [...args, `https://${target.host}:${target.port}${path}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let clientCpu = 0
  const watchClient = setInterval(() => {
    if (child.exitCode === null) clientCpu = cpuSecondsOf(child.pid!) ?? 0
  }, POLL_MS)
  let output = ''
  child.stdout!.on('data', (chunk: Buffer) => {
    output += chunk
  })
  await once(child, 'close')
  clearInterval(watchClient)
  const after = cpuSecondsOf(pid)
  const [, count, microseconds, medianUs, p99Us, bad] = (
    /^RESULT (\S+) (\S+) (\S+) (\S+) (\S+)$/m.exec(output) ?? []
  ).map(Number) as [number, number, number, number, number, number]
  if (!(count > 0) || bad > 0) throw new Error(`wrk: ${bad} of ${count} requests failed: ${output}`)
  const duration = microseconds / 1e6
  return {
    perSecond: count / duration,
    medianMs: medianUs / 1000,
    p99Ms: p99Us / 1000,
    count,
    seconds: duration,
    cpuSeconds: clientCpu,
    serverCpuSeconds: before === undefined ? undefined : after! - before,
  }
}
