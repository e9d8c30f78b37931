/** Watching the world change, for benchmarks. */
import type { KubeObject } from '../shared/api/kind.ts'
import type { Client } from '../shared/client/client.ts'
import type { Resource } from '../shared/client/resource.ts'
import { systemClock } from '../shared/clock.ts'
import { createInformer, type Informer } from '../shared/controller/informer.ts'
import { createLogger } from '../shared/log.ts'

const logger = createLogger('bench', 'error')

/** Follows a resource while `use` runs. */
export async function following<Object extends KubeObject, Result>(
  client: Client,
  resource: Resource<Object>,
  use: (informer: Informer<Object>) => Promise<Result>,
): Promise<Result> {
  const stop = new AbortController()
  const informer = createInformer({ client, resource, clock: systemClock, logger })
  const running = informer.run(stop.signal)
  await informer.synced
  try {
    return await use(informer)
  } finally {
    stop.abort()
    await running
  }
}

/** Resolves with the seconds from now until `count` objects are as `isDone` says. */
export function secondsUntilCount<Object extends KubeObject>(
  informer: Informer<Object>,
  count: number,
  isDone: (object: Object) => boolean,
): Promise<number> {
  const startedAt = performance.now()
  const done = new Set<string>()
  return new Promise((resolve) => {
    const see = (object: Object) => {
      if (!isDone(object)) return
      done.add(object.metadata.uid)
      if (done.size < count) return
      unsubscribe()
      resolve((performance.now() - startedAt) / 1000)
    }
    const unsubscribe = informer.subscribe({ add: see, update: (_old, object) => see(object) })
  })
}
