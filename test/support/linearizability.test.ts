/** The checker is given histories that are known to be good or bad, and compared with trying all orders. */
import fc from 'fast-check'
import t from 'tap'
import { isLinearizable, type Operation } from './linearizability.ts'

const NEVER = Number.POSITIVE_INFINITY
const read = (from: number, to: number, got?: string): Operation => ({ do: 'read', from, to, got })
const create = (from: number, to: number, value: string, done?: boolean): Operation => ({
  ...{ do: 'create', from, to, value },
  ...(done !== undefined && { done }),
})
const replace = (from: number, to: number, [expected, value]: [string, string], done?: boolean): Operation => ({
  ...{ do: 'replace', from, to, expected, value },
  ...(done !== undefined && { done }),
})
const remove = (from: number, to: number, expected: string, done?: boolean): Operation => ({
  ...{ do: 'delete', from, to, expected },
  ...(done !== undefined && { done }),
})

const histories: { title: string; operations: Operation[]; wanted: boolean }[] = [
  { title: 'nothing', operations: [], wanted: true },
  { title: 'a read of nothing', operations: [read(0, 1)], wanted: true },
  { title: 'a read of what nobody wrote', operations: [read(0, 1, 'a')], wanted: false },
  { title: 'a read after a write', operations: [create(0, 1, 'a', true), read(2, 3, 'a')], wanted: true },
  { title: 'a stale read', operations: [create(0, 1, 'a', true), read(2, 3)], wanted: false },
  { title: 'a read while it is written', operations: [create(0, 3, 'a', true), read(1, 2)], wanted: true },
  {
    title: 'a read that goes back',
    operations: [create(0, 9, 'a', true), read(1, 2, 'a'), read(3, 4)],
    wanted: false,
  },
  {
    title: 'two winners of one comparison',
    operations: [create(0, 1, 'a', true), replace(2, 5, ['a', 'b'], true), replace(2, 5, ['a', 'c'], true)],
    wanted: false,
  },
  {
    title: 'one winner of a comparison',
    operations: [create(0, 1, 'a', true), replace(2, 5, ['a', 'b'], true), replace(2, 5, ['a', 'c'], false)],
    wanted: true,
  },
  {
    title: 'a refusal without a reason',
    operations: [create(0, 1, 'a', true), replace(2, 3, ['a', 'b'], false)],
    wanted: false,
  },
  {
    title: 'a lost write',
    operations: [create(0, 1, 'a', true), replace(2, 3, ['a', 'b'], true), read(4, 5, 'a')],
    wanted: false,
  },
  { title: 'an unanswered write that happened', operations: [create(0, NEVER, 'a'), read(5, 6, 'a')], wanted: true },
  { title: 'an unanswered write that did not', operations: [create(0, NEVER, 'a'), read(5, 6)], wanted: true },
  {
    title: 'an unanswered write that came and went',
    operations: [create(0, NEVER, 'a'), read(5, 6, 'a'), read(7, 8)],
    wanted: false,
  },
  {
    title: 'an unanswered write before its call',
    operations: [read(0, 1, 'a'), create(2, NEVER, 'a')],
    wanted: false,
  },
  {
    title: 'created twice',
    operations: [create(0, 1, 'a', true), create(2, 3, 'b', true)],
    wanted: false,
  },
  {
    title: 'created again after a deletion',
    operations: [create(0, 1, 'a', true), remove(2, 3, 'a', true), create(4, 5, 'b', true), read(6, 7, 'b')],
    wanted: true,
  },
  {
    title: 'a deletion that came back',
    operations: [create(0, 1, 'a', true), remove(2, 3, 'a', true), read(4, 5, 'a')],
    wanted: false,
  },
]
for (const { title, operations, wanted } of histories)
  t.test(`${title} is ${wanted ? '' : 'not '}linearizable`, async (t) => t.equal(isLinearizable(operations), wanted))

/** The same question, answered by trying every order. */
function bruteForce(operations: readonly Operation[], state?: string): boolean {
  if (operations.every(({ to }) => to === NEVER)) return true
  const firstReturn = Math.min(...operations.map(({ to }) => to))
  return operations.some((operation, index) => {
    if (operation.from > firstReturn) return false
    const rest = operations.toSpliced(index, 1)
    if (operation.do === 'read') return operation.got === state && bruteForce(rest, state)
    const fits = operation.do === 'create' ? state === undefined : state === operation.expected
    if (operation.done !== undefined && fits !== operation.done) return false
    const after = operation.do === 'delete' ? undefined : operation.value
    return bruteForce(rest, fits ? after : state)
  })
}

const value = fc.constantFrom('a', 'b', 'c')
const outcome = fc.constantFrom(true, false, undefined)
const operation = fc
  .record({
    do: fc.constantFrom('read', 'create', 'replace', 'delete'),
    value,
    expected: value,
    done: outcome,
    got: fc.option(value, { nil: undefined }),
    from: fc.integer({ min: 0, max: 12 }),
    length: fc.integer({ min: 0, max: 6 }),
  })
  .map(({ length, done, from, ...rest }): Operation => {
    const to = done === undefined && rest.do !== 'read' ? NEVER : from + length
    return { ...rest, from, to, ...(done !== undefined && { done }) } as Operation
  })

t.test('says what trying every order says', async () => {
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 6 }), (operations) => {
      return isLinearizable(operations) === bruteForce(operations)
    }),
    { numRuns: 2000 },
  )
})
