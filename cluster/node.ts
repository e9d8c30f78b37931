import { UsageError } from '../shared/flags.ts'
import { ask, DATA_DIR_FLAG } from './launcher.ts'
import type { Command } from './main.ts'

const DONE = {
  add: 'added and Ready',
  rm: 'removed',
  kill: 'killed: its kubelet and all its processes are gone',
  start: 'started and Ready',
} as const
type Verb = keyof typeof DONE

const isVerb = (word: string | undefined): word is Verb => word !== undefined && Object.hasOwn(DONE, word)

export const node: Command = {
  usage: 'node add|rm|kill|start NAME',
  description: 'Add, remove, lose (as at a power cut) or start a node of a running cluster.',
  flags: DATA_DIR_FLAG,
  wordsMax: 2,
  async run(flags: { 'data-dir': string }, [verb, name]: string[]) {
    if (!isVerb(verb) || name === undefined) throw new UsageError('usage: kubeproc node add|rm|kill|start NAME')
    await ask(flags['data-dir'], { do: `node ${verb}`, name })
    console.log(`node ${name} ${DONE[verb]}`)
    return 0
  },
}
