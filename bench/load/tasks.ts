/** What the load generator does to an API server, and what it reports. */

import { setTimeout as delay } from 'node:timers/promises'
import { openConnection, openSocket, requestBytes, type Target } from './connection.ts'
import { type EtcdConnection, openEtcd } from './etcd.ts'

export type Task =
  /** The same read again and again. */
  | { do: 'read'; path: string; connections: number; ms: number }
  /** The same read at a rate that the server could serve many times over: what one client waits. */
  | { do: 'paced read'; path: string; connections: number; ms: number; everyMs: number }
  /** Updates of objects that a `fill` has made, in turn. */
  | { do: 'update'; path: string; body: string; prefix: string; count: number; connections: number; ms: number }
  /** Creates: `NAME` in the body becomes a name of its own each time. */
  | { do: 'create'; path: string; body: string; prefix: string; connections: number; ms: number }
  /** A number of creates, as fast as they go. */
  | { do: 'fill'; path: string; body: string; prefix: string; count: number }
  /** Watches of one collection, and creates in it that all of them must see. */
  | { do: 'watch'; path: string; body: string; prefix: string; watchers: number; events: number }
  /** Durable writes of etcd, of values of a size. */
  | { do: 'etcd put'; prefix: string; bytes: number; connections: number; ms: number }
  /** Watches of one prefix of etcd, and writes to it that all of them must see. */
  | { do: 'etcd watch'; prefix: string; bytes: number; watchers: number; events: number }

export interface Report {
  perSecond: number
  /** Waits for one answer, or lags of one delivery. */
  medianMs: number
  p99Ms: number
  /** How many requests or deliveries. */
  count: number
  seconds: number
  /** Processor time of the load generator itself meanwhile. */
  cpuSeconds: number
}

const FILL_CONNECTIONS = 16
const EVENT_CONNECTIONS = 16

type Measured = { waits: number[]; seconds: number }

interface Driving {
  connections: number
  status: number
  next(): Buffer | undefined
  /** Pause of each connection between an answer and the next request. */
  everyMs?: number
}

/** Sends requests on several connections at once until `next` has no more. */
async function drive(target: Target, { connections, status, next, everyMs = 0 }: Driving): Promise<Measured> {
  const open = await Promise.all(Array.from({ length: connections }, () => openConnection(target)))
  const waits: number[] = []
  const begin = performance.now()
  const sendOn = async (connection: Awaited<ReturnType<typeof openConnection>>) => {
    for (let request = next(); request !== undefined; request = next()) {
      const start = performance.now()
      await connection.send(request, status)
      waits.push(performance.now() - start)
      if (everyMs > 0) await delay(everyMs)
    }
  }
  await Promise.all(open.map(sendOn))
  const seconds = (performance.now() - begin) / 1000
  for (const connection of open) connection.close()
  return { waits, seconds }
}

const until = (ms: number, make: () => Buffer) => {
  const end = performance.now() + ms
  return () => (performance.now() < end ? make() : undefined)
}

const creator = (target: Target, { path, body, prefix }: { path: string; body: string; prefix: string }) => {
  let count = 0
  return () => requestBytes(target, 'POST', path, body.replace('NAME', `${prefix}-${count++}`))
}

/** Reads a watch's bytes for the numbers of the objects that it tells of: `"name":"PREFIX-17"`. */
function createReader(prefix: string, onObject: (index: number) => void): (chunk: Buffer) => void {
  const mark = Buffer.from(`"name":"${prefix}-`)
  const longest = mark.length + 8
  let rest: Buffer = Buffer.alloc(0)
  return (chunk) => {
    const bytes = Buffer.concat([rest, chunk])
    let at = bytes.indexOf(mark)
    let done = 0
    while (at !== -1) {
      const end = bytes.indexOf(0x22, at + mark.length)
      if (end === -1) break
      onObject(Number(bytes.toString('latin1', at + mark.length, end)))
      done = end
      at = bytes.indexOf(mark, end)
    }
    rest = bytes.subarray(Math.max(done, bytes.length - longest))
  }
}

