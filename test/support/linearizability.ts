/**
 * Checks whether a history of concurrent operations is linearizable: whether each can be thought to have happened at
 * one instant between its call and its return, so that all answers are those of a register that does one thing after
 * the other. The search is that of Wing and Gong, with Lowe's memory of the states that led nowhere.
 */

/** One operation on one register, and what its caller was told. Values are unique: no two writes write the same. */
export type Operation = Timing &
  (
    | { do: 'read'; got: string | undefined }
    /** Writes where there is nothing. `done` absent: nobody knows whether it happened. */
    | { do: 'create'; value: string; done?: boolean }
    /** Replaces `expected`. */
    | { do: 'replace'; expected: string; value: string; done?: boolean }
    /** Takes `expected` away. */
    | { do: 'delete'; expected: string; done?: boolean }
  )

interface Timing {
  /** When it was called. */
  from: number
  /** When its answer came; infinite where it never did. */
  to: number
}

type Value = string | undefined

/** The state that an operation leaves, given the one that it finds; no outcome: its answer is impossible there. */
function step(operation: Operation, state: Value): { left: Value } | undefined {
  if (operation.do === 'read') return operation.got === state ? { left: state } : undefined
  const fits = operation.do === 'create' ? state === undefined : state === operation.expected
  if (operation.done !== undefined && operation.done !== fits) return undefined
  if (!fits) return { left: state }
  return { left: operation.do === 'delete' ? undefined : operation.value }
}

/** A call or a return, in a doubly linked list in the order of time. */
interface Entry {
  index: number
  operation: Operation
  /** The return of a call; absent: this is a return. */
  end: Entry | undefined
  previous: Entry | undefined
  next: Entry | undefined
}

/** The list of all calls and returns behind a head. At the same instant calls come first: they may overlap. */
function timeline(operations: readonly Operation[]): Entry {
  const head = { index: -1 } as Entry
  const entries = operations.flatMap((operation, index): { at: number; isCall: boolean; entry: Entry }[] => {
    const end: Entry = { index, operation, end: undefined, previous: undefined, next: undefined }
    const call: Entry = { index, operation, end, previous: undefined, next: undefined }
    return [
      { at: operation.from, isCall: true, entry: call },
      { at: operation.to, isCall: false, entry: end },
    ]
  })
  entries.sort((a, b) => (a.at === b.at ? Number(b.isCall) - Number(a.isCall) : a.at < b.at ? -1 : 1))
  let last = head
  for (const { entry } of entries) {
    last.next = entry
    entry.previous = last
    last = entry
  }
  return head
}

const unlink = (entry: Entry) => {
  entry.previous!.next = entry.next
  if (entry.next !== undefined) entry.next.previous = entry.previous
}

const relink = (entry: Entry) => {
  entry.previous!.next = entry
  if (entry.next !== undefined) entry.next.previous = entry
}

const lift = (call: Entry) => {
  unlink(call)
  unlink(call.end!)
}

const unlift = (call: Entry) => {
  relink(call.end!)
  relink(call)
}

/** Whether the operations on one register, which begins with nothing in it, are linearizable. */
export function isLinearizable(operations: readonly Operation[]): boolean {
  const head = timeline(operations)
  const tried = new Set<string>()
  /** Operations that have been given their place, as bits. */
  const placed = new Uint32Array(Math.ceil(operations.length / 32))
  const places: { call: Entry; state: Value }[] = []
  /** Operations with a known answer; what nobody was answered needs no place. */
  let due = operations.filter(({ to }) => to !== Number.POSITIVE_INFINITY).length
  let state: Value
  let entry = head.next
  while (due > 0) {
    if (entry?.end !== undefined) {
      const call = entry
      const outcome = step(call.operation, state)
      placed[call.index >> 5]! ^= 1 << (call.index & 31)
      const situation = `${placed.join()} ${outcome?.left}`
      if (outcome !== undefined && !tried.has(situation)) {
        tried.add(situation)
        places.push({ call, state })
        state = outcome.left
        if (call.operation.to !== Number.POSITIVE_INFINITY) due--
        lift(call)
        entry = head.next
      } else {
        placed[call.index >> 5]! ^= 1 << (call.index & 31)
        entry = call.next
      }
      continue
    }
    // A return: nothing that may come before it fits, so an earlier choice was wrong.
    const wrong = places.pop()
    if (wrong === undefined) return false
    state = wrong.state
    placed[wrong.call.index >> 5]! ^= 1 << (wrong.call.index & 31)
    if (wrong.call.operation.to !== Number.POSITIVE_INFINITY) due++
    unlift(wrong.call)
    entry = wrong.call.next
  }
  return true
}
