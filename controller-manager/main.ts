import { createClient } from '../shared/client/http-client.ts'
import { KubeconfigError } from '../shared/client/kubeconfig.ts'
import { systemClock } from '../shared/clock.ts'
import { takePart } from '../shared/controller/leadership.ts'
import { helpPage, parseFlags, UsageError } from '../shared/flags.ts'
import { serveHealth } from '../shared/health.ts'
import { onLifelineEnd } from '../shared/lifeline.ts'
import { createLogger } from '../shared/log.ts'
import { ControllerManager } from './controller-manager.ts'
import { controllerAliases, controllers } from './controllers.ts'
import { managerFlags } from './options.ts'
import { selectControllers } from './selection.ts'

const USAGE = 'kube-controller-manager: brings what is in the cluster to what should be, over and over.'

async function main(argv: readonly string[]): Promise<void> {
  const { flags, words } = parseFlags(managerFlags, argv)
  if (flags.help) {
    process.stdout.write(helpPage(USAGE, managerFlags))
    return
  }
  if (words.length > 0) throw new UsageError(`unexpected argument: ${words[0]} (see --help)`)
  if (flags.kubeconfig === undefined) throw new UsageError('--kubeconfig is needed: the file that names the API server')
  const names = selectControllers(flags.controllers.split(','), Object.keys(controllers), controllerAliases)

  const logger = createLogger('kube-controller-manager', flags['log-level'])
  const client = createClient({ kubeconfig: flags.kubeconfig, userAgent: 'kube-controller-manager/v1.33.0' })
  const fail = (error: unknown) => {
    logger.fatal({ err: error }, 'A controller failed')
    process.exit(1)
  }
  const leadership = await takePart(flags, {
    client,
    logger,
    component: 'kube-controller-manager',
    onEnd: (error) => (error === undefined ? process.exit(1) : fail(error)),
  })
  let manager: ControllerManager | undefined
  const lead = () => {
    const started = names.map((name) => controllers[name]!)
    manager = new ControllerManager({
      client,
      clock: systemClock,
      logger,
      options: flags,
      controllers: started,
      onFailure: fail,
    })
    return manager.synced
  }

  const stop = async () => {
    await manager?.close()
    await leadership.release()
    await client.close()
    await manager?.ended()
    process.exit(0)
  }
  process.once('SIGTERM', stop).once('SIGINT', stop)
  if (flags.lifeline) onLifelineEnd(() => process.exit(0))

  // One that stands by has nothing to wait for.
  const ready = Promise.race([leadership.leading.then(lead), leadership.standingBy])
  await serveHealth(flags, ready)
  await ready
  process.stdout.write('kube-controller-manager is ready\n')
}

try {
  await main(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof UsageError || error instanceof KubeconfigError)) throw error
  process.stderr.write(`kube-controller-manager: ${error.message}\n`)
  process.exit(2)
}
