/**
 * Random writes, compactions, restarts of the caches and watches of random selections that join at random revisions and
 * read at random times: each must see exactly what a replay of all writes says, or be refused for a reason.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import fc from 'fast-check'
import t from 'tap'
import type { CacheEvent, CacheSelection, CacheWatch } from '../../../apiserver/cache/cache.ts'
import { type Caches, startCaches } from '../../../apiserver/cache/caches.ts'
import { openMemoryStorage } from '../../../apiserver/storage/sqlite-storage.ts'
import { isApiError } from '../../../shared/errors.ts'
import { createFakeClock } from '../../support/fake-clock.ts'
import { type Bound, type Content, logger, pods, write } from './world.ts'

const KEYS = ['a/1', 'a/2', 'a-b/1', 'b/1']
const NODES = ['n1', 'n2']
const LABELS = ['x', 'y']

/** Selections as data, so that the model judges by the same words as the predicate. */
interface Choice {
  namespace?: string
  name?: string
  node?: string
  label?: string
  isShared: boolean
}
type State = Content | undefined

const optional = <Value>(arbitrary: fc.Arbitrary<Value>) => fc.option(arbitrary, { nil: undefined })

const content: fc.Arbitrary<State> = optional(
  fc.record({
    labels: optional(fc.constantFrom(...LABELS).map((app) => ({ app }))) as fc.Arbitrary<Record<string, string>>,
    nodeName: optional(fc.constantFrom(...NODES)) as fc.Arbitrary<string>,
  }),
)
const choice = fc.record({
  namespace: optional(fc.constantFrom('a', 'b')),
  name: optional(fc.constantFrom('1', '2')),
  node: optional(fc.constantFrom(...NODES)),
  label: optional(fc.constantFrom(...LABELS)),
  isShared: fc.boolean(),
}) as fc.Arbitrary<Choice>

