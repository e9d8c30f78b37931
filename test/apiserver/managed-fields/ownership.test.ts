import t from 'tap'
import { afterUpdate, type Entries, startingEntries, type Writer } from '../../../apiserver/managed-fields/ownership.ts'
import { trackCreate, trackUpdate } from '../../../apiserver/managed-fields/track.ts'
import { kind, thing } from './objects.ts'

const at = (second: number) => `2026-01-01T00:00:${String(second).padStart(2, '0')}Z`
const updater = (manager: string, apiVersion = 'v1'): Writer => ({ manager, operation: 'Update', apiVersion })
const change = (...names: string[]) => ({
  changed: Object.fromEntries(names.map((name) => [`f:${name}`, {}])),
  removed: undefined,
})
const brief = (entries: Entries) =>
  entries.map(({ manager, apiVersion, time, fieldsV1 }) => [manager, apiVersion, time, Object.keys(fieldsV1!).join()])

t.test('a field belongs to whoever has changed it last', async (t) => {
  const first = afterUpdate([], change('a', 'b'), { writer: updater('one'), time: at(1) })
  const second = afterUpdate(first, change('b', 'c'), { writer: updater('two'), time: at(2) })
  t.strictSame(brief(second), [
    ['one', 'v1', at(1), 'f:a'],
    ['two', 'v1', at(2), 'f:b,f:c'],
  ])
  t.equal(second[0]!.time, at(1), 'who loses a field has not written')
  const third = afterUpdate(second, change('a'), { writer: updater('two'), time: at(3) })
  t.strictSame(brief(third), [['two', 'v1', at(3), 'f:a,f:b,f:c']], 'and whoever has no field left is gone')
  const removed = { changed: undefined, removed: { 'f:b': {} } }
  t.strictSame(brief(afterUpdate(third, removed, { writer: updater('one'), time: at(4) })), [
    ['two', 'v1', at(3), 'f:a,f:c'],
  ])
  t.equal(
    afterUpdate(third, { changed: undefined, removed: undefined }, { writer: updater('two'), time: at(5) }),
    third,
  )
})

t.test('only ten updaters are told apart', async (t) => {
  const entries = Array.from({ length: 12 }, (_, index) => index).reduce<Entries>(
    (all, index) =>
      afterUpdate(all, change(`f${index}`), {
        writer: updater(`m${String(index).padStart(2, '0')}`, index === 1 ? 'v0' : 'v1'),
        time: at(index),
      }),
    [],
  )
  t.strictSame(brief(entries).slice(0, 3), [
    ['m01', 'v0', at(1), 'f:f1'],
    ['ancient-changes', 'v1', at(3), 'f:f0,f:f2,f:f3'],
    ['m04', 'v1', at(4), 'f:f4'],
  ])
  t.equal(entries.length, 10)
})

t.test('what a client sends', async (t) => {
  const entry = {
    manager: 'm',
    operation: 'Update' as const,
    apiVersion: 'v1',
    time: at(1),
    fieldsType: 'FieldsV1',
    fieldsV1: { 'f:a': {} },
  }
  const stored = [entry]
  t.equal(startingEntries(undefined, stored), stored, 'nothing: what is stored')
  t.equal(startingEntries([], stored), stored, 'an empty list: what is stored')
  t.strictSame(startingEntries([{}], stored), [], 'one empty entry: cleared')
  t.equal(startingEntries([{ ...entry, time: at(9) }], stored), stored, 'the same again')
  t.equal(startingEntries([{ ...entry, fieldsV1: { a: {} } }], stored), stored, 'what cannot be read: what is stored')
  t.equal(startingEntries([{ ...entry, fieldsType: 'FieldsV9' }], stored), stored, 'another format: what is stored')
  const other = { ...entry, manager: 'n' }
  t.strictSame(startingEntries([other], stored), [other])
})

t.test('tracking', async (t) => {
  const options = { kind, part: 'withoutStatus' as const, manager: 'm', time: at(1) }
  const made = thing({ size: 1 }, { status: { size: 3 } })
  const entries = trackCreate(made, options)
  t.strictSame(entries, [
    {
      manager: 'm',
      operation: 'Update',
      apiVersion: 'test/v1',
      time: at(1),
      fieldsType: 'FieldsV1',
      fieldsV1: { 'f:spec': { 'f:size': {} } },
    },
  ])
  const old = thing({ size: 1 }, { metadata: { managedFields: entries } })
  t.equal(trackUpdate(made, old, options), entries, 'no change: the very same entries')
  const patch = { ...options, part: 'status' as const, manager: 'k', subresource: 'status', time: at(2) }
  t.match(trackUpdate(made, old, patch), [
    { manager: 'm' },
    { manager: 'k', subresource: 'status', fieldsV1: { 'f:status': { 'f:size': {} } } },
  ])
  const cleared = thing({ size: 2 }, { metadata: { managedFields: [{}] } })
  t.strictSame(trackUpdate(cleared, old, options), [], 'cleared, and no longer tracked')
  t.strictSame(trackUpdate(thing({ size: 3 }), thing({ size: 2 }), options), [])
})
