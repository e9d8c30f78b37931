import { ask, DATA_DIR_FLAG } from './launcher.ts'
import { shownPath } from './layout.ts'
import type { Command } from './main.ts'

export const down: Command = {
  usage: 'down',
  description:
    'Stop a running cluster, or a node that has joined one, pods included. Objects stay: the next "up" goes on with them.',
  flags: DATA_DIR_FLAG,
  wordsMax: 0,
  async run(flags: { 'data-dir': string }) {
    await ask(flags['data-dir'], { do: 'down' })
    console.log(`what ran in ${shownPath(flags['data-dir'])} has stopped`)
    return 0
  },
}
