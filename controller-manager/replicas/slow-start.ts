/**
 * Runs `action` `count` times, in batches of 1, 2, 4, 8 …, each batch at once and only if all of the one before went
 * well: a create that must fail (a quota, a wrong template) fails once and not a hundred times. Returns how many went
 * well, and the first failure.
 */
export async function slowStart(
  count: number,
  action: () => Promise<void>,
): Promise<{ succeeded: number; failure?: { error: unknown } }> {
  let succeeded = 0
  for (let batch = 1; succeeded < count; batch *= 2) {
    const runs = Array.from({ length: Math.min(batch, count - succeeded) }, action)
    const results = await Promise.allSettled(runs)
    const failed = results.filter((result) => result.status === 'rejected')
    succeeded += results.length - failed.length
    if (failed[0] !== undefined) return { succeeded, failure: { error: failed[0].reason } }
  }
  return { succeeded }
}
