/** Health and version: what is served to everybody. */
import type { Endpoint, Handler } from './exchange.ts'
import { valueAnswer } from './render.ts'

/** The Kubernetes version whose API this server speaks. */
export const VERSION = { major: '1', minor: '33', gitVersion: 'v1.33.0+kubeproc' } as const

const versionDocument = () => ({
  ...VERSION,
  gitCommit: '',
  gitTreeState: '',
  buildDate: '',
  goVersion: '',
  compiler: `node ${process.version}`,
  platform: `${process.platform}/${process.arch}`,
})

const TEXT_TYPE = 'text/plain; charset=utf-8'

/** Answers `ok` while `isHealthy` says so. */
const healthHandler =
  (isHealthy: () => boolean): Handler =>
  () =>
    isHealthy()
      ? { status: 200, contentType: TEXT_TYPE, body: 'ok' }
      : { status: 500, contentType: TEXT_TYPE, body: 'the server is starting or stopping\n' }

export function systemEndpoints(isReady: () => boolean): Endpoint[] {
  const alive = healthHandler(() => true)
  return [
    { path: '/version', handlers: { GET: (request) => valueAnswer(request, versionDocument()) } },
    { path: '/healthz', handlers: { GET: healthHandler(isReady) } },
    { path: '/readyz', handlers: { GET: healthHandler(isReady) } },
    { path: '/livez', handlers: { GET: alive } },
  ]
}
