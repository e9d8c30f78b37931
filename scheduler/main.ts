import { createClient } from '../shared/client/http-client.ts'
import { KubeconfigError } from '../shared/client/kubeconfig.ts'
import { systemClock } from '../shared/clock.ts'
import { takePart } from '../shared/controller/leadership.ts'
import { createEventRecorder } from '../shared/events/recorder.ts'
import { helpPage, parseFlags, UsageError } from '../shared/flags.ts'
import { serveHealth } from '../shared/health.ts'
import { onLifelineEnd } from '../shared/lifeline.ts'
import { createLogger } from '../shared/log.ts'
import { schedulerFlags } from './options.ts'
import { startScheduler } from './scheduler.ts'

const USAGE = 'kube-scheduler: finds a node for every pod that has none, and binds the pod to it.'

async function main(argv: readonly string[]): Promise<void> {
  const { flags, words } = parseFlags(schedulerFlags, argv)
  if (flags.help) {
    process.stdout.write(helpPage(USAGE, schedulerFlags))
    return
  }
  if (words.length > 0) throw new UsageError(`unexpected argument: ${words[0]} (see --help)`)
  if (flags.kubeconfig === undefined) throw new UsageError('--kubeconfig is needed: the file that names the API server')

  const logger = createLogger('kube-scheduler', flags['log-level'])
  const client = createClient({ kubeconfig: flags.kubeconfig, userAgent: 'kube-scheduler/v1.33.0' })
  const recorder = createEventRecorder({ client, component: 'default-scheduler', clock: systemClock, logger })
  const fail = (error: unknown) => {
    logger.fatal({ err: error }, 'The scheduler failed')
    process.exit(1)
  }
  const leadership = await takePart(flags, {
    client,
    logger,
    component: 'default-scheduler',
    onEnd: (error) => (error === undefined ? process.exit(1) : fail(error)),
  })
  const scheduler = startScheduler({
    client,
    recorder,
    clock: systemClock,
    logger,
    schedulerName: 'default-scheduler',
    backOffMinMs: flags['pod-initial-backoff'],
    backOffMaxMs: flags['pod-max-backoff'],
    unschedulableMaxMs: flags['pod-max-in-unschedulable-pods-duration'],
    percentageOfNodesToScore: flags['percentage-of-nodes-to-score'],
    leading: leadership.leading,
    onFailure: fail,
  })

  const stop = async () => {
    await scheduler.close()
    await Promise.all([leadership.release(), recorder.close()])
    await client.close()
    process.exit(0)
  }
  process.once('SIGTERM', stop).once('SIGINT', stop)
  if (flags.lifeline) onLifelineEnd(() => process.exit(0))

  const ready = Promise.all([scheduler.synced, Promise.race([leadership.leading, leadership.standingBy])])
  await serveHealth(flags, ready, scheduler.metrics)
  await ready
  process.stdout.write('kube-scheduler is ready\n')
}

try {
  await main(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof UsageError || error instanceof KubeconfigError)) throw error
  process.stderr.write(`kube-scheduler: ${error.message}\n`)
  process.exit(2)
}
