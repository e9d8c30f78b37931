import { UsageError } from '../shared/flags.ts'
import { ClusterError } from './cluster-error.ts'
import { DATA_DIR_FLAG } from './launcher.ts'
import { layoutOf } from './layout.ts'
import type { Command } from './main.ts'

export const image: Command = {
  usage: 'image build -t NAME DIR',
  description: 'Make an image from the Dockerfile in DIR, for the pods of this cluster.',
  wordsMax: 2,
  flags: {
    ...DATA_DIR_FLAG,
    tag: {
      type: 'string',
      short: 't',
      description: 'Name of the image, as in a pod: luksa/kubia, registry.example/app:v2.',
    },
  },
  async run(flags: { 'data-dir': string; tag: string | undefined }, [verb, directory]: string[]) {
    if (verb !== 'build' || directory === undefined || flags.tag === undefined) {
      throw new UsageError('usage: kubeproc image build -t NAME DIR')
    }
    const { buildImage, BuildError } = await import('../kubelet/images/build.ts')
    const { openImageStore } = await import('../kubelet/images/store.ts')
    try {
      const store = openImageStore(layoutOf(flags['data-dir']).images)
      const { id, warnings } = await buildImage({ directory, name: flags.tag, store })
      for (const warning of warnings) console.error(`warning: ${warning}`)
      console.log(`${flags.tag} is ${id}`)
      return 0
    } catch (error) {
      if (error instanceof BuildError) throw new ClusterError(error.message)
      throw error
    }
  },
}
