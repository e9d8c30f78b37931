/** Large lists go out in pieces, whole and unchanged, and cost nothing when nobody takes them. */
import { once } from 'node:events'
import { gunzipSync } from 'node:zlib'
import t, { type Test } from 'tap'
import type { CachedObject } from '../../../apiserver/cache/cache.ts'
import { jsonBytes, withNewline } from '../../../apiserver/codec/encode.ts'
import { createListPieces, textPieces } from '../../../apiserver/http/list-pieces.ts'
import { configMap } from '../../../shared/api/config-map.ts'
import type { Kind } from '../../../shared/api/kind.ts'
import { startTestApiServer } from '../../support/api-server.ts'
import { testDirectory } from '../../support/directory.ts'
import { openRaw } from '../../support/raw-http.ts'

const kind = configMap as unknown as Kind
const objectsOf = (count: number, characters: number) =>
  Array.from({ length: count }, (_, n) => {
    return { json: jsonBytes(JSON.stringify({ metadata: { name: `n-${n}` }, data: { x: 'ü'.repeat(characters) } })) }
  }) as CachedObject[]

for (const { title, count, characters } of [
  { title: 'no object', count: 0, characters: 0 },
  { title: 'one object', count: 1, characters: 10 },
  { title: 'many objects', count: 3000, characters: 150 },
  { title: 'objects larger than a piece', count: 3, characters: 200_000 },
  { title: 'more than is kept', count: 30, characters: 100_000 },
])
  t.test(`a list of ${title}`, async (t) => {
    const listPieces = createListPieces()
    const objects = objectsOf(count, characters)
    // Asked for again, it comes from what was kept.
    for (const time of ['first', 'second', 'third']) {
      const pieces = listPieces(kind, objects, { resourceVersion: time })
      const bytes = Buffer.concat(Array.from(pieces, (piece) => Buffer.from(piece)))
      t.equal(bytes.length, pieces.length)
      const list = JSON.parse(bytes.toString())
      t.equal(list.metadata.resourceVersion, time)
      t.strictSame(
        list.items,
        objects.map(({ json }) => JSON.parse(json.toString())),
      )
    }
  })

t.test('texts', async (t) => {
  const texts = Array.from({ length: 1000 }, (_, n) => `${n}ü`.repeat(200))
  const pieces = [...textPieces(texts)]
  t.ok(pieces.length > 1)
  t.equal(Buffer.concat(pieces).toString(), texts.join(''))
})

t.test('only bytes with a newline behind them are said to have one', async (t) => {
  t.equal(withNewline(jsonBytes('{}')).toString(), '{}\n')
  t.throws(() => withNewline(Buffer.from('{} x').subarray(0, 2)))
})

const OBJECTS = 60
const CHARACTERS = 100_000
const PATH = '/api/v1/namespaces/default/configmaps'

async function startFilled(t: Test) {
  const server = await startTestApiServer(testDirectory(t))
  t.teardown(() => server.close())
  await Promise.all(
    Array.from({ length: OBJECTS }, (_, n) =>
      server.send('POST', PATH, {
        body: {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: { name: `n-${n}` },
          data: { x: 'x'.repeat(CHARACTERS) },
        },
      }),
    ),
  )
  return server
}

t.test('a server with a large list', async (t) => {
  const server = await startFilled(t)

  t.test('compressed', async (t) => {
    const { hostname: host, port } = new URL(server.url)
    const socket = await openRaw(server.url, server.authority.certificate)
    const head = `GET ${PATH} HTTP/1.0\r\nhost: ${host}:${port}\r\nauthorization: Bearer ${server.token}\r\n`
    socket.write(`${head}accept-encoding: gzip\r\n\r\n`)
    const chunks: Buffer[] = []
    socket.on('data', (chunk: Buffer) => chunks.push(chunk))
    await once(socket, 'end')
    socket.destroy()
    const bytes = Buffer.concat(chunks)
    const end = bytes.indexOf('\r\n\r\n')
    t.match(bytes.toString('latin1', 0, end).toLowerCase(), 'content-encoding: gzip')
    t.equal(JSON.parse(gunzipSync(bytes.subarray(end + 4)).toString()).items.length, OBJECTS)
  })

  t.test('clients that leave in the middle, or take nothing, hold up nobody', async (t) => {
    const request = `GET ${PATH} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${server.token}\r\n\r\n`
    const sockets = await Promise.all(
      Array.from({ length: 20 }, async (_, n) => {
        const socket = await openRaw(server.url, server.authority.certificate)
        socket.on('error', () => socket.destroy())
        socket.write(request)
        await once(socket, 'readable')
        if (n % 2 === 0) socket.destroy()
        return socket
      }),
    )
    const { items } = (await server.send('GET', PATH)).json()
    t.equal(items.length, OBJECTS)
    for (const socket of sockets) socket.destroy()
  })
})
