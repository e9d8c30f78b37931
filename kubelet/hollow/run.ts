/** `kubelet --hollow`: the process around hollow nodes. */
import { createClient } from '../../shared/client/http-client.ts'
import { systemClock } from '../../shared/clock.ts'
import type { FlagValues } from '../../shared/flags.ts'
import { onLifelineEnd } from '../../shared/lifeline.ts'
import { createLogger } from '../../shared/log.ts'
import { type kubeletFlags, parseLabels } from '../options.ts'
import { startHollowNodes } from './hollow-nodes.ts'

/** Runs until it is told to stop. */
export async function runHollow(
  flags: FlagValues<typeof kubeletFlags>,
  { kubeconfig, name }: { kubeconfig: string; name: string },
): Promise<void> {
  const logger = createLogger('kubelet', flags['log-level'])
  const client = createClient({ kubeconfig, userAgent: 'kubelet/v1.33.0' })
  const nodes = startHollowNodes({
    client,
    clock: systemClock,
    logger,
    name,
    count: flags.count,
    ip: flags['node-ip'],
    labels: parseLabels(flags['node-labels']),
    maxPods: flags['max-pods'],
    leaseDurationSeconds: flags['node-lease-duration-seconds'],
    behaviour: {
      startMs: flags['hollow-start-time'],
      runMs: flags['hollow-run-time'],
      exitCode: flags['hollow-exit-code'],
    },
    onFailure(error) {
      logger.fatal({ err: error }, 'The hollow nodes failed')
      process.exit(1)
    },
  })
  const stop = async () => {
    nodes.stop()
    await client.close()
    process.exit(0)
  }
  process.once('SIGTERM', stop).once('SIGINT', stop)
  if (flags.lifeline) onLifelineEnd(() => process.exit(0))
  await nodes.ready
  process.stdout.write('kubelet is ready\n')
}
