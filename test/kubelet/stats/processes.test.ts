import t from 'tap'
import { machineCpuSeconds, parseUsage, readUsage, treeUsage } from '../../../kubelet/stats/processes.ts'

t.test('a line of the process table', async (t) => {
  const fields = `S 1 7 7 0 -1 0 0 0 0 0 150 50 20 30 20 0 1 0 4242 1000 25 0`
  t.strictSame(parseUsage(`8 (a) b (c)) ${fields}`), {
    ...{ pid: 8, parent: 1, group: 7, session: 7 },
    ...{ cpuSeconds: 2.5, residentBytes: 25 * 4096 },
  })
})

t.test('what belongs to a container is its session, its group and their descendants', async (t) => {
  const process = (pid: number, parent: number, session: number) => ({
    ...{ pid, parent, session, group: session },
    ...{ cpuSeconds: 1, residentBytes: 10 },
  })
  const table = [process(5, 1, 5), process(6, 5, 5), process(7, 6, 7), process(8, 1, 5), process(9, 1, 9)]
  t.strictSame(treeUsage(table, 5), { cpuSeconds: 4, memoryBytes: 40, processes: 4 })
  t.strictSame(treeUsage(table, 77), { cpuSeconds: 0, memoryBytes: 0, processes: 0 })
})

t.test('the real table', { skip: process.platform !== 'linux' && 'there is no /proc' }, async (t) => {
  const { memoryBytes, cpuSeconds } = treeUsage(await readUsage(), process.pid)
  t.ok(memoryBytes > 1024 * 1024)
  t.ok(cpuSeconds > 0)
  t.ok((await machineCpuSeconds()) > cpuSeconds)
})
