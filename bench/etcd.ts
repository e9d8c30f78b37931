/** A real etcd on an empty directory, for comparison: what upstream's API server stores in. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { createAuthority } from '../shared/certificates/authority.ts'
import { until } from '../test/support/until.ts'
import type { Target } from './load/connection.ts'
import { openEtcd } from './load/etcd.ts'
import { end } from './processes.ts'

export interface Etcd {
  target: Target
  pid: number
  stop(): Promise<void>
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

async function isReady(target: Target, child: ChildProcess): Promise<boolean> {
  if (child.exitCode !== null) throw new Error(`etcd has ended with ${child.exitCode}`)
  const connection = openEtcd(target)
  try {
    await connection.put('ready', Buffer.from('yes'))
    return true
  } catch {
    return false // it does not listen yet
  } finally {
    connection.close()
  }
}

/** Starts etcd with TLS and client certificates. */
export async function startEtcd(directory: string): Promise<Etcd> {
  const path = (name: string) => join(directory, `etcd-${name}`)
  const authority = await createAuthority('etcd-authority')
  const [serving, client] = await Promise.all([
    authority.issue({ commonName: 'etcd', usages: ['server'], hosts: ['127.0.0.1'] }),
    authority.issue({ commonName: 'bench', usages: ['client'] }),
  ])
  await writeFile(path('ca'), authority.certificate)
  await writeFile(path('crt'), serving.certificate)
  await writeFile(path('key'), serving.key, { mode: 0o600 })
  const [port, peerPort] = [await freePort(), await freePort()]
  const url = `https://127.0.0.1:${port}`
  const peer = `http://127.0.0.1:${peerPort}`
  const flags = [
    ...[`--data-dir=${path('data')}`, `--listen-client-urls=${url}`, `--advertise-client-urls=${url}`],
    ...[`--listen-peer-urls=${peer}`, `--initial-advertise-peer-urls=${peer}`, `--initial-cluster=default=${peer}`],
    ...[`--cert-file=${path('crt')}`, `--key-file=${path('key')}`, `--trusted-ca-file=${path('ca')}`],
    ...['--client-cert-auth', '--logger=zap', '--log-level=error'],
  ]
  const child = spawn('etcd', flags, { stdio: 'ignore' })
  const target: Target = {
    ...{ host: '127.0.0.1', port, ca: authority.certificate, token: '' },
    ...{ cert: client.certificate, key: client.key },
  }
  await until(() => isReady(target, child), { deadlineMs: 20_000, describe: () => 'etcd does not answer' })
  return { target, pid: child.pid!, stop: () => end(child) }
}
