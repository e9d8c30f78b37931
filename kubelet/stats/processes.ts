/** What the machine's processes use at one moment, by one look at `/proc`. Systems without it tell nothing. */
import { readdir, readFile } from 'node:fs/promises'

export interface ProcessUsage {
  pid: number
  parent: number
  group: number
  session: number
  /** Its own, and that of its children that have ended. */
  cpuSeconds: number
  residentBytes: number
}

/** The kernel counts in these units for every program, whatever the machine's own are. */
const TICKS_PER_SECOND = 100
const PAGE_BYTES = 4096
/** How many files are read at once. */
const READS_MAX = 32

/** Parses `/proc/PID/stat`. The name in parentheses may hold anything, parentheses included. */
export function parseUsage(text: string): ProcessUsage {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const number = (index: number) => Number(fields[index])
  return {
    pid: Number.parseInt(text, 10),
    parent: number(1),
    group: number(2),
    session: number(3),
    cpuSeconds: (number(11) + number(12) + number(13) + number(14)) / TICKS_PER_SECOND,
    residentBytes: number(21) * PAGE_BYTES,
  }
}

async function usageOf(pid: string): Promise<ProcessUsage | undefined> {
  try {
    return parseUsage(await readFile(`/proc/${pid}/stat`, 'latin1'))
  } catch {
    // The process has ended meanwhile.
    return undefined
  }
}

export async function readUsage(): Promise<ProcessUsage[]> {
  if (process.platform !== 'linux') return []
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const found: ProcessUsage[] = []
  for (let from = 0; from < pids.length; from += READS_MAX) {
    const some = await Promise.all(pids.slice(from, from + READS_MAX).map(usageOf))
    found.push(...some.filter((usage) => usage !== undefined))
  }
  return found
}

/** CPU time that all processes of the machine have used since its start, in seconds. */
export async function machineCpuSeconds(): Promise<number> {
  if (process.platform !== 'linux') return 0
  const [line = ''] = (await readFile('/proc/stat', 'latin1')).split('\n')
  const [, user = 0, nice = 0, system = 0, , , interrupts = 0, softInterrupts = 0] = line.split(/\s+/).map(Number)
  return (user + nice + system + interrupts + softInterrupts) / TICKS_PER_SECOND
}

/** What a process uses with all that belongs to it: its session, its group, and its descendants. Pure. */
export function treeUsage(table: readonly ProcessUsage[], main: number) {
  const members = new Set(table.filter(({ pid, session, group }) => [pid, session, group].includes(main)))
  for (const member of members) {
    // A set that is walked also visits what is added meanwhile.
    for (const child of table) if (child.parent === member.pid) members.add(child)
  }
  let [cpuSeconds, memoryBytes] = [0, 0]
  for (const { cpuSeconds: own, residentBytes } of members) {
    cpuSeconds += own
    memoryBytes += residentBytes
  }
  return { cpuSeconds, memoryBytes, processes: members.size }
}
