import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run, TestCluster } from '../test/support/cluster.ts'
import type { Benchmark, Series } from './sample.ts'

const RUNS = 7

/** Seconds from the start of the launcher's process to its ready line, and back to nothing. */
async function measureOnce(dataDir: string): Promise<{ upSeconds: number; downSeconds: number }> {
  const startedAt = performance.now()
  const cluster = await TestCluster.start({ dataDir })
  const readyAt = performance.now()
  await cluster.stop()
  return { upSeconds: (readyAt - startedAt) / 1000, downSeconds: (performance.now() - readyAt) / 1000 }
}

/** The machine's own rate, to compare with: seconds for a bare Node.js process. */
async function bareProcessSeconds(): Promise<number> {
  const startedAt = performance.now()
  await run(process.execPath, ['-e', '0'])
  return (performance.now() - startedAt) / 1000
}

export const startup: Benchmark = {
  name: 'startup',
  description: 'Empty data directory to three nodes Ready, a second start on the same directory, and the stop.',
  async run(): Promise<Series[]> {
    const first: number[] = []
    const second: number[] = []
    const stop: number[] = []
    const bare: number[] = []
    for (let index = 0; index < RUNS; index += 1) {
      const dataDir = await mkdtemp(join(tmpdir(), 'kubeproc-bench-'))
      const fresh = await measureOnce(dataDir)
      const again = await measureOnce(dataDir)
      first.push(fresh.upSeconds)
      second.push(again.upSeconds)
      stop.push(fresh.downSeconds, again.downSeconds)
      bare.push(await bareProcessSeconds())
      await rm(dataDir, { recursive: true })
    }
    return [
      {
        ...{ name: 'empty directory to 3 nodes Ready', unit: 's', samples: first, wanted: '< 1' },
        against: { name: 'a bare Node.js process', samples: bare },
      },
      { name: 'second start on the same directory', unit: 's', samples: second },
      { name: 'Ctrl-C to everything gone', unit: 's', samples: stop },
    ]
  },
}
