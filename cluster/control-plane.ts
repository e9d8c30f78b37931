import { UsageError } from '../shared/flags.ts'
import type { ComponentVerb } from './control.ts'
import { ask, DATA_DIR_FLAG } from './launcher.ts'
import type { Command } from './main.ts'

const COMPONENTS = 'apiserver|controller-manager|scheduler'

const command = (verb: ComponentVerb, description: string, done: string): Command => ({
  usage: `${verb} ${COMPONENTS}`,
  description,
  forms: [{ usage: `${verb} COMPONENT`, description }],
  flags: DATA_DIR_FLAG,
  wordsMax: 1,
  async run(flags: { 'data-dir': string }, [name]) {
    if (name === undefined) throw new UsageError(`usage: kubeproc ${verb} ${COMPONENTS}`)
    await ask(flags['data-dir'], { do: 'component', verb, name })
    console.log(`${name} ${done}`)
    return 0
  },
})

export const kill = command(
  'kill',
  'Kill apiserver, controller-manager or scheduler, which then stays dead.',
  'killed: it stays dead until it is started',
)
export const start = command('start', 'Start one of them that was killed.', 'started and ready')
export const freeze = command('freeze', 'Let one of them stand still.', 'frozen')
export const thaw = command('thaw', 'Let it go on.', 'thawed')
