/**
 * Which processes belong to a container: a pure question about one look at the process table. The rules are such that
 * no process of anybody else can ever match, even when PIDs are used again.
 */
import { isAlive, type ProcessInfo } from '../../../shared/processes.ts'

export interface Tree {
  /** Environment entry that every process inherits from the main process, unless it clears its environment. */
  marker: string
  /** The main process, which leads a session and process group of its own; absent where it never started. */
  main?: { pid: number; startTicks: number }
  /** When the main process had ended, in ticks; absent while it runs and where nobody saw it end. */
  endedTicks?: number
}

/** Everything that descends from `members`, themselves included, as far as the chain of parents is unbroken. */
function withDescendants(members: readonly ProcessInfo[], living: readonly ProcessInfo[]): ProcessInfo[] {
  const found = new Set(members)
  for (const member of found) {
    // A set that is walked also visits what is added meanwhile, so grandchildren are found by the same loop.
    for (const child of living) if (child.parent === member.pid) found.add(child)
  }
  return [...found]
}

/** The living processes of a tree. `isMarked` reads a process's environment, and is asked as rarely as possible. */
export function membersOf(
  { marker, main, endedTicks }: Tree,
  table: readonly ProcessInfo[],
  isMarked: (pid: number, marker: string) => boolean,
): ProcessInfo[] {
  const oldest = main?.startTicks ?? 0
  const living = table.filter((info) => isAlive(info) && info.startTicks >= oldest)
  const isMain = (info: ProcessInfo) => info.pid === main?.pid && info.startTicks === main.startTicks
  const isInGroup = (info: ProcessInfo) => info.group === main?.pid || info.session === main?.pid
  // The group's number is free for others only once its last member is gone; so a member that is known to be ours, or
  // that is older than the end of the main process, proves that the whole group still is.
  const certain = living.filter((info) => isMain(info) || isMarked(info.pid, marker))
  const isGroupOurs =
    certain.some((info) => isMain(info) || isInGroup(info)) ||
    (endedTicks !== undefined && living.some((info) => isInGroup(info) && info.startTicks <= endedTicks))
  return withDescendants(isGroupOurs ? [...certain, ...living.filter(isInGroup)] : certain, living)
}
