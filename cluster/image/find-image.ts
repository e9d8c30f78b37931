import { parseImageName } from '../../kubelet/images/image-name.ts'
import type { ImageStore, ListedImage } from '../../kubelet/images/store.ts'
import { ClusterError } from '../cluster-error.ts'

/** Shortest beginning of an ID that names an image. */
const ID_MIN = 4

/** The image of a name, or of an ID or the beginning of one. Throws a ClusterError where there is none, or more than one. */
export async function findImage(store: ImageStore, text: string): Promise<ListedImage> {
  const [images, named] = await Promise.all([store.list(), store.find(text)])
  const byName = images.find(({ id }) => id === named?.id)
  if (byName !== undefined) return byName
  const prefix = text.replace(/^sha256:/, '')
  const byId =
    /^[0-9a-f]+$/.test(prefix) && prefix.length >= ID_MIN
      ? images.filter(({ id }) => id.slice(7).startsWith(prefix))
      : []
  if (byId.length > 1) throw new ClusterError(`${text} is the beginning of ${byId.length} images' IDs: give more of it`)
  const [only] = byId
  if (only === undefined) {
    const why = parseImageName(text) === undefined ? ', nor could there be one of such a name' : ''
    throw new ClusterError(`there is no image ${JSON.stringify(text)}${why}: "kubeproc image ls" lists them`)
  }
  return only
}
