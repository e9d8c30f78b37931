/** Health, version and metrics. */
import type { Logger } from '../../shared/log.ts'
import type { Scrape } from '../../shared/metrics/scrape.ts'
import type { Endpoint } from './exchange.ts'
import { type HealthCheck, healthEndpoints } from './health.ts'
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

export interface SystemOptions {
  /** What must be well for the server to be alive. */
  liveness: readonly HealthCheck[]
  /** What must be well, beside that, for it to take requests. */
  readiness: readonly HealthCheck[]
  scrape(): Promise<Scrape>
  log: Logger
}

export function systemEndpoints({ liveness, readiness, scrape, log }: SystemOptions): Endpoint[] {
  const all = [...liveness, ...readiness]
  return [
    { path: '/version', handlers: { GET: (request) => valueAnswer(request, versionDocument()) } },
    ...healthEndpoints('healthz', all, log),
    ...healthEndpoints('readyz', all, log),
    ...healthEndpoints('livez', liveness, log),
    {
      path: '/metrics',
      handlers: {
        async GET() {
          const { contentType, text } = await scrape()
          return { status: 200, contentType, body: text }
        },
      },
    },
  ]
}
