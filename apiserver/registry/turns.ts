/**
 * Turns at an object. Writers do not wait for each other: most objects have one at a time. Only those who have been
 * overtaken queue up, each behind the one before, so that a hundred writers of one object cost a hundred attempts
 * more and not ten thousand. The queue holds requests that the server has let in, and is bounded as they are.
 */
export interface Turns {
  /** Acts once everybody who took a turn at the same key before has finished. */
  take<Result>(key: string, act: () => Promise<Result>): Promise<Result>
}

export function createTurns(): Turns {
  const last = new Map<string, Promise<void>>()
  return {
    async take(key, act) {
      const before = last.get(key)
      const { promise, resolve } = Promise.withResolvers<void>()
      last.set(key, promise)
      try {
        await before
        return await act()
      } finally {
        if (last.get(key) === promise) last.delete(key)
        resolve()
      }
    },
  }
}
