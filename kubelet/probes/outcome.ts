/** Result of one check. */
export type Outcome =
  | { is: 'success' }
  /** A success that somebody should hear of. */
  | { is: 'warning'; message: string }
  /** `message` follows `Liveness probe failed: ` in the event. */
  | { is: 'failure'; message: string }
  /** The check itself could not be made: counts for nothing. */
  | { is: 'error'; message: string }

export const SUCCESS: Outcome = { is: 'success' }
export const failure = (message: string): Outcome => ({ is: 'failure', message })

const IN_GO: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connect: connection refused',
  EHOSTUNREACH: 'connect: no route to host',
  ENETUNREACH: 'connect: network is unreachable',
  EADDRNOTAVAIL: 'connect: cannot assign requested address',
}

/** A failed connection in the words of upstream's kubelet, which are Go's. */
export function dialError(error: unknown, host: string, port: number): string {
  const { code, message } = error as NodeJS.ErrnoException
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return `dial tcp: lookup ${host}: no such host`
  const text = code === undefined ? undefined : IN_GO[code]
  return text === undefined ? message : `dial tcp ${host}:${port}: ${text}`
}
