/**
 * A disk that loses power: of each file it keeps what was synced, and of what was not any part. Names keep their order,
 * as on a file system with a journal: some of the last changes of names are lost, never one in the middle.
 */
import { writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Random } from '../../support/random.ts'
import type { FileOperation } from './strace.ts'

type Change = { at: number; bytes: Buffer } | { size: number }

/** A file, whatever its name is by now. */
interface Inode {
  /** What is on disk for certain. */
  content: Buffer
  /** What may be. */
  pending: Change[]
}

type Naming = { do: 'link'; name: string; inode: Inode } | { do: 'unlink'; name: string }

/** Disks write whole sectors; a write may be cut between them. */
const SECTOR = 512
const GROWTH = 1 << 16

function applyTo(content: Buffer, change: Change, size: number): { content: Buffer; size: number } {
  if ('size' in change) return { content, size: change.size }
  const end = change.at + change.bytes.length
  let target = content
  if (end > target.length) {
    target = Buffer.alloc(end + GROWTH)
    content.copy(target)
  }
  if (change.at > size) target.fill(0, size, change.at)
  change.bytes.copy(target, change.at)
  return { content: target, size: Math.max(size, end) }
}

function applyAll(content: Buffer, changes: readonly Change[]): Buffer {
  let state: { content: Buffer; size: number } = { content: Buffer.from(content), size: content.length }
  for (const change of changes) state = applyTo(state.content, change, state.size)
  return state.content.subarray(0, state.size)
}

/** The parts of a change that reach the disk: all, none, or some of its sectors. */
function partsOf(change: Change, keep: number, random: Random): Change[] {
  if ('size' in change || !random.chance(0.3)) return random.chance(keep) ? [change] : []
  const parts: Change[] = []
  for (let from = 0; from < change.bytes.length; ) {
    const at = change.at + from
    const to = Math.min(change.bytes.length, from + SECTOR - (at % SECTOR))
    if (random.chance(keep)) parts.push({ at, bytes: change.bytes.subarray(from, to) })
    from = to
  }
  return parts
}

export class Disk {
  readonly #names = new Map<string, Inode>()
  readonly #durableNames = new Map<string, Inode>()
  #pendingNames: Naming[] = []
  /** What each sync under way covers. */
  readonly #syncs = new Map<number, { inode: Inode; changes: number } | { names: number }>()

  apply(operation: FileOperation, directory: string): void {
    switch (operation.do) {
      case 'create':
        if (!this.#names.has(operation.path)) this.#link(operation.path, { content: Buffer.alloc(0), pending: [] })
        break
      case 'write':
        this.#inode(operation.path).pending.push({ at: operation.at, bytes: operation.bytes })
        break
      case 'truncate':
        this.#inode(operation.path).pending.push({ size: operation.size })
        break
      case 'rename': {
        const inode = this.#inode(operation.path)
        this.#unlink(operation.path)
        this.#link(operation.to, inode)
        break
      }
      case 'unlink':
        this.#unlink(operation.path)
        break
      case 'syncBegin': {
        const inode = operation.path === directory ? undefined : this.#inode(operation.path)
        const covered =
          inode === undefined ? { names: this.#pendingNames.length } : { inode, changes: inode.pending.length }
        this.#syncs.set(operation.id, covered)
        break
      }
      case 'syncEnd':
        this.#settle(operation.id)
        break
    }
  }

  /** Whether anything could be lost. */
  get hasPending(): boolean {
    return this.#pendingNames.length > 0 || [...this.#names.values()].some(({ pending }) => pending.length > 0)
  }

  /** Writes what a cut at this moment leaves into an empty directory. `keep`: how likely what was not synced survives. */
  cut(target: string, keep: number, random: Random): void {
    const names = new Map(this.#durableNames)
    for (const naming of this.#pendingNames) {
      if (!random.chance(keep)) break
      if (naming.do === 'link') names.set(naming.name, naming.inode)
      else names.delete(naming.name)
    }
    for (const [path, { content, pending }] of names) {
      const kept = pending.flatMap((change) => partsOf(change, keep, random))
      writeFileSync(join(target, basename(path)), applyAll(content, kept), { mode: 0o600 })
    }
  }

  #inode(path: string): Inode {
    const inode = this.#names.get(path)
    if (inode === undefined) throw new Error(`${path} was not made`)
    return inode
  }

  #link(name: string, inode: Inode): void {
    this.#names.set(name, inode)
    this.#pendingNames.push({ do: 'link', name, inode })
  }

  #unlink(name: string): void {
    this.#names.delete(name)
    this.#pendingNames.push({ do: 'unlink', name })
  }

  #settle(id: number): void {
    const covered = this.#syncs.get(id)!
    this.#syncs.delete(id)
    if ('names' in covered) {
      for (const naming of this.#pendingNames.splice(0, covered.names)) {
        if (naming.do === 'link') this.#durableNames.set(naming.name, naming.inode)
        else this.#durableNames.delete(naming.name)
      }
      // Another sync of the directory that is under way covers what is left of what it covered.
      for (const other of this.#syncs.values())
        if ('names' in other) other.names = Math.max(0, other.names - covered.names)
      return
    }
    const { inode, changes } = covered
    inode.content = applyAll(inode.content, inode.pending.splice(0, changes))
    for (const other of this.#syncs.values())
      if ('inode' in other && other.inode === inode) other.changes = Math.max(0, other.changes - changes)
  }
}
