/** Where an API server is and how to speak to it: what a kubeconfig's current context says. */
export interface Connection {
  /** `https://127.0.0.1:6443`; `http:` only where no identity is needed. */
  server: string
  /** PEM certificates that the server's certificate must descend from. Default: the system's. */
  ca?: string
  /** PEM certificate chain and key that say who the client is. */
  clientCertificate?: string
  clientKey?: string
  /** Bearer token that says who the client is. */
  token?: string
  /** Name that the server's certificate must carry, where it is not the host of `server`. */
  tlsServerName?: string
  /** Accept any certificate of the server. */
  insecureSkipTlsVerify?: boolean
}
