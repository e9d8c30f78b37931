/**
 * Lists as bytes, in pieces: a list of many objects is never in memory a second time, and what a slow client has not
 * taken yet does not exist.
 */
import { apiVersionOf, type Kind } from '../../shared/api/kind.ts'
import type { CachedObject } from '../cache/cache.ts'
import type { Pieces } from './exchange.ts'

/** What is written at once: some TLS records, few enough for the event loop to serve others in between. */
const PIECE_BYTES = 256 * 1024
/** Lists up to this size are kept when they are asked for again unchanged. */
const KEPT_BYTES_MAX = 4 * 1024 * 1024
/** Pieces end with whole objects, so the next may be a little larger. */
const SCRATCH_RESERVE = 16 * 1024
const COMMA = 0x2c
const LIST_END = Buffer.from(']}\n')

/** Memory for the pieces of a list: one after the other in the same where they are sent, each in its own to be kept. */
type Allocate = (length: number) => Buffer

function createScratch(): Allocate {
  let scratch: Buffer | undefined
  return (length) => {
    if (scratch === undefined || scratch.length < length) scratch = Buffer.allocUnsafeSlow(length + SCRATCH_RESERVE)
    return scratch.subarray(0, length)
  }
}

/** The objects' JSON with commas between, in pieces. */
function* joinObjects(objects: readonly CachedObject[], allocate: Allocate): Generator<Buffer> {
  for (let first = 0; first < objects.length; ) {
    let [end, length] = [first, 0]
    do length += objects[end++]!.json.length + 1
    while (end < objects.length && length < PIECE_BYTES)
    // The last object has no comma behind it.
    if (end === objects.length) length--
    const piece = allocate(length)
    let at = 0
    for (; first < end; first++) {
      const { json } = objects[first]!
      at += json.copy(piece, at)
      if (at < length) piece[at++] = COMMA
    }
    yield piece
  }
}

const lengthOf = (objects: readonly CachedObject[]) => {
  let length = Math.max(0, objects.length - 1)
  for (const { json } of objects) length += json.length
  return length
}

/** A list of objects as bytes; `metadata` is the list's. */
export type ListPieces = (kind: Kind, objects: readonly CachedObject[], metadata: object) => Pieces

interface Kept {
  length: number
  /** Present once the list was asked for again. */
  pieces?: readonly Buffer[]
}

/** Makes lists. The cache hands out the same array for a list that has not changed: its bytes are made once, then kept with it. */
export function createListPieces(): ListPieces {
  const known = new WeakMap<readonly CachedObject[], Kept>()

  function itemsOf(objects: readonly CachedObject[]): { length: number; pieces: Iterable<Buffer> } {
    const kept = known.get(objects)
    if (kept === undefined) {
      const length = lengthOf(objects)
      known.set(objects, { length })
      return { length, pieces: joinObjects(objects, createScratch()) }
    }
    if (kept.length > KEPT_BYTES_MAX) return { length: kept.length, pieces: joinObjects(objects, createScratch()) }
    kept.pieces ??= [...joinObjects(objects, Buffer.allocUnsafeSlow)]
    return { length: kept.length, pieces: kept.pieces }
  }

  return (kind, objects, metadata) => {
    const text = JSON.stringify(metadata)
    const head = Buffer.from(
      `{"kind":"${kind.kind}List","apiVersion":"${apiVersionOf(kind)}","metadata":${text},"items":[`,
    )
    const { length, pieces } = itemsOf(objects)
    return {
      length: head.length + length + LIST_END.length,
      *[Symbol.iterator]() {
        yield head
        yield* pieces
        yield LIST_END
      },
    }
  }
}

/** Texts that follow each other, in pieces: those of rows or partial objects, which are made as they are sent. */
export function textPieces(texts: Iterable<string>): Pieces {
  return {
    *[Symbol.iterator]() {
      let text = ''
      for (const next of texts) {
        text += next
        if (text.length < PIECE_BYTES) continue
        yield Buffer.from(text)
        text = ''
      }
      if (text !== '') yield Buffer.from(text)
    },
  }
}
