/** `kubeproc image`: the images of this machine's nodes. The verbs are one table. */
import type { ImageStore } from '../../kubelet/images/store.ts'
import { UsageError } from '../../shared/flags.ts'
import { DATA_DIR_FLAG } from '../launcher.ts'
import { layoutOf } from '../layout.ts'
import type { Command } from '../main.ts'
import { build } from './build.ts'
import { inspect } from './inspect.ts'
import { ls } from './ls.ts'
import { rm } from './rm.ts'

export interface ImageFlags {
  'data-dir': string
  tag: string | undefined
  'build-arg': readonly string[]
  force: boolean
  output: 'table' | 'json'
}

export interface Verb {
  /** What follows `kubeproc image` on the command line. */
  usage: string
  /** One sentence. */
  description: string
  wordsMin: number
  wordsMax: number
  /** Throws a ClusterError for what the user can mend. */
  run(store: ImageStore, words: string[], flags: ImageFlags): Promise<void>
}

/** More than anybody types. */
const WORDS_MAX = 100

const VERBS: Readonly<Record<string, Verb>> = { build, ls, rm, inspect }

export const image: Command = {
  usage: 'image build|ls|rm|inspect',
  description: 'Images that the pods of this cluster run from.',
  forms: Object.values(VERBS).map(({ usage, description }) => ({ usage: `image ${usage}`, description })),
  wordsMax: 1 + WORDS_MAX,
  flags: {
    ...DATA_DIR_FLAG,
    tag: {
      type: 'string',
      short: 't',
      description: 'build: name of the image, as in a pod: luksa/kubia, registry.example/app:v2.',
    },
    'build-arg': { type: 'list', description: 'build: value for an ARG of the Dockerfile, as NAME=VALUE.' },
    force: { type: 'boolean', description: 'rm: also an image that a container runs from.' },
    output: {
      type: 'string',
      short: 'o',
      choices: ['table', 'json'],
      default: 'table',
      description: 'ls, inspect: form of the answer.',
    },
  },
  async run(flags: ImageFlags, [name = '', ...words]: string[]) {
    const verb = Object.hasOwn(VERBS, name) ? VERBS[name] : undefined
    const wanted = verb === undefined ? Object.values(VERBS) : [verb]
    if (verb === undefined || words.length < verb.wordsMin || words.length > verb.wordsMax) {
      throw new UsageError(`usage: ${wanted.map(({ usage }) => `kubeproc image ${usage}`).join('\n       ')}`)
    }
    const { openImageStore } = await import('../../kubelet/images/store.ts')
    await verb.run(openImageStore(layoutOf(flags['data-dir']).images), words, flags)
    return 0
  },
}
