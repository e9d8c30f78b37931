import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memoryOf } from '../test/support/cluster.ts'
import { startTestNode, type TestNode } from '../test/support/test-node.ts'
import { cpuSecondsOf } from './processes.ts'
import type { Benchmark, Series } from './sample.ts'

const PODS = 200
/** Creates of pods under way at once. */
const CREATES = 16
/** Pods that are started one after the other, while those before them sleep. */
const SINGLES = 100
/** How long the idle node is watched, after as long a wait for what its start left to do. */
const IDLE_MS = 20_000

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const namesFrom = (prefix: string, count: number) => Array.from({ length: count }, (_, index) => `${prefix}-${index}`)

type Probes = Parameters<TestNode['one']>[0]

async function createAll(node: TestNode, names: readonly string[], probes: Probes): Promise<void> {
  const left = names.values()
  const work = async () => {
    for (const name of left) await node.create(name, node.one(probes))
  }
  await Promise.all(Array.from({ length: CREATES }, work))
}

const untilRunning = (node: TestNode, name: string) => node.until(name, ({ status }) => status.phase === 'Running')

async function removeAll(node: TestNode, names: readonly string[]): Promise<void> {
  // Not by force: until its program has ended a pod still takes its place.
  await Promise.all(names.map((name) => node.delete(name)))
  await Promise.all(names.map(node.untilGone))
}

export async function startMany(node: TestNode): Promise<Series> {
  const samples: number[] = []
  for (const run of [0, 1, 2]) {
    const names = namesFrom(`many-${run}`, PODS)
    const begin = performance.now()
    await createAll(node, names, {})
    await Promise.all(names.map((name) => untilRunning(node, name)))
    samples.push((PODS * 1000) / (performance.now() - begin))
    await removeAll(node, names)
  }
  return { name: `${PODS} pods from create to Running`, unit: '/s', samples, wanted: '> 60' }
}

export async function startSingles(node: TestNode): Promise<Series> {
  const samples: number[] = []
  const names = namesFrom('single', SINGLES)
  for (const name of names) {
    const begin = performance.now()
    await node.create(name, node.one({}))
    await untilRunning(node, name)
    samples.push(performance.now() - begin)
  }
  await removeAll(node, names)
  const p99 = samples.toSorted((a, b) => a - b)[Math.ceil(SINGLES * 0.99) - 1]!
  return { name: 'one pod from create to Running', unit: 'ms', samples, p99Ms: [p99], wanted: 'p99 < 100' }
}

export async function idle(node: TestNode): Promise<Series[]> {
  const server = createServer((_request, answer) => answer.end())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const probe = { httpGet: { host: '127.0.0.1', port } }
  const names = namesFrom('idle', PODS)
  await createAll(node, names, { livenessProbe: probe, readinessProbe: probe })
  await Promise.all(names.map(node.untilReady))
  await wait(IDLE_MS)
  const { pid } = node.kubelet
  const [before, begin] = [cpuSecondsOf(pid), performance.now()]
  await wait(IDLE_MS)
  const after = cpuSecondsOf(pid)
  server.close()
  const name = `kubelet with ${PODS} idle pods, two HTTP probes each`
  if (before === undefined || after === undefined) return [{ name, unit: '%', samples: [0], skipped: 'no /proc' }]
  const share = ((after - before) * 100_000) / (performance.now() - begin)
  return [
    { name: `${name}: share of a core`, unit: '%', samples: [share], wanted: '< 3' },
    { name: `${name}: memory`, unit: 'MB', samples: [memoryOf(pid) / 1e6], wanted: '< 90' },
  ]
}

export const kubelet: Benchmark = {
  name: 'kubelet',
  description: `Pods of a native program on one real kubelet: ${PODS} at once, one at a time, and ${PODS} idle ones.`,
  async run(): Promise<Series[]> {
    const directory = await mkdtemp(join(tmpdir(), 'kubeproc-bench-'))
    const node = await startTestNode(directory, [`--max-pods=${PODS + 1}`])
    try {
      return [await startSingles(node), await startMany(node), ...(await idle(node))]
    } finally {
      await node.stop()
      await rm(directory, { recursive: true, force: true })
    }
  },
}
