import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { namespacesProblem } from '../kubelet/runtime/detect.ts'
import { startTestNode, type TestNode } from '../test/support/test-node.ts'
import { idle, startMany, startSingles } from './kubelet.ts'
import type { Benchmark, Series } from './sample.ts'

/** Processes that are started to see what the machine can do, and how many of them at once. */
const SPAWNS = 400
const SPAWNS_AT_ONCE = 8
const KILLS = 10

/** A tree of some depth and width, part of which has left its session; its root ends when it is asked to, and nothing else. */
const TREE = [
  'sh',
  '-c',
  'trap "exit 0" TERM; for i in 1 2 3 4 5 6 7 8 9 10; do (sleep 1000000 & setsid sleep 1000000 & wait) & done; echo ready; wait',
]

const RUNTIMES: readonly { name: string; flags: readonly string[] }[] = [
  { name: 'process', flags: ['--runtime=process'] },
  { name: 'namespaces', flags: ['--runtime=namespaces', '--pod-cidr=10.213.0.0/23'] },
]

/** What the machine itself can do: bare processes of this program's, started and waited for, in one second. */
async function spawnsPerSecond(): Promise<number> {
  const begin = performance.now()
  const work = async () => {
    for (let index = 0; index < SPAWNS / SPAWNS_AT_ONCE; index++) {
      await once(spawn('/bin/true', { stdio: ['ignore', 'pipe', 'pipe'] }), 'close')
    }
  }
  await Promise.all(Array.from({ length: SPAWNS_AT_ONCE }, work))
  return (SPAWNS * 1000) / (performance.now() - begin)
}

/** From a deletion until the kubelet says that nothing of the pod is left. */
async function killTrees(node: TestNode): Promise<Series> {
  const samples: number[] = []
  for (let run = 0; run < KILLS; run++) {
    const name = `tree-${run}`
    await node.create(name, node.one({ command: TREE }))
    await node.untilReady(name)
    const begin = performance.now()
    await node.delete(name, 0)
    // The API forgets it at once; the supervisor's record goes with the last process.
    await node.untilNothingRuns()
    samples.push(performance.now() - begin)
  }
  return {
    name: 'a tree of 31 processes, from the deletion of its pod to the end of the last',
    unit: 'ms',
    samples,
    wanted: '< 200',
  }
}

const named = (runtime: string, series: Series): Series => ({ ...series, name: `${runtime}: ${series.name}` })

async function measure({ name, flags }: (typeof RUNTIMES)[number]): Promise<Series[]> {
  const directory = await mkdtemp(join(tmpdir(), 'kubeproc-bench-'))
  const node = await startTestNode(directory, ['--max-pods=201', ...flags])
  try {
    const spawns = [await spawnsPerSecond(), await spawnsPerSecond(), await spawnsPerSecond()]
    const singles = await startSingles(node)
    const many = { ...(await startMany(node)), against: { name: 'bare processes', samples: spawns } }
    const kills = await killTrees(node)
    return [singles, many, kills, ...(await idle(node))].map((series) => named(name, series))
  } finally {
    await node.stop()
    await rm(directory, { recursive: true, force: true })
  }
}

export const pods: Benchmark = {
  name: 'pods',
  description: 'Starts and ends of pods in both runtimes, beside what the machine can do with bare processes.',
  async run(): Promise<Series[]> {
    const trial = await mkdtemp(join(tmpdir(), 'kubeproc-bench-'))
    const problem = await namespacesProblem(trial)
    await rm(trial, { recursive: true })
    const series: Series[] = []
    for (const runtime of RUNTIMES) {
      if (runtime.name === 'process' || problem === undefined) series.push(...(await measure(runtime)))
      else series.push({ name: 'namespaces', unit: '/s', samples: [0], skipped: problem })
    }
    return series
  },
}
