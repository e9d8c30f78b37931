/** What ConfigMaps and Secrets become in volumes: upstream's `MakePayload`. Pure. */
import type { ConfigMap } from '../../shared/api/config-map.ts'
import type { KeyToPath } from '../../shared/api/pod/pod.ts'
import type { Secret } from '../../shared/api/secret.ts'
import type { ProjectedFile, ProjectedFiles } from './projected-file.ts'
import { VolumeError } from './volume-error.ts'

/** A ConfigMap or Secret by the bytes of its entries. */
export type Entries = ReadonlyMap<string, Buffer>

/** How entries become files. */
export interface FileChoice {
  /** Default: all entries, each named as its key. */
  items?: readonly KeyToPath[]
  /** Mode of files that have none of their own. */
  defaultMode: number
  /** Whether the object or its entries may be missing. */
  optional: boolean
}

const fromBase64 = (text: string) => Buffer.from(text, 'base64')
const entriesOf = (texts: Readonly<Record<string, string>> = {}, decode: (text: string) => Buffer) =>
  Object.entries(texts).map(([key, text]): [string, Buffer] => [key, decode(text)])

export const configMapEntries = ({ data, binaryData }: ConfigMap): Entries =>
  new Map([...entriesOf(data, Buffer.from), ...entriesOf(binaryData, fromBase64)])

export const secretEntries = ({ data }: Secret): Entries => new Map(entriesOf(data, fromBase64))

/** What a missing entry is called, which upstream words differently. */
const MISSING_KEY = {
  configmap: 'configmap references non-existent config key',
  secret: 'references non-existent secret key',
}

/** The files of an object, or of one that is not there (`undefined`). Throws a VolumeError for what is missing. */
export function filesOfEntries(
  { kind, name, entries }: { kind: 'configmap' | 'secret'; name: string; entries: Entries | undefined },
  { items = [], defaultMode, optional }: FileChoice,
): ProjectedFiles {
  if (entries === undefined) {
    if (optional) return new Map()
    throw new VolumeError(`${kind} "${name}" not found`)
  }
  const files = new Map<string, ProjectedFile>()
  if (items.length === 0) {
    for (const [key, data] of entries) files.set(key, { data, mode: defaultMode })
    return files
  }
  for (const { key, path, mode = defaultMode } of items) {
    const data = entries.get(key)
    if (data !== undefined) files.set(path, { data, mode })
    else if (!optional) throw new VolumeError(`${MISSING_KEY[kind]}: ${key}`)
  }
  return files
}
