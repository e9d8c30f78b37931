import { RUNTIMES } from '../kubelet/runtime/runtime-names.ts'
import { parseDuration, UsageError } from '../shared/flags.ts'
import { LOG_LEVELS } from '../shared/log.ts'
import type { ControlRequest, NodeVerb } from './control.ts'
import type { JoinFlags } from './join/join.ts'
import { ask, DATA_DIR_FLAG } from './launcher.ts'
import type { Command } from './main.ts'
import { TIMINGS } from './timing.ts'

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

const JOIN_COMMAND = {
  usage: 'node join-command',
  description: 'Print the command that makes another machine a node of this cluster; it is good for a day.',
}

const JOIN = {
  usage: 'node join URL',
  description: 'Make this machine a node of the cluster of another one, or go on as the node that it was.',
}

const isVerb = (word: string): word is NodeVerb => Object.hasOwn(VERBS, word)

const usageError = () =>
  new UsageError(
    `usage: kubeproc node ${Object.keys(VERBS).join('|')} NAME, or kubeproc ${[SLOW, JOIN_COMMAND, JOIN].map(({ usage }) => usage).join(', kubeproc ')}`,
  )

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

/** The command goes to standard output alone, so that it can be handed on; what else is to be known goes beside it. */
async function printJoinCommand(dataDir: string): Promise<number> {
  const { invitation } = await ask(dataDir, { do: 'invite' })
  const { command, otherAddresses } = invitation!
  console.log(command)
  if (otherAddresses.length > 0)
    console.error(`(if it is not reached there: this machine has ${otherAddresses.join(', ')} as well)`)
  return 0
}

export const node: Command = {
  usage: 'node VERB NAME',
  description: 'Add, remove or break nodes; join nodes of other machines.',
  forms: [
    ...Object.entries(VERBS).map(([verb, { description }]) => ({ usage: `node ${verb} NAME`, description })),
    SLOW,
    JOIN_COMMAND,
    JOIN,
  ],
  flags: {
    ...DATA_DIR_FLAG,
    token: { type: 'string', description: 'join: what lets this machine in. Needed the first time.' },
    'ca-cert-hash': {
      type: 'string',
      description: 'join: sha256: and the hash of the public key of the cluster’s authority. Needed with --token.',
    },
    name: { type: 'string', description: 'join: name of the node. Default: the host name of this machine.' },
    runtime: {
      type: 'string',
      choices: RUNTIMES,
      description: 'join: what pods run as; as in the rest of the cluster. Default: auto.',
    },
    timing: {
      type: 'string',
      choices: TIMINGS,
      description: 'join: how often the node shows that it lives; as in the rest of the cluster. Default: local.',
    },
    'node-ip': {
      type: 'string',
      description:
        'join: address by which the API server reaches this machine. Default: the one by which this machine reaches it.',
    },
    port: {
      type: 'number',
      max: 65535,
      description: 'join: port there, for logs and exec; 0 = any free one. Default: 10250.',
    },
    'log-level': {
      type: 'string',
      choices: LOG_LEVELS,
      default: 'info',
      description: 'join: how much the kubelet logs to DIR/log.',
    },
  },
  wordsMax: 3,
  async run(flags: JoinFlags, words) {
    const [verb, name, surplus] = words
    if (verb === 'join' && surplus === undefined) return (await import('./join/join.ts')).join(flags, name)
    if (verb === 'join-command' && name === undefined) return printJoinCommand(flags['data-dir'])
    const { request, done } = parse(words)
    await ask(flags['data-dir'], request)
    console.log(`node ${name} ${done}`)
    return 0
  },
}
