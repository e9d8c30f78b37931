// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are a Dockerfile's variables.
import t from 'tap'
import { parseDockerfile, parseJsonForm, splitWords } from '../../../kubelet/images/dockerfile.ts'
import { expand } from '../../../kubelet/images/expand.ts'

t.test('lines', async (t) => {
  const source = `# syntax=docker/dockerfile:1
# a comment
from node:26

ENV A=b \\
  # in between

    C=d
  COPY . /app
CMD ["node", "app.js"]`
  t.strictSame(parseDockerfile(source), [
    { line: 3, name: 'FROM', text: 'node:26' },
    { line: 5, name: 'ENV', text: 'A=b     C=d' },
    { line: 9, name: 'COPY', text: '. /app' },
    { line: 10, name: 'CMD', text: '["node", "app.js"]' },
  ])
})

t.test('another escape character, Windows line ends, no end of file', async (t) => {
  t.strictSame(parseDockerfile('# escape=`\r\nENV A=c:\\ `\r\n B=2 `'), [{ line: 2, name: 'ENV', text: 'A=c:\\  B=2' }])
  t.strictSame(parseDockerfile(''), [])
})

t.test('words', async (t) => {
  t.strictSame(splitWords('a=b c="d e" f=\'g h\' i\\ j'), ['a=b', 'c="d e"', "f='g h'", 'i\\ j'])
  t.strictSame(splitWords('  '), [])
})

t.test('exec form', async (t) => {
  t.strictSame(parseJsonForm('["a", "b c"]'), ['a', 'b c'])
  t.equal(parseJsonForm('[ -f x ] && y'), undefined)
  t.equal(parseJsonForm('[1]'), undefined)
  t.equal(parseJsonForm('node app.js'), undefined)
})

for (const [text, wanted] of [
  ['plain', 'plain'],
  ['$A/${A}x', '1/1x'],
  ['$UNSET|${UNSET}|${EMPTY}', '||'],
  ['${UNSET:-fall}|${EMPTY:-fall}|${EMPTY-fall}|${A:-fall}', 'fall|fall||1'],
  ['${UNSET:-$A}', '1'],
  ['${A:+yes}|${UNSET:+yes}|${EMPTY:+yes}|${EMPTY+yes}', 'yes|||yes'],
  ['"$A b"', '1 b'],
  ["'$A b'", '$A b'],
  ['\\$A \\\\', '$A \\'],
  ['"\\$A \\n"', '$A \\n'],
  ['a"b c"\'d\'', 'ab cd'],
  ["it's", "it's"],
  ['$', '$'],
] as const) {
  t.test(`expand ${text}`, async (t) => t.equal(expand(text, { A: '1', EMPTY: '' }), wanted))
}
