import { parseDuration, UsageError } from '../shared/flags.ts'
import type { ControlRequest, NodeVerb } from './control.ts'
import { ask, DATA_DIR_FLAG } from './launcher.ts'
import type { Command } from './main.ts'

/** Each verb with what it is for and what is told when it is done. */
const VERBS: Readonly<Record<NodeVerb, { description: string; done: string }>> = {
  add: { description: 'Add a node.', done: 'added and Ready' },
  rm: { description: 'Stop a node in order and forget it.', done: 'removed' },
  kill: {
    description: 'Lose a node as at a power cut: its kubelet and all its processes die at once.',
    done: 'killed: its kubelet and all its processes are gone',
  },
  start: { description: 'Start a node that is lost.', done: 'started and Ready' },
  freeze: {
    description: 'Let a node stand still, its kubelet and all its processes.',
    done: 'frozen: its kubelet and all its processes stand still',
  },
  thaw: { description: 'Let a frozen node go on.', done: 'thawed' },
  partition: {
    description: 'Cut a node off: its pods run on, but it and the API server do not reach each other.',
    done: 'partitioned: its pods run on, out of reach of the API server',
  },
  heal: { description: 'Join a partitioned node again.', done: 'healed' },
}

const SLOW = {
  usage: 'node slow NAME TIME',
  description: 'Let answers between a node and the API server take longer: 500ms, 2s; 0 ends it.',
}

const isVerb = (word: string): word is NodeVerb => Object.hasOwn(VERBS, word)

const usageError = () =>
  new UsageError(`usage: kubeproc node ${Object.keys(VERBS).join('|')} NAME, or kubeproc ${SLOW.usage}`)

/** The request that the words stand for, and what is told when it has been carried out. */
function parse([verb = '', name, time]: readonly string[]): { request: ControlRequest; done: string } {
  if (name === undefined) throw usageError()
  if (verb === 'slow') {
    const delayMs = parseDuration(time ?? '')
    if (delayMs === undefined) throw new UsageError(`usage: kubeproc ${SLOW.usage} (500ms, 2s, or 0 to end it)`)
    const done = delayMs === 0 ? 'as fast as ever' : `slow: answers take ${time} longer`
    return { request: { do: 'slow node', name, delayMs }, done }
  }
  if (!isVerb(verb) || time !== undefined) throw usageError()
  return { request: { do: 'node', verb, name }, done: VERBS[verb].done }
}

export const node: Command = {
  usage: 'node VERB NAME',
  description: 'Add, remove or break nodes.',
  forms: [
    ...Object.entries(VERBS).map(([verb, { description }]) => ({ usage: `node ${verb} NAME`, description })),
    SLOW,
  ],
  flags: DATA_DIR_FLAG,
  wordsMax: 3,
  async run(flags: { 'data-dir': string }, words) {
    const { request, done } = parse(words)
    await ask(flags['data-dir'], request)
    console.log(`node ${words[1]} ${done}`)
    return 0
  },
}
