/** The chapter's images, which every cluster has: built from `examples/` where the store does not have them yet. */
import { fileURLToPath } from 'node:url'
import { buildImage } from '../kubelet/images/build.ts'
import { openImageStore } from '../kubelet/images/store.ts'
import type { Layout } from './layout.ts'

const EXAMPLES = ['kubia', 'kubia-unhealthy', 'batch-job', 'ssd-monitor'] as const

const directoryOf = (example: string) => fileURLToPath(new URL(`../examples/images/${example}`, import.meta.url))

export async function prepareImages({ images }: Layout): Promise<void> {
  const store = openImageStore(images)
  await Promise.all(
    EXAMPLES.map(async (example) => {
      const name = `luksa/${example}`
      if ((await store.find(name)) === undefined) await buildImage({ directory: directoryOf(example), name, store })
    }),
  )
}
