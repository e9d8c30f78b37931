import type { ControlStatus } from './control.ts'
import { ask, DATA_DIR_FLAG } from './launcher.ts'
import { shownPath } from './layout.ts'
import type { Command } from './main.ts'

/** Rows as kubectl prints them: columns as wide as their widest cell, three spaces between. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('   ')
        .trimEnd(),
    )
    .join('\n')
}

function format({ server, kubeconfig, components }: ControlStatus): string {
  const rows = components.map(({ name, state, disturbance, pid, restarts, log }) => [
    name,
    disturbance === undefined ? state : `${state}, ${disturbance}`,
    pid === undefined ? '<none>' : String(pid),
    String(restarts),
    shownPath(log),
  ])
  const table = formatTable([['COMPONENT', 'STATE', 'PID', 'RESTARTS', 'LOG'], ...rows])
  return `${table}\n\n${server}${kubeconfig === undefined ? '' : ` (KUBECONFIG=${kubeconfig})`}`
}

export const status: Command = {
  usage: 'status',
  description: 'Show the processes of a running cluster.',
  wordsMax: 0,
  flags: {
    ...DATA_DIR_FLAG,
    output: { type: 'string', choices: ['table', 'json'], default: 'table', description: 'Form of the answer.' },
  },
  async run(flags: { 'data-dir': string; output: string }) {
    const { status } = await ask(flags['data-dir'], { do: 'status' })
    console.log(flags.output === 'json' ? JSON.stringify(status, null, 2) : format(status!))
    return 0
  },
}
