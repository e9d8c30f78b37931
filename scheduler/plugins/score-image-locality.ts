import { type NodeInfo, SCORE_MAX, type Score } from '../framework.ts'

const MEGABYTE = 1024 * 1024
/** Images of less are not worth a thought, and more than so much for each container counts no further. */
const MIN_BYTES = 23 * MEGABYTE
const MAX_BYTES_PER_CONTAINER = 1000 * MEGABYTE

/**
 * Nodes that have more of a pod's images, by size, are better. An image counts the less the fewer nodes have it, so that
 * not all pods of an image go where the first one went.
 */
export const scoreImageLocality: Score = {
  name: 'ImageLocality',
  weight: 1,
  score({ images }, nodes, cluster) {
    const total = cluster.nodes.length
    const known = images
      .map((name) => ({ name, share: cluster.nodesWithImage(name) / total }))
      .filter(({ share }) => share > 0)
    if (known.length === 0) return undefined
    const maxBytes = MAX_BYTES_PER_CONTAINER * images.length
    const bytesOn = (node: NodeInfo) =>
      known.reduce((sum, { name, share }) => sum + Math.floor((node.images.get(name) ?? 0) * share), 0)
    return nodes.map((node) => {
      const bytes = Math.min(Math.max(bytesOn(node), MIN_BYTES), maxBytes)
      return Math.floor((SCORE_MAX * (bytes - MIN_BYTES)) / (maxBytes - MIN_BYTES))
    })
  },
}
