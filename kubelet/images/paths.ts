/**
 * An image's files lie in a directory of the host, and nothing makes that directory the root of the program's world. So
 * absolute paths are translated, by one rule: **a path that the image holds means the image's file, any other path means
 * the host's.** It applies to whole words of a command line (`/app.js` in `["node", "/app.js"]`), to the working directory
 * and to the directories in the image's PATH; not to text inside of a word (`sh -c "node /app.js"`, `--config=/app.json`),
 * where a path relative to the working directory does the same.
 */
import { existsSync } from 'node:fs'
import { delimiter, join, posix } from 'node:path'
import { translateMounted } from '../runtime/mounted-paths.ts'

/** The host's path of an absolute path in an image, whether it exists or not; it cannot lead out of the image. */
export const insideImage = (rootDirectory: string, path: string): string =>
  join(rootDirectory, posix.resolve('/', path))

/** One word, translated where it is an absolute path that the image holds. */
function translate(rootDirectory: string, word: string): string {
  if (!word.startsWith('/') || word === '/' || word.includes('\0')) return word
  const path = insideImage(rootDirectory, word)
  return existsSync(path) ? path : word
}

/** A container's root as the host sees it. */
export interface RootView {
  /** Holds the image's files, and its volumes where they are laid out as links; absent where there is neither. */
  rootDirectory: string | undefined
  /** The image's own directory, where the root is another. */
  imageDirectory?: string | undefined
  /** Paths of volumes in it: they and everything below them, there or not, means the volume. */
  mountPaths: readonly string[]
}

/** One word, as the host understands it. */
export function translateIn({ rootDirectory, imageDirectory, mountPaths }: RootView, word: string): string {
  if (rootDirectory === undefined) return word
  const mounted = translateMounted({ rootDirectory, mountPaths }, word)
  if (mounted !== word) return mounted
  // What the image alone holds is named by its own path: it is what people look for in a list of processes.
  const holdsMount = mountPaths.some((path) => path.startsWith(`${posix.normalize(word)}/`))
  return translate(holdsMount ? rootDirectory : (imageDirectory ?? rootDirectory), word)
}

/** The words of a command line, as the host understands them. */
export const translateWordsIn = (view: RootView, words: readonly string[]): string[] =>
  words.map((word) => translateIn(view, word))

/** The same where only the root is known: paths of volumes that are not there are left as they are. */
export const translateWords = (rootDirectory: string, words: readonly string[]): string[] =>
  words.map((word) => translate(rootDirectory, word))

/** The entries of a PATH, as the host understands them. */
export const translateSearchPath = (view: RootView, path: string): string =>
  translateWordsIn(view, path.split(delimiter)).join(delimiter)

/** A working directory, as the host understands it: `/` is the container's root. */
export const translateDirectory = (view: RootView, path: string): string =>
  path === '/' && view.rootDirectory !== undefined ? view.rootDirectory : translateIn(view, path)
