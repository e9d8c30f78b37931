/** The chapter's images, which every cluster has: built from `examples/` where the store does not have them yet. */
import { fileURLToPath } from 'node:url'
import { buildImage } from '../kubelet/images/build.ts'
import { openImageStore } from '../kubelet/images/store.ts'
import type { Layout } from './layout.ts'

/** Names of the images, with their folders in `examples/images`. */
const EXAMPLES = {
  'luksa/kubia': 'kubia',
  'luksa/kubia-unhealthy': 'kubia-unhealthy',
  'luksa/batch-job': 'batch-job',
  'luksa/ssd-monitor': 'ssd-monitor',
  busybox: 'busybox',
}

const directoryOf = (folder: string) => fileURLToPath(new URL(`../examples/images/${folder}`, import.meta.url))

export async function prepareImages({ images }: Layout): Promise<void> {
  const store = openImageStore(images)
  await Promise.all(
    Object.entries(EXAMPLES).map(async ([name, folder]) => {
      if ((await store.find(name)) === undefined) await buildImage({ directory: directoryOf(folder), name, store })
    }),
  )
}
