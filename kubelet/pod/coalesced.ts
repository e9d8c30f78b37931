/**
 * Many callers share one call: whoever asks while one is under way gets the result of the next, which begins after it
 * asked. So nobody sees what was true before, and at most one call runs at a time.
 */
export function coalesced<Value>(call: () => Promise<Value>): () => Promise<Value> {
  let current: Promise<Value> | undefined
  let next: Promise<Value> | undefined

  function begin(): Promise<Value> {
    const begun = call().finally(() => {
      if (current === begun) current = undefined
    })
    current = begun
    return begun
  }

  return () => {
    if (current === undefined) return begin()
    // The failure of the call under way is its own callers' matter.
    next ??= current
      .catch(() => undefined)
      .then(() => {
        next = undefined
        return begin()
      })
    return next
  }
}
