/** Sees to it that every namespace has the certificate by which its pods know the API server: `kube-root-ca.crt`. */
import { readFile } from 'node:fs/promises'
import type { ConfigMap } from '../../shared/api/config-map.ts'
import { configMaps, namespaces as namespaceResource } from '../../shared/client/resources.ts'
import { createInformer } from '../../shared/controller/informer.ts'
import { DONE } from '../../shared/controller/plan.ts'
import { runController, type Sync } from '../../shared/controller/run-controller.ts'
import { createWorkQueue } from '../../shared/controller/work-queue.ts'
import { isApiError } from '../../shared/errors.ts'
import type { StartController } from '../context.ts'

const NAME = 'root-ca-certificate-publisher-controller'
const CONFIG_MAP = 'kube-root-ca.crt'
const KEY = 'ca.crt'
const WORKERS = 5

export const startRootCaPublisher: StartController = async (context) => {
  const { client, clock, informers, logger, options, signal } = context
  const path = options['root-ca-file']
  if (path === undefined) {
    logger.info('No certificate is published for pods: --root-ca-file is not given')
    return
  }
  const namespaces = informers.get(namespaceResource)
  const selection = { resource: configMaps, fieldSelector: `metadata.name=${CONFIG_MAP}` }
  const published = createInformer({ client, ...selection, clock, logger })
  const queue = createWorkQueue({ clock })
  const sync = async (): Promise<Sync> => {
    const data = { [KEY]: await readFile(path, 'utf8') }
    return async (namespace) => {
      const found = namespaces.store.get(namespace)
      if (found === undefined || found.metadata.deletionTimestamp !== undefined) return DONE
      const old = published.store.get(`${namespace}/${CONFIG_MAP}`)
      try {
        if (old === undefined)
          await client.create(configMaps, {
            apiVersion: 'v1',
            kind: 'ConfigMap',
            metadata: { name: CONFIG_MAP, namespace },
            data,
          })
        else if (JSON.stringify(old.data) !== JSON.stringify(data))
          await client.update(configMaps, { ...old, data } as ConfigMap)
      } catch (error) {
        // Made by somebody else, or no longer needed.
        if (!isApiError(error, 'AlreadyExists', 'NotFound')) throw error
      }
      return DONE
    }
  }
  const watching = published.run(signal)
  const working = (async () => {
    const [act] = await Promise.all([sync(), namespaces.synced, published.synced])
    if (signal.aborted) return
    const enqueue = ({ metadata }: { metadata: { name: string } }) => queue.add(metadata.name)
    const enqueueNamespace = ({ metadata }: ConfigMap) => queue.add(metadata.namespace ?? '')
    namespaces.subscribe({ add: enqueue, update: (_old, namespace) => enqueue(namespace) })
    published.subscribe({ update: (_old, map) => enqueueNamespace(map), delete: enqueueNamespace })
    await runController({ name: NAME, queue, sync: act, workers: WORKERS, logger, signal })
  })()
  await Promise.all([watching, working])
}
