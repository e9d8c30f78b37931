/** `pods/log` through a real kubelet server: what is passed on, refused and followed. */

import { once } from 'node:events'
import { appendFileSync, writeFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import t from 'tap'
import { createKubeletServer } from '../../../kubelet/http/server.ts'
import type { ContainerState } from '../../../kubelet/runtime/runtime.ts'
import type { Pod } from '../../../shared/api/pod/pod.ts'
import { createAuthority } from '../../../shared/certificates/authority.ts'
import { systemClock } from '../../../shared/clock.ts'
import { createLogger } from '../../../shared/log.ts'
import { startTestApiServer } from '../../support/api-server.ts'
import { testDirectory } from '../../support/directory.ts'

const PODS = '/api/v1/namespaces/default/pods'
const line = (text: string) => `2026-01-01T00:00:00.000000000Z stdout F ${text}\n`

t.test('logs', async (t) => {
  const directory = testDirectory(t)
  const logPath = join(directory, 'c.log')
  writeFileSync(logPath, line('first') + line('second'))
  const authority = await createAuthority('kubelets')
  const serving = await authority.issue({ commonName: 'node', usages: ['server'], hosts: ['127.0.0.1'] })
  const identity = await authority.issue({ commonName: 'kube-apiserver-kubelet-client', usages: ['client'] })
  const state: ContainerState = {
    id: 'run-1',
    podUid: 'u',
    name: 'c',
    attempt: 0,
    logPath,
    state: 'running',
    pid: 1,
    startedAtMs: 0,
    annotations: {},
  }
  const listeners = new Set<(podUid: string) => void>()
  const running = {
    metadata: { name: 'p', namespace: 'default' },
    spec: { containers: [{ name: 'c', image: 'x' }] },
    status: {
      containerStatuses: [{ name: 'c', state: { running: {} }, lastState: {}, containerID: 'process://run-1' }],
    },
  } as unknown as Pod
  const kubelet = await createKubeletServer({
    host: '127.0.0.1',
    port: 0,
    certificate: serving.certificate,
    key: serving.key,
    clientAuthority: authority.certificate,
    pods: { list: () => [running], find: (_namespace, name) => (name === 'p' ? running : undefined) },
    runtime: {
      list: async () => [state],
      execStream: () => Promise.reject(new Error('nothing runs here')),
      dial: () => Promise.reject(new Error('there is no pod')),
      openTerminal: async () => undefined,
      openInput: () => new Writable(),
      subscribe(onChange) {
        listeners.add(onChange)
        return () => listeners.delete(onChange)
      },
    },
    nodeName: 'n',
    rootDirectory: directory,
    clock: systemClock,
    logger: createLogger('kubelet', 'error'),
  })
  t.teardown(() => kubelet.close())

  const server = await startTestApiServer(directory, {
    kubelet: { certificate: identity.certificate, key: identity.key, authority: authority.certificate },
  })
  t.teardown(() => server.close())
  const { send } = server
  const nodeAt = async (name: string, port: number) => {
    const node = (await send('POST', '/api/v1/nodes', { body: { metadata: { name } } })).json()
    const status = {
      addresses: [{ type: 'InternalIP', address: '127.0.0.1' }],
      daemonEndpoints: { kubeletEndpoint: { Port: port } },
    }
    await send('PUT', `/api/v1/nodes/${name}/status`, { body: { ...node, status } })
  }
  const podOn = async (name: string, node: string, containers = ['c']) => {
    const spec = { containers: containers.map((container) => ({ name: container, image: 'x' })) }
    await send('POST', PODS, { body: { metadata: { name }, spec } })
    await send('POST', `${PODS}/${name}/binding`, { body: { metadata: { name }, target: { name: node } } })
  }
  await nodeAt('n', kubelet.port)
  await podOn('p', 'n')

  t.test('a log', async (t) => {
    const answer = await send('GET', `${PODS}/p/log`)
    t.equal(answer.headers['content-type'], 'text/plain')
    t.equal(answer.text, 'first\nsecond\n')
    t.equal((await send('GET', `${PODS}/p/log?tailLines=1&container=c`)).text, 'second\n')
  })

  t.test('what the kubelet refuses', async (t) => {
    t.match((await send('GET', `${PODS}/p/log?previous=true`)).json(), {
      code: 400,
      reason: 'BadRequest',
      message: 'previous terminated container "c" in pod "p" not found',
    })
    await podOn('stranger', 'n')
    t.match((await send('GET', `${PODS}/stranger/log`)).json(), {
      code: 404,
      message: 'the server could not find the requested resource ( pods/log stranger)',
      details: { causes: [{ reason: 'UnexpectedServerResponse', message: 'pod "stranger_default" does not exist' }] },
    })
  })

  t.test('what the API server refuses', async (t) => {
    await podOn('two', 'n', ['a', 'b'])
    t.match((await send('GET', `${PODS}/two/log`)).json(), {
      code: 400,
      message: 'a container name must be specified for pod two, choose one of: [a b]',
    })
    t.match((await send('GET', `${PODS}/none/log`)).json(), { code: 404, message: 'pods "none" not found' })
  })

  t.test('a kubelet that does not answer', async (t) => {
    const free = createServer().listen(0, '127.0.0.1')
    await once(free, 'listening')
    const { port } = free.address() as AddressInfo
    await new Promise((resolve) => free.close(resolve))
    await nodeAt('lost', port)
    await podOn('unreachable', 'lost')
    t.match((await send('GET', `${PODS}/unreachable/log`)).json(), {
      code: 500,
      message: new RegExp(`^Get "https://127.0.0.1:${port}/containerLogs/default/unreachable/c": .*ECONNREFUSED`),
    })
  })

  t.test('following, until the reader leaves', async (t) => {
    const sent = request(new URL(`${PODS}/p/log?follow=true`, server.url), {
      ca: server.authority.certificate,
      headers: { authorization: `Bearer ${server.token}` },
    }).end()
    const [answer] = (await once(sent, 'response')) as [IncomingMessage]
    answer.setEncoding('utf8')
    let text = ''
    const until = async (wanted: string) => {
      while (!text.includes(wanted)) text += (await once(answer, 'data'))[0]
    }
    await until('second\n')
    appendFileSync(logPath, line('third'))
    await until('third\n')
    t.equal(text, 'first\nsecond\nthird\n')
    answer.on('error', () => undefined)
    sent.destroy()
    while (listeners.size > 0) await new Promise((resolve) => setImmediate(resolve))
    t.pass('the kubelet has let go of the log')
  })
})
