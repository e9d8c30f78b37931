/** What a writer was told before the power went, and whether a store that is opened afterwards agrees. */
import type { Storage } from '../../../apiserver/storage/storage.ts'

/** A value that says whose it is and that shows any byte that is wrong. */
export const writtenText = (key: string, number: number, size: number) =>
  `${key} ${number} ${`${number} `.repeat(size / 2)}`.slice(0, size + 24)

interface Try {
  number: number
  /** -1: a deletion. */
  size: number
  /** Set when it was acknowledged. */
  revision?: number
}

/** What was said up to some moment. */
export class Claims {
  readonly #tries = new Map<string, Try[]>()
  /** The newest version that was acknowledged as being on disk, and the newest of all. */
  #newestFull = 0
  #newest = 0

  /** Takes in a line that the writer said. */
  hear(line: string): void {
    const [word, key = '', number, figure] = line.split(' ')
    const tries = this.#tries.get(key) ?? []
    this.#tries.set(key, tries)
    if (word === 'try') {
      tries.push({ number: Number(number), size: Number(figure) })
      return
    }
    const revision = Number(figure)
    tries.at(-1)!.revision = revision
    this.#newest = Math.max(this.#newest, revision)
    if (word === 'full') this.#newestFull = Math.max(this.#newestFull, revision)
  }

  /**
   * What is wrong with a store that was opened after the cut. `skipped`: how far its count goes on above what it found
   * because it knows that it may have lost something.
   */
  async judge(storage: Storage, skipped: number): Promise<string[]> {
    const faults: string[] = []
    const { records, revision } = await storage.range('/')
    const compacted = await storage.compactedRevision()
    const isSkipped = revision === compacted && revision > skipped
    const head = isSkipped ? revision - skipped : revision
    if (revision < this.#newest) faults.push(`the version is ${revision}, ${this.#newest} was told to somebody`)
    if (head < this.#newestFull) faults.push(`the newest version is ${head}, ${this.#newestFull} was acknowledged`)
    const held = new Map(records.map((record) => [record.key, record]))
    for (const key of held.keys()) if (!this.#tries.has(key)) faults.push(`${key} was never written`)
    for (const [key, tries] of this.#tries) {
      const fault = judgeKey(key, { tries, head, record: held.get(key) })
      if (fault !== undefined) faults.push(fault)
    }
    return faults
  }
}

/** A key must be in the state of its newest acknowledged try up to the store's version, or of a later one. */
function judgeKey(
  key: string,
  { tries, head, record }: { tries: readonly Try[]; head: number; record: { value: string } | undefined },
): string | undefined {
  const due = tries.findLastIndex(({ revision }) => revision !== undefined && revision <= head)
  const possible = tries.slice(Math.max(due, 0))
  const isAt = ({ number, size }: Try) => (size === -1 ? undefined : writtenText(key, number, size)) === record?.value
  if (possible.some(isAt) || (due === -1 && record === undefined)) return undefined
  const last = tries[due]
  return `${key} is ${record?.value.slice(0, 24)}, acknowledged was number ${last?.number} (size ${last?.size}, version ${last?.revision}) at version ${head}`
}
