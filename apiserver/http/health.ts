/** Health checks by name, as upstream shows them: `/readyz?verbose`, `/readyz/storage`, `?exclude=storage`. */
import type { Logger } from '../../shared/log.ts'
import type { ApiRequest, Endpoint, Handler, PlainAnswer } from './exchange.ts'

export interface HealthCheck {
  name: string
  /** Resolves where all is well; what it rejects with is for the log, not for the client. */
  check(): Promise<void>
}

const TEXT_TYPE = 'text/plain; charset=utf-8'

const text = (status: number, body: string): PlainAnswer => ({
  status,
  contentType: TEXT_TYPE,
  body,
  headers: { 'x-content-type-options': 'nosniff' },
})

const excludedBy = ({ query }: ApiRequest): ReadonlySet<string> => new Set([query.exclude ?? []].flat())

function summaryHandler(name: string, checks: readonly HealthCheck[], log: Logger): Handler {
  async function lineOf({ name: checked, check }: HealthCheck, isExcluded: boolean) {
    if (isExcluded) return { line: `[+]${checked} excluded: ok`, isWell: true }
    try {
      await check()
      return { line: `[+]${checked} ok`, isWell: true }
    } catch (error) {
      log.warn({ err: error, check: checked }, 'a health check failed')
      return { line: `[-]${checked} failed: reason withheld`, isWell: false }
    }
  }
  return async (request) => {
    const excluded = excludedBy(request)
    const results = await Promise.all(checks.map((check) => lineOf(check, excluded.has(check.name))))
    const lines = results.map(({ line }) => line)
    const unknown = [...excluded].filter((name) => !checks.some((check) => check.name === name))
    if (unknown.length > 0)
      lines.push(
        `warn: some health checks cannot be excluded: no matches for ${unknown.map((n) => `"${n}"`).join(',')}`,
      )
    if (results.some(({ isWell }) => !isWell)) return text(500, `${lines.join('\n')}\n${name} check failed\n`)
    return text(200, 'verbose' in request.query ? `${lines.join('\n')}\n${name} check passed\n` : 'ok')
  }
}

const singleHandler =
  ({ name, check }: HealthCheck, log: Logger): Handler =>
  async () => {
    try {
      await check()
      return text(200, 'ok')
    } catch (error) {
      log.warn({ err: error, check: name }, 'a health check failed')
      return text(500, 'internal server error: reason withheld\n')
    }
  }

/** `/NAME` for all checks together, `/NAME/CHECK` for each. */
export function healthEndpoints(name: string, checks: readonly HealthCheck[], log: Logger): Endpoint[] {
  return [
    { path: `/${name}`, handlers: { GET: summaryHandler(name, checks, log) } },
    ...checks.map((check) => ({ path: `/${name}/${check.name}`, handlers: { GET: singleHandler(check, log) } })),
  ]
}
