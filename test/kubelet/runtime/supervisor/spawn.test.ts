import { readdirSync, readlinkSync } from 'node:fs'
import t from 'tap'
import { loadSpawn } from '../../../../kubelet/runtime/supervisor/spawn.ts'
import { until } from '../../../support/until.ts'

const FILES = '/proc/self/fd'
/** Longer than a single word that the system lets a program begin with. */
const TOO_LONG = 256 * 1024

/** Terminals that this process holds open. A file that is closed meanwhile is none. */
const openTerminals = () =>
  readdirSync(FILES).filter((file) => {
    try {
      return /^\/dev\/(ptmx|pts)/.test(readlinkSync(`${FILES}/${file}`))
    } catch {
      return false
    }
  }).length

const skip = process.platform !== 'linux' && 'open files are counted in /proc'

t.test('a terminal in which no program has come to run is closed', { skip }, async (t) => {
  const spawn = await loadSpawn()
  const before = openTerminals()
  const program = { argv: ['true', 'x'.repeat(TOO_LONG)], env: { PATH: process.env.PATH! }, workingDirectory: '/' }
  await t.rejects(spawn(program, { tty: true }), { name: 'StartError' })
  await until(() => openTerminals() === before, { describe: () => `${openTerminals()} instead of ${before}` })
  t.pass('both of its ends')
})
