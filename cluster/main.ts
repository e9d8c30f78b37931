/** The `kubeproc` command: the commands are one table. */
import { readFile } from 'node:fs/promises'
import { isApiError } from '../shared/errors.ts'
import { type Flags, helpPage, parseFlags, UsageError } from '../shared/flags.ts'
import { ClusterError } from './cluster-error.ts'

export interface Command {
  /** What follows `kubeproc` on the command line. */
  usage: string
  /** One sentence for the list of commands. */
  description: string
  /** What it can do, each with its own words; where absent it has one form, its `usage`. */
  forms?: readonly { usage: string; description: string }[]
  flags: Flags
  /** How many words it takes that are no flags. */
  wordsMax: number
  /** Runs the command; returns the exit code. */
  run(flags: never, words: string[]): Promise<number>
}

/** A command's module is loaded when it is asked for: `status` does not pay for `up`. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  up: async () => (await import('./up.ts')).up,
  down: async () => (await import('./down.ts')).down,
  status: async () => (await import('./status.ts')).status,
  node: async () => (await import('./node.ts')).node,
  pod: async () => (await import('./pod.ts')).pod,
  kill: async () => (await import('./control-plane.ts')).kill,
  start: async () => (await import('./control-plane.ts')).start,
  freeze: async () => (await import('./control-plane.ts')).freeze,
  thaw: async () => (await import('./control-plane.ts')).thaw,
  why: async () => (await import('./why.ts')).why,
  logs: async () => (await import('./logs.ts')).logs,
  credentials: async () => (await import('./host-credentials.ts')).credentials,
  image: async () => (await import('./image/image.ts')).image,
  backup: async () => (await import('./backup.ts')).backup,
  restore: async () => (await import('./backup.ts')).restore,
}

function formRows(forms: readonly { usage: string; description: string }[]): string[] {
  const width = Math.max(...forms.map(({ usage }) => usage.length))
  return forms.map(({ usage, description }) => `  ${usage.padEnd(width)}  ${description}`)
}

function commandPage({ usage, description, forms = [], flags }: Command): string {
  const rows = forms.length > 1 ? ['', ...formRows(forms)] : []
  return helpPage([`kubeproc ${usage}`, '', description, ...rows].join('\n'), flags)
}

async function overview(): Promise<string> {
  const commands = await Promise.all(Object.values(COMMANDS).map((load) => load()))
  return [
    'kubeproc: Kubernetes for plain processes',
    '',
    ...formRows(commands.flatMap((command) => command.forms ?? [command])),
    '',
    'kubeproc COMMAND --help lists the flags of a command.',
  ].join('\n')
}

async function version(): Promise<string> {
  const manifest = await readFile(new URL('../package.json', import.meta.url), 'utf8')
  return (JSON.parse(manifest) as { version: string }).version
}

async function runCommand(name: string, argv: string[]): Promise<number> {
  if (!Object.hasOwn(COMMANDS, name)) {
    throw new UsageError(`unknown command ${name}: kubeproc has ${Object.keys(COMMANDS).join(', ')}`)
  }
  const command = await COMMANDS[name]!()
  if (argv.includes('--help') || argv.includes('-h')) {
    console.log(commandPage(command))
    return 0
  }
  const { flags, words } = parseFlags(command.flags, argv)
  const surplus = words[command.wordsMax]
  if (surplus !== undefined) {
    throw new UsageError(
      `unexpected argument ${surplus}: see --help (with npm, flags follow "--": npm start -- --port 7443)`,
    )
  }
  return command.run(flags as never, words)
}

/** Runs one command line and returns the exit code: 2 for a wrong command line, 1 for a failure that has been told. */
export async function main(argv: readonly string[]): Promise<number> {
  const [name = 'help', ...rest] = argv
  try {
    if (['help', '--help', '-h'].includes(name)) {
      console.log(await overview())
      return 0
    }
    if (['version', '--version'].includes(name)) {
      console.log(`kubeproc ${await version()}`)
      return 0
    }
    return await runCommand(name, rest)
  } catch (error) {
    if (error instanceof UsageError) {
      console.error(`kubeproc: ${error.message}`)
      return 2
    }
    if (error instanceof ClusterError || isApiError(error)) {
      console.error(`kubeproc: ${error.message}`)
      return 1
    }
    throw error
  }
}
