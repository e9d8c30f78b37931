import { UsageError } from '../../shared/flags.ts'
import { ClusterError } from '../cluster-error.ts'
import type { Verb } from './image.ts'

/** `NAME=VALUE` pairs. */
function parseArgs(pairs: readonly string[]): Record<string, string> {
  const split = pairs.map((pair) => [pair, pair.indexOf('=')] as const)
  const wrong = split.find(([, at]) => at < 1)
  if (wrong !== undefined) throw new UsageError(`--build-arg: ${JSON.stringify(wrong[0])} is not NAME=VALUE`)
  return Object.fromEntries(split.map(([pair, at]) => [pair.slice(0, at), pair.slice(at + 1)]))
}

export const build: Verb = {
  usage: 'build -t NAME DIR',
  description: 'Make an image from the Dockerfile in DIR.',
  wordsMin: 1,
  wordsMax: 1,
  async run(store, [directory = ''], { tag, 'build-arg': pairs }) {
    if (tag === undefined) throw new UsageError(`--tag is needed: kubeproc image ${build.usage}`)
    const { buildImage, BuildError } = await import('../../kubelet/images/build.ts')
    try {
      const { id, warnings } = await buildImage({ directory, name: tag, store, buildArgs: parseArgs(pairs) })
      for (const warning of warnings) console.error(`warning: ${warning}`)
      console.log(`${tag} is ${id}`)
    } catch (error) {
      if (error instanceof BuildError) throw new ClusterError(error.message)
      throw error
    }
  },
}
