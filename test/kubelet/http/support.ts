/** What the tests of the kubelet’s server share: the server over TLS, in front of a real runtime with one pod. */
import { readFileSync } from 'node:fs'
import { type RequestOptions, request } from 'node:https'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { Test } from 'tap'
import { createKubeletServer } from '../../../kubelet/http/server.ts'
import { startProcessRuntime } from '../../../kubelet/runtime/process-runtime.ts'
import type { Pod } from '../../../shared/api/pod/pod.ts'
import { createAuthority, type KeyPair } from '../../../shared/certificates/authority.ts'
import { type Clock, systemClock } from '../../../shared/clock.ts'
import { createLogger } from '../../../shared/log.ts'
import { testDirectory } from '../../support/directory.ts'
import { allGone } from '../runtime/support.ts'

export const HOST = '127.83.1.1'

export const authority = await createAuthority('kubernetes')
export const [serving, apiServer, node, stranger] = await Promise.all([
  authority.issue({ commonName: 'node-1', usages: ['server'], hosts: [HOST] }),
  authority.issue({
    commonName: 'kube-apiserver-kubelet-client',
    usages: ['client'],
  }),
  authority.issue({ commonName: 'system:node:node-1', organizations: ['system:nodes'], usages: ['client'] }),
  createAuthority('another').then((other) =>
    other.issue({ commonName: 'kube-apiserver-kubelet-client', usages: ['client'] }),
  ),
])

export async function setUp(t: Test, { clock = systemClock }: { clock?: Clock } = {}) {
  const rootDirectory = join(testDirectory(t), 'node')
  const logger = createLogger('kubelet', 'error')
  const runtime = await startProcessRuntime({ rootDirectory, nodeIp: HOST, podCidr: '127.83.1.0/24', logger })
  const supervisor = Number.parseInt(readFileSync(join(rootDirectory, 'supervisor.pid'), 'utf8'), 10)
  const containerStatuses: object[] = []
  const pod = {
    metadata: { name: 'kubia', namespace: 'default', uid: 'pod' },
    spec: { containers: [{ name: 'main' }, { name: 'late' }] },
    status: { containerStatuses },
  } as unknown as Pod
  const server = await createKubeletServer({
    host: HOST,
    port: 0,
    certificate: serving.certificate,
    key: serving.key,
    clientAuthority: authority.certificate,
    pods: {
      list: () => [pod],
      find: (namespace, name) => (`${namespace}/${name}` === 'default/kubia' ? pod : undefined),
    },
    runtime,
    nodeName: 'node-1',
    rootDirectory,
    clock,
    logger,
  })
  t.teardown(async () => {
    await server.close()
    await runtime.shutdown()
    await allGone([supervisor])
  })

  const run = async (argv: readonly string[], stdin?: 'open' | 'once', tty = false) => {
    await runtime.ensureSandbox({
      podUid: 'pod',
      namespace: 'default',
      name: 'kubia',
      directory: join(rootDirectory, 'pod'),
    })
    const logPath = join(rootDirectory, 'pod', 'main.log')
    const program = { argv, env: {}, annotations: {}, workingDirectory: '/', logPath, ...(stdin && { stdin }), tty }
    const state = await runtime.startContainer({ podUid: 'pod', name: 'main', attempt: 0, ...program })
    const running = { name: 'main', state: { running: {} }, lastState: {}, containerID: `process://${state.id}` }
    containerStatuses.splice(0, 1, running)
    return { ...state, logPath }
  }
  /** Begins a request; the promise is of its head. */
  const begin = (path: string, client: KeyPair | undefined = apiServer, changes: RequestOptions = {}) => {
    const { promise, resolve, reject } = Promise.withResolvers<import('node:http').IncomingMessage>()
    const identity = client && { cert: client.certificate, key: client.key }
    request({ host: HOST, port: server.port, path, ca: authority.certificate, ...identity, agent: false, ...changes })
      .on('response', resolve)
      .on('error', reject)
      .end()
    return promise
  }
  const get = async (path: string, client?: KeyPair) => {
    const response = await begin(path, client)
    return { status: response.statusCode, type: response.headers['content-type'], body: await text(response) }
  }
  return { runtime, server, run, begin, get, containerStatuses }
}
