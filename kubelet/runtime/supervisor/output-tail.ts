/** The last of what a program wrote in its terminal, for those who watch it: they come, and ask for more, at any time. */

/** Who is further behind than this misses what is in between; the log has it. */
const BYTES_MAX = 256 * 1024

/** What came from a position on, and the position after it. */
export interface TailPart {
  data: Buffer
  next: number
  /** Nothing will come any more. */
  isOver: boolean
}

export interface OutputTail {
  push(chunk: Buffer): void
  end(): void
  /** Where the next byte will be. */
  readonly position: number
  /** Resolves with what there is from a position on: when there is anything, or when it is over. */
  read(from: number): Promise<TailPart>
}

export function createOutputTail(): OutputTail {
  let kept: Buffer = Buffer.alloc(0)
  let position = 0
  let isOver = false
  let change = Promise.withResolvers<void>()
  const ring = () => {
    change.resolve()
    change = Promise.withResolvers<void>()
  }
  return {
    push(chunk) {
      kept = Buffer.concat([kept, chunk]).subarray(-BYTES_MAX)
      position += chunk.length
      ring()
    },
    end() {
      isOver = true
      ring()
    },
    get position() {
      return position
    },
    async read(from) {
      while (position <= from && !isOver) await change.promise
      const missing = Math.max(0, position - from)
      const data = missing === 0 ? Buffer.alloc(0) : Buffer.from(kept.subarray(-missing))
      return { data, next: position, isOver }
    },
  }
}
