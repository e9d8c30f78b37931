/** What is held back of a node: where pressure begins, and what is reserved. Flags as upstream's. Pure. */
import { UsageError } from '../../shared/flags.ts'
import { parseQuantity } from '../../shared/quantity.ts'

/** So much, or so large a part (0 to 1) of what there is. */
export type Threshold = { amount: number } | { part: number }

/** Upstream's names of the signals whose conditions a node has. */
const SIGNALS = {
  'memory.available': 'memory',
  'nodefs.available': 'disk',
  'nodefs.inodesFree': 'inodes',
  'pid.available': 'pids',
} as const

/** Signals of file systems that a node here does not have apart: they are accepted, and mean nothing. */
const OTHER_SIGNALS = ['imagefs.available', 'imagefs.inodesFree', 'containerfs.available', 'containerfs.inodesFree']

/** Where less than this is left, the node is under pressure. Absent: it never is. */
export type PressureThresholds = Readonly<Partial<Record<(typeof SIGNALS)[keyof typeof SIGNALS], Threshold>>>

/**
 * Memory as upstream. Disk much lower than upstream's 10 %, since a node here shares the disk with all else on the
 * machine, and does not fill it with images.
 */
export const DEFAULT_EVICTION_HARD = 'memory.available<100Mi,nodefs.available<1%,nodefs.inodesFree<1%,pid.available<1%'

/** What pods may not have of the node, beside what pressure begins at: by upstream's names, in base units. */
export type Reserved = Readonly<Record<string, number>>

export const amountOf = (threshold: Threshold | undefined, total: number): number => {
  if (threshold === undefined) return 0
  return 'amount' in threshold ? threshold.amount : total * threshold.part
}

function parseThreshold(text: string): Threshold | undefined {
  const [, percent] = /^(\d+(?:\.\d+)?)%$/.exec(text) ?? []
  if (percent !== undefined) return Number(percent) <= 100 ? { part: Number(percent) / 100 } : undefined
  const amount = parseQuantity(text)
  return amount === undefined || amount < 0 ? undefined : { amount }
}

const pairsOf = (text: string) => text.split(',').filter((pair) => pair !== '')

/** Reads `--eviction-hard`. Throws a UsageError. */
export function parseEvictionHard(text: string): PressureThresholds {
  const entries = pairsOf(text).map((pair) => {
    const [, signal = '', value = ''] = /^\s*([\w.]+)\s*<\s*(\S+)\s*$/.exec(pair) ?? []
    const threshold = parseThreshold(value)
    const isKnown = Object.hasOwn(SIGNALS, signal) || OTHER_SIGNALS.includes(signal)
    if (!isKnown || threshold === undefined)
      throw new UsageError(
        `--eviction-hard: ${JSON.stringify(pair)} is not a signal and an amount, as memory.available<100Mi`,
      )
    return [SIGNALS[signal as keyof typeof SIGNALS], threshold] as const
  })
  return Object.fromEntries(entries.filter(([name]) => name !== undefined))
}

const RESERVABLE = ['cpu', 'memory', 'ephemeral-storage', 'pid']

/** Reads `--system-reserved` and `--kube-reserved`, as `cpu=100m,memory=100Mi`. Throws a UsageError. */
export function parseReserved(flag: string, text: string): Reserved {
  return Object.fromEntries(
    pairsOf(text).map((pair) => {
      const [name = '', value = ''] = pair.split('=')
      const amount = parseQuantity(value)
      if (!RESERVABLE.includes(name) || amount === undefined || amount < 0)
        throw new UsageError(`--${flag}: ${JSON.stringify(pair)} is not an amount of ${RESERVABLE.join(', ')}`)
      return [name, amount]
    }),
  )
}

/** The sum of two. */
export const addReserved = (a: Reserved, b: Reserved): Reserved =>
  Object.fromEntries(RESERVABLE.map((name) => [name, (a[name] ?? 0) + (b[name] ?? 0)]))
