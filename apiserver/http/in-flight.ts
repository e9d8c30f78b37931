import { tooManyRequests } from '../../shared/errors.ts'
import { type Call, isLongRunning } from './call.ts'

/** How many requests are served at once; 0: any number. Upstream's max-in-flight filter. */
export interface InFlightLimits {
  /** Requests that only read. */
  readOnly: number
  mutating: number
}

export type RequestKind = keyof InFlightLimits

/** Who keeps a cluster alive must always get an answer. */
const EXEMPT_GROUP = 'system:masters'
const RETRY_AFTER_SECONDS = 1

const READING = new Set(['get', 'list', 'watch', 'head', 'options'])

export interface InFlight {
  /** Takes a request in; returns what it calls when it is done. Throws TooManyRequests where there is no room. */
  enter(call: Call): () => void
  readonly current: Readonly<Record<RequestKind, number>>
}

const EXEMPT = () => undefined

export function createInFlight(limits: InFlightLimits): InFlight {
  const current = { readOnly: 0, mutating: 0 }
  const leaving = (kind: RequestKind) => () => {
    current[kind]--
  }
  const leave = { readOnly: leaving('readOnly'), mutating: leaving('mutating') }
  return {
    current,
    enter(call) {
      if (isLongRunning(call)) return EXEMPT
      const kind = READING.has(call.verb) ? 'readOnly' : 'mutating'
      const isFull = limits[kind] > 0 && current[kind] >= limits[kind]
      if (isFull && call.identity?.groups.includes(EXEMPT_GROUP) !== true)
        throw tooManyRequests('Too many requests, please try again later.', RETRY_AFTER_SECONDS)
      current[kind]++
      return leave[kind]
    },
  }
}
