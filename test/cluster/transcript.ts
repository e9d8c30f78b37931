/**
 * Replays a transcript of shell commands against a cluster. A transcript is text: `$ command`, then the lines that it
 * must print. In these `*` stands for anything, and runs of spaces are one. The order of lines is free, since names end
 * in random letters and tables are sorted by name. Lines that begin with `#` are remarks.
 *
 * Commands that read (`kubectl get`, `describe`, `logs`, `wait`) are repeated until they print what is wanted: the
 * cluster gets there in its own time. All others run once. `NAME=$(…)` sets a variable for the commands that follow.
 */
import { eventually, run } from '../support/cluster.ts'

export interface Step {
  command: string
  wanted: string[]
}

/** Between two looks: each costs the processor as much as a tenth of a second of everything else. */
const POLL_MS = 400

const READS = /^kubectl (get|describe|logs|wait|rollout status)\b/
const ASSIGNMENT = /^([A-Z_]+)=\$\(/

export function parseTranscript(text: string): Step[] {
  const steps: Step[] = []
  for (const line of text.split('\n')) {
    if (line.startsWith('$ ')) steps.push({ command: line.slice(2), wanted: [] })
    else if (line.trim() !== '' && !line.startsWith('#')) steps.at(-1)!.wanted.push(line)
  }
  return steps
}

const normalize = (line: string) => line.trim().replaceAll(/ +/g, ' ')

const toPattern = (wanted: string) => new RegExp(`^${normalize(wanted).split('*').map(RegExp.escape).join('.*')}$`)

/** The wanted lines that no printed line matches, and the printed lines that no wanted line matches. */
export function compare(wanted: readonly string[], printed: string): { missing: string[]; surplus: string[] } {
  const surplus = printed
    .split('\n')
    .map(normalize)
    .filter((line) => line !== '')
  const missing: string[] = []
  for (const line of wanted) {
    const pattern = toPattern(line)
    const index = surplus.findIndex((candidate) => pattern.test(candidate))
    if (index === -1) missing.push(line)
    else surplus.splice(index, 1)
  }
  return { missing, surplus }
}

export interface ReplayOptions {
  env: Record<string, string>
  cwd: string
  deadlineMs?: number
}

/** Replays the steps one after the other; throws for the first that does not print what is wanted. */
export async function replay(steps: readonly Step[], { env, cwd, deadlineMs = 60_000 }: ReplayOptions): Promise<void> {
  const variables: Record<string, string> = {}
  for (const { command, wanted } of steps) {
    const execute = async () => {
      const { stdout, stderr } = await run('bash', ['-c', command], { env: { ...env, ...variables }, cwd })
      return stdout + stderr
    }
    const assigned = ASSIGNMENT.exec(command)?.[1]
    if (assigned !== undefined) {
      const { stdout } = await run('bash', ['-c', `${command}; echo "$${assigned}"`], {
        env: { ...env, ...variables },
        cwd,
      })
      variables[assigned] = stdout.trim()
      continue
    }
    let last = { printed: '', ...compare(wanted, '') }
    const attempt = async () => {
      const printed = await execute()
      last = { printed, ...compare(wanted, printed) }
      return last.missing.length === 0 && last.surplus.length === 0
    }
    const describe = async () =>
      `\n$ ${command}\n${last.printed}\nmissing:\n${last.missing.join('\n')}\nnot expected:\n${last.surplus.join('\n')}`
    await eventually(attempt, { deadlineMs: READS.test(command) ? deadlineMs : 0, everyMs: POLL_MS, describe })
  }
}
