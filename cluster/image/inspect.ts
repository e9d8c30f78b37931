import type { ListedImage } from '../../kubelet/images/store.ts'
import { findImage } from './find-image.ts'
import type { Verb } from './image.ts'
import { shownName, shownSize } from './shown.ts'

const list = (items: readonly string[]) => (items.length === 0 ? '<none>' : items.join('\n              '))

function describe({ id, names, createdMs, sizeBytes, config, rootDirectory }: ListedImage): string {
  const { Entrypoint = [], Cmd = [], Env = [], Labels = {}, ExposedPorts = {}, ...rest } = config.config
  const rows: [string, string][] = [
    ['ID', id],
    ['Names', list(names.map(shownName))],
    ['Created', new Date(createdMs).toISOString()],
    ['Size', shownSize(sizeBytes)],
    ['Platform', `${config.os}/${config.architecture}`],
    ['Entrypoint', Entrypoint.length === 0 ? '<none>' : JSON.stringify(Entrypoint)],
    ['Command', Cmd.length === 0 ? '<none>' : JSON.stringify(Cmd)],
    ['Directory', rest.WorkingDir ?? '/'],
    ['Environment', list(Env)],
    ['Ports', list(Object.keys(ExposedPorts))],
    ['Labels', list(Object.entries(Labels).map(([key, value]) => `${key}=${value}`))],
    ['User', rest.User ?? '<none>'],
    ['Stop signal', rest.StopSignal ?? 'SIGTERM'],
    ['Files', rootDirectory],
  ]
  return rows.map(([title, value]) => `${`${title}:`.padEnd(14)}${value}`).join('\n')
}

export const inspect: Verb = {
  usage: 'inspect NAME|ID…',
  description: 'Show what an image is made of.',
  wordsMin: 1,
  wordsMax: 100,
  async run(store, words, { output }) {
    const images = []
    for (const word of words) images.push(await findImage(store, word))
    if (output === 'json') {
      const shown = images.map(({ createdMs, ...image }) => ({ ...image, created: new Date(createdMs).toISOString() }))
      console.log(JSON.stringify(shown, null, 2))
    } else console.log(images.map(describe).join('\n\n'))
  },
}
