/** The cluster of `docker-compose.yml`, under a project, an image and a port of its own, so that others are left alone. */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Client } from '../../shared/client/client.ts'
import { createClient } from '../../shared/client/http-client.ts'
import { nodes } from '../../shared/client/resources.ts'
import { nodeReady } from '../cluster/replicated-app.ts'
import { type CommandResult, eventually, findKubectl, run } from '../support/cluster.ts'
import { docker, mustRun } from './engine.ts'

/** The repository: where the compose file and everything that it builds from are. */
export const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url))
export const COMPOSE_FILE = join(REPOSITORY, 'docker-compose.yml')

/** What compose takes to build the image or to bring a cluster up, on a machine that does other things as well. */
const COMPOSE_TIMEOUT_MS = 400_000
/** Nodes that are lost are found out, and their pods replaced, within half of this. */
export const DEADLINE_MS = 60_000

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}

export class ComposeCluster {
  readonly project = `kubeproc-test-${randomBytes(4).toString('hex')}`
  readonly image = `${this.project}:local`
  readonly server: string
  /** Where the administrator's files are. */
  readonly adminDirectory: string
  readonly #compose: readonly string[]
  readonly #port: number
  #file = COMPOSE_FILE
  #client: Client | undefined

  private constructor(compose: readonly string[], adminDirectory: string, port: number) {
    this.#compose = compose
    this.#port = port
    this.adminDirectory = adminDirectory
    this.server = `https://127.0.0.1:${port}`
  }

  /** Nothing runs yet. */
  static async define(compose: readonly string[], adminDirectory: string): Promise<ComposeCluster> {
    return new ComposeCluster(compose, adminDirectory, await freePort())
  }

  /** Runs compose on this project. */
  compose(...args: string[]): Promise<string> {
    const [file, ...words] = this.#compose
    const project = ['--project-name', this.project, '--project-directory', REPOSITORY, '--file', this.#file]
    return mustRun(file!, [...words, ...project, ...args], {
      cwd: REPOSITORY,
      timeoutMs: COMPOSE_TIMEOUT_MS,
      env: { KUBEPROC_PORT: String(this.#port), KUBEPROC_IMAGE: this.image, KUBEPROC_ADMIN_DIR: this.adminDirectory },
    })
  }

  /** From now on compose reads this file. */
  useFile(path: string): void {
    this.#file = path
  }

  /** The stage that the packages are installed in has no name but this one, by which it is removed. */
  get #stage(): string {
    return `${this.project}:dependencies`
  }

  async build(): Promise<void> {
    await mustRun('docker', ['build', '--quiet', '--target=dependencies', `--tag=${this.#stage}`, REPOSITORY], {
      timeoutMs: COMPOSE_TIMEOUT_MS,
    })
    await this.compose('build')
  }

  /** Starts what does not run, and waits until so many nodes are Ready. */
  async up(nodeCount = 3): Promise<void> {
    await this.compose('up', '-d')
    await this.waitForNodes(nodeCount)
  }

  /** Removes the cluster and all that it has kept. */
  async down(): Promise<void> {
    await this.#client?.close()
    this.#client = undefined
    await this.compose('down', '--volumes', '--remove-orphans')
  }

  /** Removes the image as well. */
  async remove(): Promise<void> {
    await this.down()
    for (const image of [this.image, this.#stage]) await run('docker', ['image', 'rm', image])
  }

  /** Everything of a kind that this project has, e.g. `volume`, by id. */
  async list(kind: 'container' | 'volume' | 'network', ...filters: string[]): Promise<string[]> {
    const labels = [`com.docker.compose.project=${this.project}`, ...filters].map((label) => `--filter=label=${label}`)
    const all = kind === 'container' ? ['--all', '--no-trunc'] : []
    return (await docker(kind, 'ls', '--quiet', ...all, ...labels)).split('\n').filter((id) => id !== '')
  }

  /** The container of a service, running or not. */
  async container(service: string): Promise<string> {
    const [id] = await this.list('container', `com.docker.compose.service=${service}`)
    if (id === undefined) throw new Error(`${service} has no container`)
    return id
  }

  async network(): Promise<string> {
    return (await this.list('network'))[0]!
  }

  /** Runs a program in the container of a service. */
  async exec(service: string, ...command: string[]): Promise<string> {
    return docker('exec', await this.container(service), ...command)
  }

  /** The command lines of all processes of a service, as the machine sees them. */
  async processes(service: string): Promise<string[]> {
    return (await docker('top', await this.container(service), '-eo', 'pid,args')).split('\n').slice(1)
  }

  get kubeconfig(): string {
    return join(this.adminDirectory, 'kubeconfig')
  }

  get client(): Client {
    this.#client ??= createClient({ kubeconfig: this.kubeconfig, userAgent: 'compose-test' })
    return this.#client
  }

  /** Runs kubectl as the administrator. */
  async kubectl(...args: string[]): Promise<CommandResult> {
    return run((await findKubectl())!, args, { env: { KUBECONFIG: this.kubeconfig } })
  }

  /** Waits for a state of the cluster, however long compose and a loaded machine take; an API server that is away is waited for. */
  waitFor<Value>(what: string, check: () => Promise<Value | undefined | false>): Promise<Value> {
    let trouble: unknown
    const attempt = () =>
      check().catch((error: unknown) => {
        trouble = error
        return undefined
      })
    return eventually(attempt, {
      deadlineMs: DEADLINE_MS,
      everyMs: 100,
      describe: async () => `${what} (${trouble})\n${await this.compose('logs', '--no-color', '--tail=3')}`,
    })
  }

  waitForNodes(count: number): Promise<true> {
    return this.waitFor(`${count} nodes Ready`, async () => {
      const { items } = await this.client.list(nodes)
      const states = await Promise.all(items.map(({ metadata }) => nodeReady(this.client, metadata.name)))
      return items.length === count && states.every((state) => state === 'True')
    })
  }

  waitForNode(name: string, isReady: boolean): Promise<true> {
    return this.waitFor(
      `${name} ${isReady ? 'Ready' : 'NotReady'}`,
      async () => ((await nodeReady(this.client, name)) === 'True') === isReady,
    )
  }
}
