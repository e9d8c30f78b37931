import { mkdir } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join, resolve } from 'node:path'
import { KubeconfigError } from '../shared/client/kubeconfig.ts'
import { systemClock } from '../shared/clock.ts'
import { createEventRecorder } from '../shared/events/recorder.ts'
import { helpPage, parseFlags, UsageError } from '../shared/flags.ts'
import { serveHealth } from '../shared/health.ts'
import { onLifelineEnd } from '../shared/lifeline.ts'
import { createLogger } from '../shared/log.ts'
import { CertificateRefused } from './credentials/certificate-refused.ts'
import { openImageStore } from './images/store.ts'
import { accessOf, joinCluster } from './join.ts'
import { startKubelet } from './kubelet.ts'
import { nodeIpOf } from './node/node-ip.ts'
import { addReserved, parseEvictionHard, parseReserved } from './node/thresholds.ts'
import { kubeletFlags, parseBytes, parseLabels } from './options.ts'
import { chooseRuntime, startRuntime } from './runtime/start-runtime.ts'
import { startServer } from './serve.ts'

const USAGE = 'kubelet: registers this machine, or a part of it, as a node and runs the pods that are bound to it.'

const clock = systemClock

function required(value: string | undefined, flag: string, what: string): string {
  if (value === undefined) throw new UsageError(`--${flag} is needed: ${what}`)
  return value
}

async function main(argv: readonly string[]): Promise<void> {
  const { flags, words } = parseFlags(kubeletFlags, argv)
  if (flags.help) {
    process.stdout.write(helpPage(USAGE, kubeletFlags))
    return
  }
  if (words.length > 0) throw new UsageError(`unexpected argument: ${words[0]} (see --help)`)
  const access = accessOf(flags)
  const name = flags['hostname-override'] ?? hostname().toLowerCase()
  if (flags.hollow) {
    const kubeconfig = required(flags.kubeconfig, 'kubeconfig', 'the file that names the API server')
    const { runHollow } = await import('./hollow/run.ts')
    return runHollow(flags, { kubeconfig, name })
  }
  const rootDirectory = resolve(required(flags['root-dir'], 'root-dir', 'the directory for the files of the node'))
  // Everything below counts on it: the runtime, and whoever measures the disk.
  await mkdir(rootDirectory, { recursive: true, mode: 0o700 })
  const labels = parseLabels(flags['node-labels'])
  const thresholds = parseEvictionHard(flags['eviction-hard'])
  const reserved = addReserved(
    parseReserved('system-reserved', flags['system-reserved']),
    parseReserved('kube-reserved', flags['kube-reserved']),
  )
  const { lifeline } = flags
  const nodeIp = nodeIpOf(flags['node-ip'])
  const host = flags.address ?? nodeIp

  const logger = createLogger('kubelet', flags['log-level'])
  const onFailure = (error: unknown) => {
    logger.fatal({ err: error }, 'The kubelet failed')
    // The containers run on; the next kubelet takes them back.
    process.exit(1)
  }
  const cannotServe = (error: NodeJS.ErrnoException) => {
    const inUse = error.code === 'EADDRINUSE' ? ': another process uses it, choose one by --port' : ''
    process.stderr.write(
      `kubelet: cannot serve on ${host}:${flags.port}${inUse === '' ? `: ${error.message}` : inUse}\n`,
    )
    process.exit(1)
  }
  const membership = await joinCluster(access, flags, { node: { name, ip: nodeIp }, rootDirectory, clock, logger })
  const { client, serving } = membership
  const chosen = await chooseRuntime(flags.runtime, { rootDirectory, podCidr: membership.podCidr })
  const { podCidr } = chosen
  const recorder = createEventRecorder({ client, component: 'kubelet', host: name, clock, logger })
  const hiddenPaths = flags['hidden-paths'].flatMap((paths) => paths.split(',')).map((path) => resolve(path))
  const runtime = startRuntime(chosen, { rootDirectory, nodeIp, logger, hasLifeline: lifeline, clock, hiddenPaths })
  const serverPort = Promise.withResolvers<number>()
  if (flags.port !== 0) serverPort.resolve(flags.port)
  const kubelet = startKubelet({
    client,
    recorder,
    clock,
    logger,
    runtime,
    images: openImageStore(resolve(flags['image-store'] ?? join(rootDirectory, 'images'))),
    port: serverPort.promise,
    node: { name, ip: nodeIp, podCidr, labels, maxPods: flags['max-pods'], reserved },
    thresholds,
    rootDirectory,
    updateFrequencyMs: flags['node-status-update-frequency'],
    volumeSizesEveryMs: flags['volume-stats-agg-period'],
    leaseDurationSeconds: flags['node-lease-duration-seconds'],
    backOff: { initialMs: flags['crash-loop-backoff-initial'], maxMs: flags['crash-loop-backoff-max'] },
    logs: {
      bytesMax: parseBytes('container-log-max-size', flags['container-log-max-size']),
      filesMax: flags['container-log-max-files'],
      instancesMax: flags['container-log-max-instances'],
    },
    random: Math.random,
    onFailure,
  })

  const served = { host, pods: kubelet.pods, runtime, nodeName: name, rootDirectory, clock, logger }
  const server = startServer(flags, { ...served, ...(serving !== undefined && { serving }) })
  server.then((started) => serverPort.resolve(started?.port ?? flags.port), cannotServe)
  const stopping = new AbortController()
  const renewed = (pair: NonNullable<typeof serving>) => void server.then((started) => started?.renew(pair))
  membership.keepFresh(renewed, stopping.signal).catch((error) => stopping.signal.aborted || onFailure(error))

  let routes: Promise<unknown> | undefined
  if (chosen.name === 'namespaces' && !nodeIp.startsWith('127.')) {
    const { keepRoutes } = await import('./network/routes.ts')
    const kept = keepRoutes({ client, clock, logger, node: { name, ip: nodeIp, podCidr } }, stopping.signal)
    routes = kept.catch((error) => stopping.signal.aborted || onFailure(error))
  }

  async function shutDown(): Promise<void> {
    const periods = {
      graceMs: flags['shutdown-grace-period'],
      criticalMs: flags['shutdown-grace-period-critical-pods'],
    }
    await kubelet.shutDown({ periods, stopGraceMs: flags['stop-grace-period'] })
    await (await runtime).shutdown()
    await routes
    await (await server)?.close()
    await recorder.close()
    await client.close()
    process.exit(0)
  }
  const stop = () => {
    if (stopping.signal.aborted) return
    stopping.abort()
    shutDown().catch(onFailure)
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, stop)
  const die = async () => {
    // The supervisor hears the end of the lifeline as well, and is then gone before it can be asked.
    await runtime.then((started) => started.shutdown()).catch(() => undefined)
    process.exit(0)
  }
  if (lifeline) onLifelineEnd(die)

  await serveHealth(flags, kubelet.ready)
  await kubelet.ready
  // From now on, so that nothing is Ready later for it.
  const prepared = runtime.then((started) => started.prepare())
  prepared.catch(
    (error) => stopping.signal.aborted || logger.warn({ err: error }, 'Nothing is prepared for the first pod'),
  )
  process.stdout.write('kubelet is ready\n')
}

try {
  await main(process.argv.slice(2))
} catch (error) {
  const isExpected =
    error instanceof UsageError || error instanceof KubeconfigError || error instanceof CertificateRefused
  if (!isExpected) throw error
  process.stderr.write(`kubelet: ${error.message}\n`)
  process.exit(2)
}
