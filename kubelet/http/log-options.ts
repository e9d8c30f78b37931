/** The query of a log request. */

export interface LogOptions {
  follow: boolean
  previous: boolean
  timestamps: boolean
  /** Only this many lines from the end. */
  tailLines?: number
  /** Only lines from this moment on, in milliseconds since the epoch. */
  sinceMs?: number
  /** Only what the program wrote there. Default: both. */
  stream?: 'stdout' | 'stderr'
  /** The run with this number, and not the last one (beyond upstream). */
  instance?: number
  /** Which runs there are, and not what they wrote (beyond upstream). Default: false. */
  isListing?: boolean
  /** Ends after this many bytes of output. */
  limitBytes?: number
}

const isTrue = (text: string | undefined) => text === 'true' || text === '1'

/** Reads the query of a log request; undefined where it means nothing (upstream: "Invalid request."). */
export function parseLogOptions(
  query: Readonly<Record<string, string | undefined>>,
  nowMs: number,
): LogOptions | undefined {
  const { follow, previous, timestamps, tailLines, sinceSeconds, sinceTime, limitBytes, instance, instances } = query
  const numbers = [tailLines, sinceSeconds, limitBytes, instance].filter((text) => text !== undefined)
  if (!numbers.every((text) => /^\d+$/.test(text))) return undefined
  if (limitBytes === '0' || (sinceSeconds !== undefined && sinceTime !== undefined)) return undefined
  const sinceMs = sinceSeconds !== undefined ? nowMs - Number(sinceSeconds) * 1000 : Date.parse(sinceTime ?? '')
  if (sinceTime !== undefined && Number.isNaN(sinceMs)) return undefined
  return {
    follow: isTrue(follow),
    previous: isTrue(previous),
    timestamps: isTrue(timestamps),
    ...(tailLines !== undefined && { tailLines: Number(tailLines) }),
    ...(!Number.isNaN(sinceMs) && { sinceMs }),
    ...(instance !== undefined && { instance: Number(instance) }),
    ...(isTrue(instances) && { isListing: true }),
    ...(limitBytes !== undefined && { limitBytes: Number(limitBytes) }),
  }
}
