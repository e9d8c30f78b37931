/**
 * A number of pods that may be given as a share of all of them: `3`, `25%` (upstream's `GetScaledValueFromIntOrPercent`).
 * Shares of a pod are rounded. Values that are neither have been refused by validation.
 */
export function scaledValue(value: number | string, total: number, { round }: { round: 'up' | 'down' }): number {
  if (typeof value === 'number') return value
  const share = (Number.parseInt(value, 10) * total) / 100
  return round === 'up' ? Math.ceil(share) : Math.floor(share)
}
