import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { Component } from '../../cluster/component.ts'
import { whenServed } from '../../cluster/served.ts'
import { eventually } from '../support/cluster.ts'
import { testDirectory } from '../support/directory.ts'

/** A program that is ready once there is a file. */
const SLOW = (file: string) => `
const { existsSync } = require('node:fs')
const timer = setInterval(() => {
  if (!existsSync(${JSON.stringify(file)})) return
  clearInterval(timer)
  console.log('ready')
  process.stdin.resume()
}, 10)
`

t.test('an API server that starts is waited for, which is told once; one that will not come is not', async (t) => {
  const directory = testDirectory(t)
  const file = (name: string) => join(directory, name)
  await writeFile(file('slow.cjs'), SLOW(file('go')))
  const spec = { name: 'apiserver', main: file('slow.cjs'), flags: [], logPath: file('log'), env: {}, restart: true }
  const apiserver = new Component(spec, { onDeath: () => undefined })
  t.teardown(() => apiserver.stop())
  const told: string[] = []
  const served = () => whenServed(apiserver, (what) => told.push(what))

  await t.rejects(served(), { message: 'the API server does not run: start it with "kubeproc start apiserver"' })
  t.same(told, [])
  const started = apiserver.start()
  const waiting = served()
  t.same(told, ['the API server, which is starting'])
  await writeFile(file('go'), '')
  await Promise.all([started, waiting])
  process.kill(apiserver.status.pid!, 'SIGKILL')
  await eventually(async () => apiserver.status.state !== 'running', { everyMs: 5 })
  await served()
  t.equal(apiserver.status.restarts, 1, 'it was waited for until it was there again')
  t.equal(told.length, 2)
  apiserver.freeze()
  await t.rejects(served(), { message: 'the API server is frozen: let it go on with "kubeproc thaw apiserver"' })
  t.equal(told.length, 2)
})
