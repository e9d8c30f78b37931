/** API server processes of the real program, each on a directory that it can be started on again. */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { createAuthority } from '../../shared/certificates/authority.ts'

const SOURCES = fileURLToPath(new URL('../..', import.meta.url))

/** Where a server's data and credentials are, and how clients are let in. */
export interface ApiServerHome {
  directory: string
  dataDir: string
  /** PEM of the authority that signed the server's certificate. */
  ca: string
  /** Bearer token of an administrator. */
  token: string
  /** What the program needs to be told in every case. */
  flags: readonly string[]
}

/** Makes certificates and a token in an existing directory. */
export async function createApiServerHome(directory: string): Promise<ApiServerHome> {
  const path = (name: string) => join(directory, name)
  const authority = await createAuthority('test')
  const serving = await authority.issue({ commonName: 'kube-apiserver', usages: ['server'], hosts: ['127.0.0.1'] })
  const token = randomBytes(16).toString('hex')
  await writeFile(path('crt'), serving.certificate)
  await writeFile(path('key'), serving.key, { mode: 0o600 })
  await writeFile(path('tokens'), `${token},admin,admin,"system:masters"\n`, { mode: 0o600 })
  return {
    directory,
    dataDir: path('data'),
    ca: authority.certificate,
    token,
    flags: [
      `--data-dir=${path('data')}`,
      `--tls-cert-file=${path('crt')}`,
      `--tls-private-key-file=${path('key')}`,
      `--token-auth-file=${path('tokens')}`,
    ],
  }
}

export interface ApiProcessOptions {
  flags?: readonly string[]
  /** A program and its arguments that run the server: `['strace', '-f']`. */
  through?: readonly string[]
  /** What is given to the server's error output is kept in `output` and shown too, unless this says no. */
  isQuiet?: boolean
}

export class ApiProcess {
  readonly child: ChildProcess
  readonly url: string
  /** What it wrote to its error output. */
  readonly output: () => string
  /** Resolves when it has ended. */
  readonly exited: Promise<unknown>

  private constructor(parts: { child: ChildProcess; url: string; output: () => string; exited: Promise<unknown> }) {
    this.child = parts.child
    this.url = parts.url
    this.output = parts.output
    this.exited = parts.exited
  }

  /**
   * Starts a server; resolves when it serves. Throws with what it wrote where it ends before. `onSpawn` gets the child at
   * once, to kill it on its way.
   */
  static async start(
    { flags: homeFlags }: Pick<ApiServerHome, 'flags'>,
    { flags = [], through = [], isQuiet = false }: ApiProcessOptions = {},
    onSpawn: (child: ChildProcess) => void = () => undefined,
  ): Promise<ApiProcess> {
    const main = [process.execPath, `${SOURCES}apiserver/main.ts`]
    const words = [...main, ...homeFlags, '--secure-port=0', '--log-level=error', '--lifeline', ...flags]
    const [file, ...args] = [...through, ...words] as [string, ...string[]]
    const env = { ...process.env, NODE_COMPILE_CACHE: `${SOURCES}node_modules/.cache/kubeproc` }
    const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'pipe'], env })
    onSpawn(child)
    let errors = ''
    child.stderr!.on('data', (chunk: Buffer) => {
      errors += chunk
      if (!isQuiet) process.stderr.write(chunk)
    })
    // It may be killed while something is written to it.
    child.stdin!.on('error', () => undefined)
    const exited = once(child, 'close')
    const line = await Promise.race([
      once(createInterface({ input: child.stdout! }), 'line').then(([first]) => String(first)),
      exited.then(() => undefined),
    ])
    if (line === undefined) throw new Error(`the API server ended before it was ready: ${errors}`)
    return new ApiProcess({ child, url: line.slice(line.indexOf('https://')), output: () => errors, exited })
  }

  /** Ends it with a signal, and resolves when it has ended. */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    this.child.kill(signal)
    await this.exited
  }
}
