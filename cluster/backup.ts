/** `kubeproc backup` and `kubeproc restore`: the cluster's objects as one file, and back. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, existsSync } from 'node:fs'
import { open, rename, rm, stat } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { dirname, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { readKubeconfig } from '../shared/client/kubeconfig.ts'
import { UsageError } from '../shared/flags.ts'
import { ClusterError } from './cluster-error.ts'
import { askLauncher } from './control.ts'
import { ask, DATA_DIR_FLAG } from './launcher.ts'
import { layoutOf } from './layout.ts'
import type { Command } from './main.ts'

const RESTORE = fileURLToPath(new URL('../apiserver/restore.ts', import.meta.url))

async function syncPath(path: string): Promise<void> {
  const file = await open(path, 'r')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}

function fileOf([file]: readonly string[], command: string): string {
  if (file === undefined) throw new UsageError(`usage: kubeproc ${command} FILE`)
  return resolve(file)
}

/** The answer to a GET of the administrator's. */
async function get(kubeconfig: string, path: string): Promise<IncomingMessage> {
  const { server, ca, clientCertificate: cert, clientKey: key } = readKubeconfig(kubeconfig)
  const sent = request(new URL(path, server), { ca, cert, key })
  sent.end()
  const [answer] = (await once(sent, 'response').catch((error: Error) => {
    throw new ClusterError(`the API server at ${server} cannot be reached: ${error.message}`)
  })) as [IncomingMessage]
  if (answer.statusCode !== 200) throw new ClusterError(`the API server has answered ${answer.statusCode}`)
  return answer
}

/** Writes what comes into a private file, which is there under its name when it is whole and on disk. */
async function save(answer: IncomingMessage, file: string): Promise<void> {
  const part = `${file}.part`
  await rm(part, { force: true })
  try {
    await pipeline(answer, createWriteStream(part, { flags: 'wx', mode: 0o600 }))
    await syncPath(part)
    await rename(part, file)
    await syncPath(dirname(file))
  } catch (error) {
    await rm(part, { force: true })
    throw new ClusterError(`no backup was made: ${error instanceof Error ? error.message : String(error)}`)
  }
}

export const backup: Command = {
  usage: 'backup FILE',
  description: "Copy a running cluster's objects, secrets included, into a file of your own (0600).",
  flags: { ...DATA_DIR_FLAG, force: { type: 'boolean', description: 'Replace the file if it is there.' } },
  wordsMax: 1,
  async run(flags: { 'data-dir': string; force?: boolean }, words: string[]) {
    const file = fileOf(words, 'backup')
    if (existsSync(file) && flags.force !== true)
      throw new ClusterError(`${words[0]} is there already: choose another name, or give --force`)
    const { status } = await ask(flags['data-dir'], { do: 'status' })
    const { kubeconfig, server } = status!
    if (kubeconfig === undefined) throw new ClusterError(`${server} has its objects on another machine: ask there`)
    await save(await get(kubeconfig, '/backup'), file)
    const { size } = await stat(file)
    console.log(`${words[0]} holds the cluster's objects (${(size / 2 ** 20).toFixed(1)} MiB)`)
    return 0
  },
}

export const restore: Command = {
  usage: 'restore FILE',
  description: 'Put a backup in place of the objects of a cluster that does not run.',
  flags: {
    ...DATA_DIR_FLAG,
    force: { type: 'boolean', description: 'Replace the objects that are there; they are kept beside the new ones.' },
  },
  wordsMax: 1,
  async run(flags: { 'data-dir': string; force?: boolean }, words: string[]) {
    const file = fileOf(words, 'restore')
    const layout = layoutOf(flags['data-dir'])
    if ((await askLauncher(layout.controlSocket, { do: 'status' })) !== undefined)
      throw new ClusterError(`a cluster is running in ${layout.root}: stop it first with "kubeproc down"`)
    // The store is the API server's alone, so its own program does the work and says what came of it.
    const args = [RESTORE, file, `--data-dir=${layout.apiserver}`, ...(flags.force === true ? ['--force'] : [])]
    const [code] = await once(spawn(process.execPath, args, { stdio: 'inherit' }), 'exit')
    return Number(code ?? 1)
  },
}
