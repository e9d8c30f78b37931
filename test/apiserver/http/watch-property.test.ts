/**
 * Random writes through the API, and a watch from a random version of the past: applied to the list as of that version,
 * its events give the list as of now, whatever it selects.
 */
import { deepStrictEqual } from 'node:assert/strict'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { createInterface } from 'node:readline'
import fc from 'fast-check'
import t from 'tap'
import { startTestApiServer } from '../../support/api-server.ts'
import { testDirectory } from '../../support/directory.ts'

const MAPS = '/api/v1/namespaces/default/configmaps'
const NAMES = ['a', 'b', 'c', 'd']
const RUNS = 25
const MERGE = { 'content-type': 'application/merge-patch+json' }

type Write =
  | { do: 'put'; name: string; isIn: boolean; value: string }
  | { do: 'delete'; name: string; isHeld: boolean }
  | { do: 'label'; name: string; isIn: boolean }
  | { do: 'deleteAll' }

interface Map {
  metadata: { name: string; resourceVersion: string }
}

interface Line {
  type: string
  object: Map
}

/** Applies one event to a list. Throws where it cannot be the next one. */
function follow(state: Record<string, Map>, { type, object }: Line): void {
  const { name, resourceVersion } = object.metadata
  const versions = Object.values(state).map(({ metadata }) => Number(metadata.resourceVersion))
  if (Number(resourceVersion) <= Math.max(...versions)) throw new Error(`version ${resourceVersion} is an older one`)
  if ((type === 'ADDED') === Object.hasOwn(state, name)) throw new Error(`${type} of ${name}`)
  if (type === 'DELETED') delete state[name]
  else state[name] = object
}

const name = fc.constantFrom(...NAMES)
const write: fc.Arbitrary<Write> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant('put' as const), name, isIn: fc.boolean(), value: fc.string() }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('label' as const), name, isIn: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('delete' as const), name, isHeld: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('deleteAll' as const) }) },
)

const world = fc.record({
  before: fc.array(write, { maxLength: 15 }),
  after: fc.array(write, { maxLength: 15 }),
  /** After which of the first writes the watch begins. */
  start: fc.nat({ max: 15 }),
  isNarrow: fc.boolean(),
})

t.test('a watch tells what happened', async (t) => {
  const server = await startTestApiServer(testDirectory(t))
  t.teardown(() => server.close())
  const { send } = server
  let run = 0

  /** Carries out one write, whatever comes of it. */
  async function perform(step: Write): Promise<void> {
    if (step.do === 'deleteAll') return void (await send('DELETE', `${MAPS}?labelSelector=run%3D${run}%2Cin%3Dyes`))
    const path = `${MAPS}/${step.name}-${run}`
    const labels = { run: String(run), in: step.do !== 'delete' && step.isIn ? 'yes' : 'no' }
    if (step.do === 'label') return void (await send('PATCH', path, { body: { metadata: { labels } }, headers: MERGE }))
    if (step.do === 'delete') {
      const finalizers = step.isHeld ? ['example.com/hold'] : null
      await send('PATCH', path, { body: { metadata: { finalizers } }, headers: MERGE })
      return void (await send('DELETE', path))
    }
    const body = { metadata: { name: `${step.name}-${run}`, labels }, data: { value: step.value } }
    const created = await send('POST', MAPS, { body })
    if (created.status === 409) await send('PUT', path, { body })
  }

  async function list(query: string): Promise<{ state: Record<string, Map>; version: string }> {
    const { items, metadata } = (await send('GET', `${MAPS}?${query}`)).json()
    return {
      state: Object.fromEntries(items.map((item: Map) => [item.metadata.name, item])),
      version: metadata.resourceVersion,
    }
  }

  const property = fc.asyncProperty(world, async ({ before, after, start, isNarrow }) => {
    run++
    const selector = `labelSelector=run%3D${run}${isNarrow ? '%2Cin%3Dyes' : ''}`
    const versions = [(await list(selector)).version]
    for (const step of before) {
      await perform(step)
      versions.push((await list(selector)).version)
    }
    const from = versions[start % versions.length]!
    const { state } = await list(`${selector}&resourceVersion=${from}&resourceVersionMatch=Exact`)
    const sent = request(new URL(`${MAPS}?watch=1&resourceVersion=${from}&${selector}`, server.url), {
      ca: server.authority.certificate,
      headers: { authorization: `Bearer ${server.token}` },
    }).end()
    const [answer] = (await once(sent, 'response')) as [IncomingMessage]
    try {
      for (const step of after) await perform(step)
      await perform({ do: 'put', name: 'last', isIn: true, value: '' })
      const wanted = await list(selector)
      for await (const line of createInterface({ input: answer })) {
        const { type, object } = JSON.parse(line) as Line
        follow(state, { type, object })
        if (object.metadata.name === `last-${run}`) break
      }
      deepStrictEqual(state, wanted.state)
    } finally {
      answer.destroy()
    }
  })
  await fc.assert(property, { numRuns: RUNS })
  t.equal(run, RUNS)
})
