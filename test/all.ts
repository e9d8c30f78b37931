/**
 * `npm test`: every test file in a process of its own, several at once. `tap run` does the same with the files that it is
 * given, but loads what measures coverage into each of them, which took a fifth of all their processor time.
 */
import { globSync } from 'node:fs'
import t from 'tap'
import { plain } from './support/plain.ts'

const AT_ONCE = 5
const FILE_TIMEOUT_MS = 240_000

/** Those that begin first: one that takes long and began last would run alone. */
const isLong = (file: string) => /^test\/(cluster|contract)\//.test(file)

const files = globSync('test/**/*.test.ts').toSorted()
t.jobs = AT_ONCE
for (const file of [...files.filter(isLong), ...files.filter((file) => !isLong(file))]) {
  const [command, args] = plain(process.execPath, [file])
  t.spawn(command, args, { buffered: true, timeout: FILE_TIMEOUT_MS }, file)
}
