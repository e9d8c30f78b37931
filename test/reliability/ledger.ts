/**
 * The truth about a run: what writers asked for and were told, and what watches saw. Everything that happens to an
 * object has an identity of its own, so that what is lost, done twice or made up can be named.
 */

/** What a writer tried, and what it was told; `unknown`: the answer was lost, so it may have happened or not. */
export interface Attempt {
  /** Unique. A write puts it into the object; a deletion is named after the write that it takes away. */
  id: string
  outcome: 'acknowledged' | 'refused' | 'unknown'
  /** The version that the answer told, where it told one. */
  revision?: number
}

/** One event of a watch. */
export interface Seen {
  revision: number
  type: 'ADDED' | 'MODIFIED' | 'DELETED'
  /** Name of the object. */
  name: string
  /** Identity of what happened, as in `Attempt`. */
  id: string
  /** The label that watches may select by; for a deletion the last one. */
  shard: string
}

/** What one watch saw from a list (or an event) on until it had to list again. */
export interface Segment {
  /** The label that it selected; undefined: everything. */
  shard: string | undefined
  /** Everything after this version was to be seen. */
  from: number
  /** Everything up to this version has been seen: the last event's or bookmark's. */
  upTo: number
  /** Versions, in the order in which they came. */
  revisions: number[]
  /** Initials of the events' types. */
  types: string[]
}

/** Versions of resources are one count for all. */
export interface Truth {
  /** Every change that a watch of everything saw, by version. */
  readonly changes: ReadonlyMap<number, Seen>
  /** Contradictions found so far. */
  readonly contradictions: readonly string[]
  see(event: Seen): void
}

export function createTruth(): Truth {
  const changes = new Map<number, Seen>()
  const contradictions: string[] = []
  return {
    changes,
    contradictions,
    see(event) {
      const known = changes.get(event.revision)
      if (known === undefined) changes.set(event.revision, event)
      else if (known.id !== event.id || known.type !== event.type || known.name !== event.name)
        contradictions.push(
          `version ${event.revision} is ${known.type} ${known.name} ${known.id} for one watch, ${event.type} ${event.name} ${event.id} for another`,
        )
    },
  }
}

/** The version of everything that happened, by its identity; what happened twice is a fault. */
function happenings(changes: Iterable<Seen>, faults: string[]): Map<string, number> {
  const happened = new Map<string, number>()
  for (const { id, revision } of changes) {
    const other = happened.get(id)
    if (other !== undefined) faults.push(`${id} was applied twice: as ${other} and as ${revision}`)
    happened.set(id, revision)
  }
  return happened
}

/** What is wrong with an acknowledgement, given the version of what it acknowledges. */
function judgeAcknowledged({ id, revision }: Attempt, at: number | undefined): string | undefined {
  if (at === undefined) return `${id} was acknowledged and is lost`
  if (revision !== undefined && revision !== at) return `${id} was acknowledged as ${revision}, but is ${at}`
  return undefined
}

/** What is wrong with the answers that writers got, given what happened. */
export function judgeAttempts(attempts: Iterable<Attempt>, changes: ReadonlyMap<number, Seen>): string[] {
  const faults: string[] = []
  const happened = happenings(changes.values(), faults)
  // The same state may be deleted by several writers: one of them has done it, and the others are refused.
  const refused = new Set<string>()
  const possible = new Set<string>()
  for (const attempt of attempts) {
    const { id, outcome } = attempt
    if (outcome === 'refused') refused.add(id)
    else possible.add(id)
    const fault = outcome === 'acknowledged' ? judgeAcknowledged(attempt, happened.get(id)) : undefined
    if (fault !== undefined) faults.push(fault)
  }
  for (const [id, at] of happened) {
    if (possible.has(id)) continue
    faults.push(refused.has(id) ? `${id} was refused, but happened as ${at}` : `${id} (${at}) was asked by nobody`)
  }
  return faults
}

/** What a watch of one label sees of all changes: objects come into its sight and leave it. */
export function viewOfShard(changes: readonly Seen[], shard: string): { revision: number; type: string }[] {
  const shards = new Map<string, string>()
  const seen: { revision: number; type: string }[] = []
  for (const { revision, type, name, shard: now } of changes) {
    const was = shards.get(name) === shard
    const is = type !== 'DELETED' && now === shard
    if (type === 'DELETED') shards.delete(name)
    else shards.set(name, now)
    if (is) seen.push({ revision, type: was ? 'M' : 'A' })
    else if (was) seen.push({ revision, type: 'D' })
  }
  return seen
}

/** The first thing that is wrong with what a watch saw; undefined: nothing. `wanted` is in order. */
export function judgeSegment(
  { from, upTo, revisions, types, shard }: Segment,
  wanted: readonly { revision: number; type: string }[],
): string | undefined {
  const due = wanted.filter(({ revision }) => revision > from && revision <= upTo)
  const name = `the watch of ${shard ?? 'everything'} after ${from}`
  for (let index = 0; index < Math.max(due.length, revisions.length); index++) {
    const [want, got] = [due[index], revisions[index]]
    if (want !== undefined && got === want.revision && types[index] === want.type) continue
    if (got === undefined) return `${name} skipped ${want!.type} ${want!.revision}`
    const before = revisions[index - 1] ?? from
    if (got <= before) return `${name} ${got === before ? 'repeated' : 'went back to'} ${got} after ${before}`
    return want === undefined
      ? `${name} saw ${types[index]} ${got}, which did not happen`
      : `${name} saw ${types[index]} ${got} where ${want.type} ${want.revision} was due`
  }
  return undefined
}
