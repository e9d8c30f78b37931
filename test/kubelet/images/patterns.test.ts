import t from 'tap'
import { parseIgnoreFile, patternOf } from '../../../kubelet/images/patterns.ts'

for (const [pattern, matching, other] of [
  ['*.js', ['a.js', '.x.js'], ['a.jsx', 'd/a.js', 'ajs']],
  ['a?c', ['abc'], ['ac', 'a/c']],
  ['[a-c].txt', ['b.txt'], ['d.txt', 'bb.txt']],
  ['d/*', ['d/a', 'd/.b'], ['d', 'd/a/b']],
  ['**/x', ['x', 'a/x', 'a/b/x'], ['ax', 'x/a']],
  ['a/**', ['a/b', 'a/b/c'], ['b/a']],
  ['./a+b(c)', ['a+b(c)'], ['aab(c)']],
  ['a[b', ['a[b'], ['ab']],
] as const) {
  t.test(`pattern ${pattern}`, async (t) => {
    for (const path of matching) t.ok(patternOf(pattern).test(path), path)
    for (const path of other) t.notOk(patternOf(pattern).test(path), path)
  })
}

t.test('.dockerignore: the last line that matches counts, directories hold for what is below', async (t) => {
  const { isIgnored, hasExceptions } = parseIgnoreFile(
    '# comment\nnode_modules\n*.log\n!keep.log\nsecret/\n!secret/public\n',
  )
  const ignored = ['node_modules', 'node_modules/a/b.js', 'x.log', 'secret/key']
  const kept = ['app.js', 'lib/x.log', 'keep.log', 'secret/public', 'secret/public/a', 'lib/node_modules']
  t.strictSame(
    ignored.map(isIgnored),
    ignored.map(() => true),
  )
  t.strictSame(
    kept.map(isIgnored),
    kept.map(() => false),
  )
  t.equal(hasExceptions, true)
  t.equal(parseIgnoreFile('').hasExceptions, false)
})
