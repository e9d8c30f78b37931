/** The Docker engine of this machine, and whichever of the two composes it has. */
import { type CommandResult, run } from '../support/cluster.ts'

/** What the image is built from (see `Dockerfile`). */
export const BASE_IMAGE = 'node:26-bookworm-slim'
/** Set to `1`: the tests run. They take minutes, so that `npm test` passes them by. */
export const ASKED_BY = 'KUBEPROC_TEST_COMPOSE'

const PULL_TIMEOUT_MS = 180_000

/** Runs a program to its end and returns what it printed. Throws where it fails. */
export async function mustRun(
  file: string,
  args: readonly string[],
  options: Parameters<typeof run>[2] = {},
): Promise<string> {
  const { code, stdout, stderr } = await run(file, args, options)
  if (code !== 0) throw new Error(`${[file, ...args].join(' ')}: exit code ${code}\n${stdout}${stderr}`)
  return stdout.trim()
}

export const docker = (...args: string[]) => mustRun('docker', args)

/** As `run`, but a program that is not installed is one that failed. */
const attempt = (file: string, args: readonly string[], timeoutMs?: number): Promise<CommandResult | undefined> =>
  run(file, args, timeoutMs === undefined ? {} : { timeoutMs }).catch(() => undefined)

/** `docker compose` where the plugin is there, else `docker-compose`; undefined where there is neither. */
async function findCompose(): Promise<string[] | undefined> {
  for (const words of [['docker', 'compose'], ['docker-compose']] as const) {
    const [file, ...args] = words
    if ((await attempt(file, [...args, 'version']))?.code === 0) return [...words]
  }
  return undefined
}

async function hasBaseImage(): Promise<boolean> {
  if ((await attempt('docker', ['image', 'inspect', BASE_IMAGE]))?.code === 0) return true
  return (await attempt('docker', ['pull', '--quiet', BASE_IMAGE], PULL_TIMEOUT_MS))?.code === 0
}

/** The words that compose is called by, or why it cannot be. */
export async function findEngine(): Promise<{ compose: string[] } | { missing: string }> {
  if (process.env[ASKED_BY] !== '1') return { missing: 'run by `npm run test:compose`' }
  if ((await attempt('docker', ['info', '--format', '{{.ServerVersion}}']))?.code !== 0)
    return { missing: 'no Docker engine answers' }
  const compose = await findCompose()
  if (compose === undefined) return { missing: 'neither the Compose plugin nor docker-compose is installed' }
  if (!(await hasBaseImage())) return { missing: `there is no base image ${BASE_IMAGE}, and it cannot be pulled` }
  return { compose }
}
