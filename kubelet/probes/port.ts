import type { Container } from '../../shared/api/pod/pod.ts'

/** The number of a port that a probe or hook names by number or by the name that the container gives it; nothing for an unknown name. */
export function portNumber({ ports = [] }: Container, port: number | string): number | undefined {
  if (typeof port === 'number') return port
  const named = ports.find(({ name }) => name === port)?.containerPort
  if (named !== undefined) return named
  return /^\d+$/.test(port) ? Number(port) : undefined
}

/** What upstream says of a name that no port has, and that is no number either. */
export const unknownPort = (port: number | string): string =>
  `strconv.Atoi: parsing ${JSON.stringify(String(port))}: invalid syntax`
