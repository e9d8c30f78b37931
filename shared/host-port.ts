/** Host and port as one text, an IPv6 address in brackets: Go's `net.JoinHostPort`. */
export const joinHostPort = (host: string, port: number): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
