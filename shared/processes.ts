/** What `/proc` tells of the machine's processes. Systems without it have an empty table. */
import { readdirSync, readFileSync } from 'node:fs'

export interface ProcessInfo {
  pid: number
  parent: number
  group: number
  session: number
  /** One letter; `Z` and `X` are dead and wait for their parent. */
  state: string
  /** Start in clock ticks since boot. With the PID it names one process for ever, until the machine restarts. */
  startTicks: number
}

/** `sysconf(_SC_CLK_TCK)`: the kernel counts in this unit for every program, whatever its own clock is. */
const TICKS_PER_SECOND = 100

const readText = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    // The process has ended meanwhile, belongs to somebody else, or there is no /proc: nothing is known in all cases.
    return undefined
  }
}

/** Parses `/proc/PID/stat`. The name in parentheses may hold anything, parentheses included. */
export function parseStat(text: string): ProcessInfo {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const number = (index: number) => Number(fields[index])
  return {
    pid: Number.parseInt(text, 10),
    state: fields[0]!,
    parent: number(1),
    group: number(2),
    session: number(3),
    startTicks: number(19),
  }
}

/** Whether a process has not ended: a dead one keeps its entry until its parent takes notice. */
export const isAlive = ({ state }: ProcessInfo): boolean => state !== 'Z' && state !== 'X'

/** One living or dead process, or undefined where there is none of that PID (or no /proc). */
export function readProcess(pid: number): ProcessInfo | undefined {
  const text = readText(`/proc/${pid}/stat`)
  return text === undefined ? undefined : parseStat(text)
}

/** All processes of the machine. */
export function readProcesses(): ProcessInfo[] {
  if (process.platform !== 'linux') return []
  const pids = readdirSync('/proc').filter((name) => name.charCodeAt(0) <= 57 && name.charCodeAt(0) >= 48)
  return pids.map((pid) => readProcess(Number(pid))).filter((info) => info !== undefined)
}

/** Whether the process was started with `NAME=value` (`entry`) in its environment, by itself or by inheritance. */
export function hasEnvironment(pid: number, entry: string): boolean {
  const environment = readText(`/proc/${pid}/environ`)
  return environment !== undefined && `\0${environment}`.includes(`\0${entry}\0`)
}

/** Now, in the unit of `startTicks`; 0 without /proc. */
export const uptimeTicks = (): number =>
  Math.ceil(Number.parseFloat(readText('/proc/uptime') ?? '0') * TICKS_PER_SECOND)

/** Names this run of the machine: start times of another one mean nothing. Empty where the system does not tell. */
export const bootId = (): string => readText('/proc/sys/kernel/random/boot_id')?.trim() ?? ''
