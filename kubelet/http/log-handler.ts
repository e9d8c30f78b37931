/** Requests for the log of a container: what they mean, what is refused, and what is sent. */
import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Pod } from '../../shared/api/pod/pod.ts'
import type { Clock } from '../../shared/clock.ts'
import type { Logger } from '../../shared/log.ts'
import { runIdOf } from '../pod/container-id.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { findInstance, listInstances } from './log-instances.ts'
import { type LogOptions, parseLogOptions } from './log-options.ts'
import { findLogSource } from './log-source.ts'
import { type LogSource, readLog } from './log-stream.ts'
import { findLogTarget } from './log-target.ts'
import type { PodSource } from './server.ts'

export interface LogHandlerDeps {
  pods: PodSource
  runtime: Pick<Runtime, 'list' | 'subscribe'>
  clock: Clock
  logger: Logger
  /** Aborts when the server closes. */
  closing: AbortSignal
}

const TEXT = 'text/plain'

type Found = { source: LogSource } | { status: number; message: string }

/** The log that is meant, or upstream's words for why there is none. */
async function findLog(
  runtime: LogHandlerDeps['runtime'],
  pod: Pod,
  { container, previous, instance }: Pick<LogOptions, 'instance' | 'previous'> & { container: string },
): Promise<Found> {
  const target = findLogTarget(pod, { container, previous })
  if (target.is === 'refused') return target
  if (instance === undefined) {
    const source = await findLogSource(runtime, runIdOf(target.containerId))
    return source === undefined
      ? { status: 200, message: `unable to retrieve container logs for ${target.containerId}` }
      : { source }
  }
  const source = await findInstance(runtime, { podUid: pod.metadata.uid, name: container }, instance)
  const quoted = `container ${JSON.stringify(container)} in pod ${JSON.stringify(pod.metadata.name)}`
  return source === undefined ? { status: 400, message: `instance ${instance} of ${quoted} has no log` } : { source }
}

export function logHandler({ pods, runtime, clock, logger, closing }: LogHandlerDeps) {
  return async (request: FastifyRequest, reply: FastifyReply) => {
    const { namespace, pod: name, container } = request.params as Record<'container' | 'namespace' | 'pod', string>
    const refuse = (status: number, message: string) => reply.code(status).type(TEXT).send(message)
    const options = parseLogOptions(request.query as Record<string, string | undefined>, clock.nowMs())
    if (options === undefined) return refuse(422, '{"message": "Invalid request."}')
    const pod = pods.find(namespace, name)
    if (pod === undefined) return refuse(404, `pod ${JSON.stringify(`${name}_${namespace}`)} does not exist`)
    if (options.isListing) {
      const instances = await listInstances(runtime, { podUid: pod.metadata.uid, name: container })
      return reply.type(TEXT).send(JSON.stringify({ container, instances }))
    }
    const found = await findLog(runtime, pod, { ...options, container })
    if (!('source' in found)) return refuse(found.status, found.message)

    const gone = new AbortController()
    const leave = () => gone.abort()
    reply.raw.once('close', leave)
    closing.addEventListener('abort', leave)
    const output = Readable.from(readLog(found.source, options, gone.signal), { objectMode: false })
    output.once('close', () => closing.removeEventListener('abort', leave))
    output.once('error', (error) => logger.warn({ err: error, pod: name, namespace, container }, 'cannot read a log'))
    // The reader of a silent log waits for its head.
    reply.raw.once('pipe', () => reply.raw.flushHeaders())
    return reply.type(TEXT).send(output)
  }
}
