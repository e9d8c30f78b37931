/** `status.images` of a node. Pure. */
import type { ListedImage } from './store.ts'

/** How many are reported, as upstream (`nodeStatusMaxImages`): the largest, which are the ones that matter to a scheduler. */
const IMAGES_MAX = 50

/** As `ContainerImage` of the API. */
export interface NodeImage {
  names: string[]
  sizeBytes: number
}

/** Each with its names by digest and by tag; images that have no name any more are nobody's to ask for. */
export const nodeImages = (images: readonly ListedImage[]): NodeImage[] =>
  images
    .filter(({ names }) => names.length > 0)
    .sort((a, b) => b.sizeBytes - a.sizeBytes || a.id.localeCompare(b.id))
    .slice(0, IMAGES_MAX)
    .map(({ id, names, sizeBytes }) => {
      const repositories = new Set(names.map((name) => name.slice(0, name.lastIndexOf(':'))))
      return { names: [...[...repositories].map((repository) => `${repository}@${id}`), ...names], sizeBytes }
    })