async function watch(target: Target, task: Extract<Task, { do: 'watch' }>): Promise<Measured> {
  const { path, prefix, watchers, events } = task
  const sentAt: number[] = []
  const lags: number[] = []
  const { promise, resolve } = Promise.withResolvers<void>()
  const sockets = await Promise.all(
    Array.from({ length: watchers }, async () => {
      const socket = await openSocket(target)
      const headed = new Promise<void>((started) => socket.once('data', () => started()))
      const read = createReader(prefix, (index) => {
        lags.push(performance.now() - sentAt[index]!)
        if (lags.length === watchers * events) resolve()
      })
      socket.on('data', read)
      socket.write(requestBytes(target, 'GET', `${path}?watch=1&resourceVersion=0&labelSelector=run%3D${prefix}`))
      await headed
      return socket
    }),
  )
  const create = creator(target, task)
  const begin = performance.now()
  const next = () => {
    if (sentAt.length === events) return undefined
    sentAt.push(performance.now())
    return create()
  }
  await drive(target, { connections: EVENT_CONNECTIONS, status: 201, next })
  await promise
  const seconds = (performance.now() - begin) / 1000
  for (const socket of sockets) socket.destroy()
  return { waits: lags, seconds }
}

async function etcdPut(target: Target, task: Extract<Task, { do: 'etcd put' }>): Promise<Measured> {
  const value = Buffer.alloc(task.bytes, 'x')
  const open = Array.from({ length: task.connections }, () => openEtcd(target))
  await Promise.all(open.map((connection, index) => connection.put(`${task.prefix}-warm-${index}`, value)))
  const waits: number[] = []
  const begin = performance.now()
  let count = 0
  const putOn = async (connection: EtcdConnection) => {
    while (performance.now() < begin + task.ms) {
      const start = performance.now()
      await connection.put(`${task.prefix}-${count++}`, value)
      waits.push(performance.now() - start)
    }
  }
  await Promise.all(open.map(putOn))
  const seconds = (performance.now() - begin) / 1000
  for (const connection of open) connection.close()
  return { waits, seconds }
}

async function etcdWatch(target: Target, task: Extract<Task, { do: 'etcd watch' }>): Promise<Measured> {
  const { prefix, watchers, events } = task
  const value = Buffer.alloc(task.bytes, 'x')
  const sentAt: number[] = []
  const lags: number[] = []
  const { promise, resolve } = Promise.withResolvers<void>()
  const onKey = (key: string) => {
    lags.push(performance.now() - sentAt[Number(key.slice(prefix.length + 1))]!)
    if (lags.length === watchers * events) resolve()
  }
  const watches = Array.from({ length: watchers }, () => openEtcd(target))
  await Promise.all(watches.map((connection) => connection.watch(prefix, onKey)))
  const writers = Array.from({ length: EVENT_CONNECTIONS }, () => openEtcd(target))
  await Promise.all(writers.map((connection, index) => connection.put(`warm-${index}`, value)))
  const begin = performance.now()
  const putOn = async (connection: EtcdConnection) => {
    while (sentAt.length < events) {
      const key = `${prefix}/${sentAt.length}`
      sentAt.push(performance.now())
      await connection.put(key, value)
    }
  }
  await Promise.all(writers.map(putOn))
  await promise
  const seconds = (performance.now() - begin) / 1000
  for (const connection of [...watches, ...writers]) connection.close()
  return { waits: lags, seconds }
}

function measure(target: Target, task: Task): Promise<Measured> {
  switch (task.do) {
    case 'read': {
      const request = requestBytes(target, 'GET', task.path)
      return drive(target, { connections: task.connections, status: 200, next: until(task.ms, () => request) })
    }
    case 'paced read': {
      const request = requestBytes(target, 'GET', task.path)
      const next = until(task.ms, () => request)
      return drive(target, { connections: task.connections, status: 200, next, everyMs: task.everyMs })
    }
    case 'update': {
      let count = 0
      const next = until(task.ms, () => {
        const name = `${task.prefix}-${count++ % task.count}`
        const body = task.body.replace('NAME', name).replace('xx', `${count}`)
        return requestBytes(target, 'PUT', `${task.path}/${name}`, body)
      })
      return drive(target, { connections: task.connections, status: 200, next })
    }
    case 'create':
      return drive(target, {
        connections: task.connections,
        status: 201,
        next: until(task.ms, creator(target, task)),
      })
    case 'fill': {
      const create = creator(target, task)
      let left = task.count
      const next = () => (left-- > 0 ? create() : undefined)
      return drive(target, { connections: FILL_CONNECTIONS, status: 201, next })
    }
    case 'watch':
      return watch(target, task)
    case 'etcd put':
      return etcdPut(target, task)
    case 'etcd watch':
      return etcdWatch(target, task)
  }
}

export async function runTask(target: Target, task: Task): Promise<Report> {
  const before = process.cpuUsage()
  const { waits, seconds } = await measure(target, task)
  const { user, system } = process.cpuUsage(before)
  const sorted = Float64Array.from(waits).sort()
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
  return {
    perSecond: waits.length / seconds,
    medianMs: at(0.5),
    p99Ms: at(0.99),
    count: waits.length,
    seconds,
    cpuSeconds: (user + system) / 1e6,
  }
}
