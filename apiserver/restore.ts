/** A program of its own: puts a backup in place of the database of an API server that does not run. */
import { helpPage, parseFlags, UsageError } from '../shared/flags.ts'
import { restoreSnapshot } from './storage/restore.ts'
import { StorageError } from './storage/storage.ts'

const USAGE = 'kube-apiserver restore FILE: puts the backup in FILE in place of the database.'

const FLAGS = {
  help: { type: 'boolean', description: 'Show this page.' },
  'data-dir': { type: 'string', description: 'Directory of the database; made if it is not there.' },
  force: { type: 'boolean', description: 'Replace a database that is there; it is kept beside the new one.' },
} as const

function main(argv: readonly string[]): void {
  const { flags, words } = parseFlags(FLAGS, argv)
  if (flags.help) {
    process.stdout.write(helpPage(USAGE, FLAGS))
    return
  }
  const [file, ...rest] = words
  const directory = flags['data-dir']
  if (file === undefined || rest.length > 0 || directory === undefined)
    throw new UsageError('a file and --data-dir are needed (see --help)')
  const { revision, replaced } = restoreSnapshot(directory, file, { force: flags.force ?? false })
  const kept = replaced === undefined ? '' : `; what was there is ${replaced}`
  process.stdout.write(`restored, versions go on from ${revision}${kept}\n`)
}

try {
  main(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof UsageError || error instanceof StorageError)) throw error
  process.stderr.write(`kubeproc: ${error.message}\n`)
  process.exit(error instanceof UsageError ? 2 : 1)
}
