import { spawn } from 'node:child_process'
import { once } from 'node:events'
import t from 'tap'

const PROGRAM = `
import { onLifelineEnd } from './shared/lifeline.ts'
setInterval(() => {}, 1000)
onLifelineEnd(() => process.exit(7))
console.log('up')
`

t.test('the end of standard input is noticed, its content is not', async (t) => {
  const child = spawn(process.execPath, ['--input-type=module', '-e', PROGRAM], { stdio: ['pipe', 'pipe', 'inherit'] })
  t.teardown(() => child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  child.stdin.write('ignored\n')
  child.stdin.end()
  t.same(await once(child, 'exit'), [7, null])
})
