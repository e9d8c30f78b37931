const POLL_MS = 5

/**
 * Polls until `check` gives something else than undefined or false, and returns it. Throws after `deadlineMs`, with
 * what `describe` says of the state by then.
 */
export async function until<Value>(
  check: () => Promise<Value | undefined | false> | Value | undefined | false,
  { deadlineMs = 60_000, describe }: { deadlineMs?: number; describe?: () => unknown } = {},
): Promise<Value> {
  const deadline = performance.now() + deadlineMs
  for (;;) {
    const value = await check()
    if (value !== undefined && value !== false) return value
    if (performance.now() > deadline) {
      const state = describe === undefined ? '' : `: ${JSON.stringify(await describe())}`
      throw new Error(`the condition did not come true within ${deadlineMs} ms${state}`)
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
}
