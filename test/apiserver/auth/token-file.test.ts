import t from 'tap'
import { parseTokenFile } from '../../../apiserver/auth/token-file.ts'

t.test('tokens of a file', async (t) => {
  const find = parseTokenFile('# who may come in\n\nabc,alice,1,"dev,ops"\ndef,"bob ""b""",2\r\nghi,carol,3,dev\n')
  t.strictSame(find('abc'), { user: 'alice', uid: '1', groups: ['dev', 'ops', 'system:authenticated'] })
  t.strictSame(find('def'), { user: 'bob "b"', uid: '2', groups: ['system:authenticated'] })
  t.strictSame(find('ghi'), { user: 'carol', uid: '3', groups: ['dev', 'system:authenticated'] })
  for (const wrong of ['', 'ab', 'abcd', '# who may come in']) t.equal(find(wrong), undefined, JSON.stringify(wrong))
})

t.test('a line that is none is named', async (t) => {
  for (const line of ['abc', 'abc,alice', ',alice,1', 'abc,,1'])
    t.throws(() => parseTokenFile(`ok,ok,1\n${line}\n`), { message: /^line 2 is not of the form/ }, line)
})
