import t from 'tap'
import { isApiError } from '../../shared/errors.ts'
import {
  formatFieldSelector,
  matchesFieldSelector,
  parseFieldSelector,
  requiredFieldValue,
} from '../../shared/fields.ts'

t.test('text forms', async (t) => {
  const rows: [text: string, shown: string][] = [
    ['', ''],
    ['metadata.name=x', 'metadata.name=x'],
    ['spec.nodeName==node-1,status.phase!=Running', 'spec.nodeName=node-1,status.phase!=Running'],
    ['spec.nodeName=', 'spec.nodeName='],
    [',a=1,,b=2,', 'a=1,b=2'],
    ['a=x\\,y\\=z\\\\', 'a=x\\,y\\=z\\\\'],
  ]
  for (const [text, shown] of rows) t.equal(formatFieldSelector(parseFieldSelector(text)), shown, JSON.stringify(text))
  t.strictSame(parseFieldSelector('a=x\\,y'), [{ field: 'a', operator: '=', value: 'x,y' }])
})

t.test('errors are bad requests in upstream words', async (t) => {
  const rows: [text: string, message: string][] = [
    ['nonsense', "invalid selector: 'nonsense'; can't understand 'nonsense'"],
    ['a=1,b', "invalid selector: 'a=1,b'; can't understand 'b'"],
    ['a=b=c', 'invalid field selector: unescaped character in value: 61'],
    ['a=b\\c', 'invalid field selector: invalid escape sequence: \\c'],
    ['a=b\\', 'invalid field selector: invalid escape sequence: \\'],
  ]
  for (const [text, message] of rows) {
    try {
      parseFieldSelector(text)
      t.fail(`${text} is accepted`)
    } catch (error) {
      t.ok(isApiError(error, 'BadRequest'), text)
      t.equal((error as Error).message, message, text)
    }
  }
})

t.test('matching', async (t) => {
  const fields: Readonly<Record<string, string>> = { 'spec.nodeName': 'node-1', 'status.phase': 'Running' }
  const read = (field: string) => fields[field] ?? ''
  t.equal(matchesFieldSelector(parseFieldSelector('spec.nodeName=node-1,status.phase!=Failed'), read), true)
  t.equal(matchesFieldSelector(parseFieldSelector('spec.nodeName=node-1,status.phase!=Running'), read), false)
  t.equal(matchesFieldSelector(parseFieldSelector('metadata.name='), read), true, 'an unset field is empty')
  t.equal(requiredFieldValue(parseFieldSelector('a!=1,spec.nodeName=node-1'), 'spec.nodeName'), 'node-1')
  t.equal(requiredFieldValue(parseFieldSelector('a!=1'), 'a'), undefined)
})
