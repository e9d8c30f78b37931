import type { Dispatcher } from 'undici'
import { joinHostPort } from '../../shared/host-port.ts'
import { requestUpgrade, type UpgradeAnswer, type UpgradeRequest } from './kubelet-upgrade.ts'

/** What the API server shows to kubelets, and whom it trusts. */
export interface KubeletClientOptions {
  /** PEM. */
  certificate?: string
  key?: string
  /** PEM of the authority that must have signed the kubelets' certificates. Default: any certificate will do. */
  authority?: string
}

export interface KubeletResponse {
  statusCode: number
  body: Dispatcher.ResponseData['body']
}

/** The API server's connections to kubelets. */
export interface KubeletProxy {
  /** What kubelets are shown. */
  readonly options: KubeletClientOptions
  /** Asks a kubelet. Throws whatever the connection fails with. */
  get(address: { host: string; port: number }, path: string, signal: AbortSignal): Promise<KubeletResponse>
  /** Asks a kubelet to speak another protocol. Throws whatever the connection fails with. */
  upgrade(address: { host: string; port: number }, request: UpgradeRequest): Promise<UpgradeAnswer>
  close(): Promise<void>
}

/** How long a kubelet may take to begin to answer. */
const HEADERS_TIMEOUT_MS = 30_000

/** Connects to kubelets when first asked to: most API servers that start never read a log. */
export function createKubeletProxy(options: KubeletClientOptions): KubeletProxy {
  const { certificate, key, authority } = options
  let agent: Promise<Dispatcher> | undefined
  const connect = async () => {
    const { Agent } = await import('undici')
    // A followed log may be silent for ever, so only its beginning is timed.
    return new Agent({
      headersTimeout: HEADERS_TIMEOUT_MS,
      bodyTimeout: 0,
      connect: { cert: certificate, key, ca: authority, rejectUnauthorized: authority !== undefined },
    })
  }
  return {
    options,
    async get({ host, port }, path, signal) {
      agent ??= connect()
      const dispatcher = await agent
      const origin = `https://${joinHostPort(host, port)}`
      const { statusCode, body } = await dispatcher.request({ origin, path, method: 'GET', signal })
      return { statusCode, body }
    },
    upgrade: (address, request) => requestUpgrade(address, request, options),
    async close() {
      await (await agent)?.destroy()
    },
  }
}
