/**
 * What the supervisor knows of every container, also on disk: one small file each, replaced as a whole, so that the
 * next supervisor can tell what this one left behind. Environments are not written: they may hold secrets.
 */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ContainerState } from '../runtime.ts'

export interface ContainerRecord {
  state: ContainerState
  /** With the PID, the identity of the main process; absent until it has started, and without /proc. */
  startTicks?: number
  /** The machine's run in which the PID means something. */
  bootId: string
}

/** The environment entry that all processes of a container inherit. */
export const CONTAINER_MARKER = 'KUBEPROC_CONTAINER_ID'

const FILE_SUFFIX = '.json'

export interface RecordStore {
  load(): ContainerRecord[]
  save(record: ContainerRecord): void
  remove(id: string): void
}

/** The records below a directory, which is made. `onUnreadable` hears of a file that a power cut has emptied: it is removed. */
export function openRecords(directory: string, onUnreadable: (file: string) => void): RecordStore {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const pathOf = (id: string) => join(directory, `${id}${FILE_SUFFIX}`)

  const loadFile = (name: string): ContainerRecord[] => {
    const path = join(directory, name)
    try {
      return [JSON.parse(readFileSync(path, 'utf8')) as ContainerRecord]
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error
      onUnreadable(path)
      rmSync(path)
      return []
    }
  }

  return {
    load: () =>
      readdirSync(directory)
        .filter((name) => name.endsWith(FILE_SUFFIX))
        .flatMap(loadFile),
    save(record) {
      const path = pathOf(record.state.id)
      writeFileSync(`${path}.new`, JSON.stringify(record), { mode: 0o600 })
      renameSync(`${path}.new`, path)
    },
    remove: (id) => rmSync(pathOf(id), { force: true }),
  }
}
