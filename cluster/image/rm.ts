import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { parseImageName } from '../../kubelet/images/image-name.ts'
import { readFileIfThere } from '../../shared/private-files.ts'
import { ClusterError } from '../cluster-error.ts'
import { layoutOf } from '../layout.ts'
import { findImage } from './find-image.ts'
import type { Verb } from './image.ts'
import { shownId, shownName } from './shown.ts'

async function entriesOf(directory: string): Promise<string[]> {
  try {
    return await readdir(directory)
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return []
    throw error
  }
}

/** What the nodes' records say of a container. */
interface Recorded {
  state?: { name?: string; state?: string; annotations?: Record<string, string> }
}

function parseRecord(text: string | undefined): Recorded {
  try {
    return JSON.parse(text ?? '{}') as Recorded
  } catch (error) {
    // A power cut may have left it empty; its container runs no more.
    if (error instanceof SyntaxError) return {}
    throw error
  }
}

/** The name of a container that runs from the image on one of the nodes, if there is one. */
async function findUser(nodesDirectory: string, id: string): Promise<string | undefined> {
  for (const node of await entriesOf(nodesDirectory)) {
    const records = join(nodesDirectory, node, 'containers')
    for (const file of await entriesOf(records)) {
      const { state } = parseRecord(await readFileIfThere(join(records, file)))
      if (state?.state === 'running' && state.annotations?.imageID === id) return `${state.name} on ${node}`
    }
  }
  return undefined
}

/** Removes a name, and the image with its last one; by ID, the image with all its names. */
export const rm: Verb = {
  usage: 'rm NAME|ID…',
  description: 'Remove a name, and with its last name the image.',
  wordsMin: 1,
  wordsMax: 100,
  async run(store, words, { 'data-dir': dataDir, force }) {
    for (const word of words) {
      const image = await findImage(store, word)
      const name = parseImageName(word)
      const full = name === undefined ? undefined : `${name.repository}:${name.tag}`
      const doomed = full !== undefined && image.names.includes(full) ? [full] : image.names
      const isLast = doomed.length === image.names.length
      const user = isLast && !force ? await findUser(layoutOf(dataDir).nodes, image.id) : undefined
      if (user !== undefined) {
        throw new ClusterError(`image ${word} is in use: container ${user} runs from it (--force removes it anyway)`)
      }
      for (const one of doomed) {
        await store.removeName(parseImageName(one)!)
        console.log(`untagged ${shownName(one)}`)
      }
      if (!isLast) continue
      await store.remove(image.id)
      console.log(`deleted ${shownId(image.id)}`)
    }
  },
}