type Step =
  | { do: 'write'; key: string; content: State }
  | { do: 'watch'; choice: Choice; back: number }
  | { do: 'read'; watch: number }
  | { do: 'stop'; watch: number }
  | { do: 'compact'; back: number }
  | { do: 'restart' }

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ do: fc.constant('write' as const), key: fc.constantFrom(...KEYS), content }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('watch' as const), choice, back: fc.nat({ max: 12 }) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('read' as const), watch: fc.nat({ max: 9 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('stop' as const), watch: fc.nat({ max: 9 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('compact' as const), back: fc.nat({ max: 9 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const) }) },
)

function selects({ namespace, name, node, label }: Choice, key: string, state: State): boolean {
  if (state === undefined) return false
  const [inNamespace, named] = key.split('/')
  return (
    (namespace === undefined || namespace === inNamespace) &&
    (name === undefined || name === named) &&
    (node === undefined || state.nodeName === node) &&
    (label === undefined || state.labels?.app === label)
  )
}

function selectionOf(choice: Choice): CacheSelection {
  const { namespace, name, node, label, isShared } = choice
  return {
    ...(namespace !== undefined && { namespace }),
    ...(name !== undefined && { name }),
    ...(node !== undefined && { index: { field: 'spec.nodeName', value: node } }),
    ...(isShared && { selector: JSON.stringify({ node, label }) }),
    matches: (object) =>
      (node === undefined || (object as Bound).spec?.nodeName === node) &&
      (label === undefined || object.metadata.labels?.app === label),
  }
}

interface Change {
  revision: number
  key: string
  before: State
  after: State
}

/** What a watch must show of a change: type, key, revision and the state of the object. */
function expected(choice: Choice, { revision, key, before, after }: Change): string[] {
  const [was, is] = [selects(choice, key, before), selects(choice, key, after)]
  if (!was && !is) return []
  const type = is ? (was ? 'MODIFIED' : 'ADDED') : 'DELETED'
  const { labels, nodeName } = (is ? after : before)!
  return [`${type} ${key} ${revision} ${labels?.app} ${nodeName}`]
}

function shown({ revision, current, previous }: CacheEvent): string {
  const type = current === undefined ? 'DELETED' : previous === undefined ? 'ADDED' : 'MODIFIED'
  const { key, object, json } = (current ?? previous)!
  const parsed: Bound = JSON.parse(json.toString())
  if (object.metadata.resourceVersion !== String(revision) || parsed.metadata.resourceVersion !== String(revision))
    throw new Error(`wrong version in the event of revision ${revision}`)
  return `${type} ${key} ${revision} ${parsed.metadata.labels?.app} ${parsed.spec?.nodeName}`
}

interface Watching {
  choice: Choice
  after: number
  watch: CacheWatch
  iterator: AsyncIterator<readonly CacheEvent[]>
  seen: string[]
  stop: AbortController
}

async function createModel() {
  const storage = openMemoryStorage()
  const start = () => startCaches({ storage, kinds: [pods], clock: createFakeClock(), logger })
  let caches: Caches = await start()
  let watches: Watching[] = []
  const log: Change[] = []
  const states = new Map<string, { state: State; revision: number }>()

  const wanted = ({ choice, after }: Watching, upTo: number) =>
    log.filter(({ revision }) => revision > after && revision <= upTo).flatMap((change) => expected(choice, change))

  /** Reads whatever waits for a watch, and compares all that it has shown with the model. */
  async function check(watching: Watching): Promise<void> {
    while (watching.watch.deliveredRevision < log.length) {
      const { value, done } = await watching.iterator.next()
      if (done) throw new Error('the watch has ended')
      watching.seen.push(...(value as readonly CacheEvent[]).map(shown))
    }
    const want = wanted(watching, log.length)
    if (JSON.stringify(watching.seen) !== JSON.stringify(want))
      throw new Error(`saw ${JSON.stringify(watching.seen)}, wanted ${JSON.stringify(want)}`)
  }

  const steps = {
    async write({ key, content }: Extract<Step, { do: 'write' }>) {
      const { state, revision: expected } = states.get(key) ?? { state: undefined, revision: 0 }
      if (state === undefined && content === undefined) return
      const revision = await write(storage, pods, { key, expected, content })
      states.set(key, { state: content, revision: content === undefined ? 0 : revision })
      log.push({ revision, key, before: state, after: content })
      await caches.cacheOf(pods).waitFor(revision)
    },
    async watch({ choice, back }: Extract<Step, { do: 'watch' }>) {
      const after = Math.max(0, log.length - back)
      const stop = new AbortController()
      try {
        const watch = caches.cacheOf(pods).watch(after, selectionOf(choice), stop.signal)
        watches.push({ choice, after, watch, iterator: watch[Symbol.asyncIterator](), seen: [], stop })
      } catch (error) {
        if (!isApiError(error, 'Expired') || after >= (await storage.compactedRevision())) throw error
      }
    },
    async read({ watch }: Extract<Step, { do: 'read' }>) {
      const watching = watches[watch]
      if (watching !== undefined) await check(watching)
    },
    async stop({ watch }: Extract<Step, { do: 'stop' }>) {
      const [watching] = watches.splice(watch, 1)
      watching?.stop.abort()
      if (watching !== undefined && (await watching.iterator.next()).done !== true) throw new Error('the watch goes on')
    },
    async compact({ back }: Extract<Step, { do: 'compact' }>) {
      await storage.compact(Math.max(0, log.length - back))
    },
    async restart() {
      for (const watching of watches) await check(watching)
      watches = []
      await caches.close()
      caches = await start()
    },
  }

  return {
    take: (step: Step) => steps[step.do](step as never),
    async finish() {
      await nextTurn()
      for (const watching of watches) await check(watching)
      const listed = caches
        .cacheOf(pods)
        .list({})
        .map(({ key, revision }) => `${key} ${revision}`)
      const current = [...states].filter(([, { state }]) => state !== undefined)
      const want = current.map(([key, { revision }]) => `${key} ${revision}`).sort((a, b) => (a < b ? -1 : 1))
      if (JSON.stringify(listed) !== JSON.stringify(want)) throw new Error(`lists ${listed}, wanted ${want}`)
      await caches.close()
      await storage.close()
    },
  }
}

t.test('every watch sees exactly the changes of its selection', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60 }), async (steps) => {
      const model = await createModel()
      for (const step of steps) await model.take(step)
      await model.finish()
    }),
    { numRuns: 150 },
  )
})
