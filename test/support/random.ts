/** Numbers that look random and are the same for the same seed, so that a failure can be played again. */
export interface Random {
  /** From 0, below 1. */
  next(): number
  /** A whole number from 0, below `end`. */
  below(end: number): number
  /** Whether something happens that has this probability. */
  chance(probability: number): boolean
  pick<Value>(values: readonly Value[]): Value
  /** A generator of its own, for something that runs beside others and must not depend on when they draw. */
  fork(): Random
}

/** The generator "mulberry32": 32 bits of state, good enough to choose with. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (end: number) => Math.floor(next() * end)
  return {
    next,
    below,
    chance: (probability) => next() < probability,
    pick: (values) => values[below(values.length)]!,
    fork: () => createRandom(below(2 ** 32)),
  }
}
