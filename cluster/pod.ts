import type { Disturbance } from '../kubelet/runtime/supervisor/ask.ts'
import { UsageError } from '../shared/flags.ts'
import { ask, DATA_DIR_FLAG } from './launcher.ts'
import type { Command } from './main.ts'

/** Each verb with what it is for and what is told when it is done. */
const VERBS: Readonly<Record<Disturbance, { description: string; done: string }>> = {
  kill: { description: "Kill all processes of a pod's containers.", done: 'killed: all its processes' },
  oom: {
    description: 'Kill them as the kernel does when memory runs out.',
    done: 'killed for want of memory: all its processes',
  },
  hang: { description: 'Let them stand still.', done: 'hangs: all its processes stand still' },
  thaw: { description: 'Let them go on.', done: 'thawed' },
}

const isVerb = (word: string): word is Disturbance => Object.hasOwn(VERBS, word)

export const pod: Command = {
  usage: 'pod VERB NAME [-n NAMESPACE]',
  description: 'Break pods.',
  forms: Object.entries(VERBS).map(([verb, { description }]) => ({ usage: `pod ${verb} NAME`, description })),
  wordsMax: 2,
  flags: {
    ...DATA_DIR_FLAG,
    namespace: { type: 'string', short: 'n', default: 'default', description: 'Namespace of the pod.' },
  },
  async run(flags: { 'data-dir': string; namespace: string }, [verb = '', name]) {
    if (!isVerb(verb) || name === undefined) {
      throw new UsageError(`usage: kubeproc pod ${Object.keys(VERBS).join('|')} NAME [-n NAMESPACE]`)
    }
    await ask(flags['data-dir'], { do: 'pod', how: verb, name, namespace: flags.namespace })
    console.log(`pod ${name} ${VERBS[verb].done}`)
    return 0
  },
}
