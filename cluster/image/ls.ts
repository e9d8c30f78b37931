import type { ListedImage } from '../../kubelet/images/store.ts'
import { formatTable } from '../status.ts'
import type { Verb } from './image.ts'
import { shownAge, shownId, shownName, shownSize } from './shown.ts'

const NONE = '<none>'

/** A line for each name of an image; one for an image whose names have all moved on. */
function rowsOf({ id, names, createdMs, sizeBytes }: ListedImage, nowMs: number): string[][] {
  const all = names.length === 0 ? [`${NONE}:${NONE}`] : names.map(shownName)
  return all.map((name) => {
    const split = name.lastIndexOf(':')
    const [repository, tag] = [name.slice(0, split), name.slice(split + 1)]
    return [repository, tag, shownId(id), shownAge(nowMs - createdMs), shownSize(sizeBytes)]
  })
}

export const ls: Verb = {
  usage: 'ls',
  description: 'List the images.',
  wordsMin: 0,
  wordsMax: 0,
  async run(store, _words, { output }) {
    const images = await store.list()
    if (output === 'json') {
      const shown = images.map(({ id, names, createdMs, sizeBytes }) => ({
        id,
        names,
        created: new Date(createdMs).toISOString(),
        sizeBytes,
      }))
      console.log(JSON.stringify(shown, null, 2))
      return
    }
    const nowMs = Date.now()
    console.log(
      formatTable([['REPOSITORY', 'TAG', 'IMAGE ID', 'AGE', 'SIZE'], ...images.flatMap((one) => rowsOf(one, nowMs))]),
    )
  },
}
