import fc from 'fast-check'
import t from 'tap'
import { membersOf, type Tree } from '../../../../kubelet/runtime/supervisor/process-tree.ts'
import type { ProcessInfo } from '../../../../shared/processes.ts'

const MAIN = { pid: 100, startTicks: 1000 }
const MARKER = 'KUBEPROC_CONTAINER_ID=abc'

const processOf = (pid: number, changes: Partial<ProcessInfo> = {}): ProcessInfo => ({
  pid,
  parent: 1,
  group: pid,
  session: pid,
  state: 'S',
  startTicks: 1000 + pid,
  ...changes,
})
const main = processOf(100, { startTicks: 1000 })
const stranger = processOf(7, { startTicks: 5 })

const find = (tree: Partial<Tree>, table: readonly ProcessInfo[], marked: readonly number[] = []) =>
  membersOf({ marker: MARKER, main: MAIN, ...tree }, table, (pid, marker) => marker === MARKER && marked.includes(pid))
    .map(({ pid }) => pid)
    .sort((a, b) => a - b)

const cases: { title: string; tree?: Partial<Tree>; table: ProcessInfo[]; marked?: number[]; wanted: number[] }[] = [
  { title: 'the main process alone', table: [stranger, main], wanted: [100] },
  { title: 'its group', table: [main, processOf(101, { group: 100, session: 100 })], wanted: [100, 101] },
  { title: 'another group of its session', table: [main, processOf(101, { session: 100 })], wanted: [100, 101] },
  {
    title: 'descendants in groups and sessions of their own',
    table: [main, processOf(103, { parent: 102 }), processOf(102, { parent: 100 })],
    wanted: [100, 102, 103],
  },
  { title: 'a daemon, by its environment', table: [main, processOf(101)], marked: [101], wanted: [100, 101] },
  {
    title: 'children of a daemon that have cleared their environment',
    table: [processOf(101), processOf(102, { parent: 101 })],
    marked: [101],
    wanted: [101, 102],
  },
  {
    title: 'the dead are left out',
    table: [{ ...main, state: 'Z' }, processOf(101, { state: 'X' })],
    marked: [101],
    wanted: [],
  },
  {
    title: 'a stranger that got the PID of the main process, with its own group',
    tree: { endedTicks: 1050 },
    table: [processOf(100, { startTicks: 9000 }), processOf(101, { group: 100, startTicks: 9001 })],
    wanted: [],
  },
  {
    title: 'what is left of the group after the main process, without any environment',
    tree: { endedTicks: 1050 },
    table: [processOf(101, { group: 100, session: 100, startTicks: 1049 })],
    wanted: [101],
  },
  {
    title: 'a group of which nobody knows when its leader ended, and nobody is known',
    table: [processOf(101, { group: 100, session: 100 })],
    wanted: [],
  },
  {
    title: 'the same with one member that is known',
    table: [processOf(101, { group: 100, session: 100 }), processOf(102, { group: 100, session: 100 })],
    marked: [102],
    wanted: [101, 102],
  },
  {
    title: 'without a main process only the marker counts',
    tree: { main: undefined } as unknown as Partial<Tree>,
    table: [main, processOf(101, { group: 100 }), processOf(102)],
    marked: [102],
    wanted: [102],
  },
]

for (const { title, tree = {}, table, marked, wanted } of cases) {
  t.test(title, async (t) => t.strictSame(find(tree, table, marked), wanted))
}

t.test('property: nothing older than the main process, and nothing dead, is ever found', async (t) => {
  const small = fc.integer({ min: 95, max: 110 })
  const info = fc.record({
    pid: small,
    parent: small,
    group: small,
    session: small,
    state: fc.constantFrom('S', 'R', 'Z'),
    startTicks: fc.integer({ min: 990, max: 1010 }),
  })
  const endedTicks = fc.option(fc.integer({ min: 1000, max: 1010 }), { nil: undefined })
  fc.assert(
    fc.property(fc.array(info), fc.array(small), endedTicks, (table, marked, ended) => {
      const tree: Tree = { marker: MARKER, main: MAIN, ...(ended !== undefined && { endedTicks: ended }) }
      const members = membersOf(tree, table, (pid) => marked.includes(pid))
      return members.every((member) => member.startTicks >= MAIN.startTicks && member.state !== 'Z')
    }),
  )
  t.pass('holds')
})
