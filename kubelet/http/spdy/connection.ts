/**
 * Several streams over one connection, in SPDY/3.1, as Kubernetes' clients speak it: they open all streams, and nobody
 * keeps to windows, so what a stream does not take holds up all of them, as it does with upstream's servers.
 */
import { Duplex } from 'node:stream'
import {
  encodeData,
  encodeGoAway,
  encodePing,
  encodeReset,
  encodeSynReply,
  type Frame,
  frameReader,
  ProtocolError,
} from './frames.ts'
import { createHeaderBlocks, type HeaderBlocks, type Headers } from './header-block.ts'

/** How much of a stream is kept for its reader. When it is full, nothing more is read from the connection. */
const STREAM_BYTES_MAX = 256 * 1024
/** The longest frame that is sent, so that streams take turns. */
const FRAME_BYTES_MAX = 32 * 1024
/** How many streams a client may have open: a port-forward has two for each connection. */
const STREAMS_MAX = 2_000

/** What a stream needs of its connection. */
interface Carrier {
  send(frame: Buffer, done?: (error?: Error | null) => void): void
  /** A stream's reader has taken what was kept for it, or is gone. */
  drained(): void
  forget(id: number): void
}

/** One stream; it ends in each direction by itself. Destroyed, it is reset. */
export class SpdyStream extends Duplex {
  readonly id: number
  readonly headers: Headers
  readonly #carrier: Carrier
  #isReset = false

  constructor(id: number, headers: Headers, carrier: Carrier) {
    super({ allowHalfOpen: true, readableHighWaterMark: STREAM_BYTES_MAX, writableHighWaterMark: FRAME_BYTES_MAX })
    this.id = id
    this.headers = headers
    this.#carrier = carrier
    // Whoever has it learns of a reset by its end; `close` follows.
    this.on('error', () => undefined)
  }

  /** The client has reset it. */
  reset(): void {
    this.#isReset = true
    this.destroy(new Error('the stream was reset'))
  }

  override _read(): void {
    this.#carrier.drained()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    let from = 0
    for (; chunk.length - from > FRAME_BYTES_MAX; from += FRAME_BYTES_MAX)
      this.#carrier.send(encodeData(this.id, chunk.subarray(from, from + FRAME_BYTES_MAX), { isLast: false }))
    this.#carrier.send(encodeData(this.id, chunk.subarray(from), { isLast: false }), done)
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#carrier.send(encodeData(this.id, Buffer.alloc(0), { isLast: true }), done)
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    const hasEnded = this.readableEnded && this.writableFinished
    if (!hasEnded && !this.#isReset) this.#carrier.send(encodeReset(this.id))
    this.#carrier.forget(this.id)
    this.#carrier.drained()
    done(error)
  }
}

export class SpdyConnection {
  /** Resolves when the connection is closed, however that came about. */
  readonly closed: Promise<void>
  readonly #transport: Duplex
  readonly #onStream: (stream: SpdyStream) => void
  readonly #blocks: HeaderBlocks = createHeaderBlocks()
  readonly #streams = new Map<number, SpdyStream>()
  #lastId = 0
  #drained = Promise.withResolvers<void>()
  readonly #carrier: Carrier = {
    send: (frame, done) => this.#send(frame, done),
    drained: () => this.#drained.resolve(),
    forget: (id) => this.#streams.delete(id),
  }

  /** Begins to speak over a connection that both ends have agreed on. `onStream` gets what the client opens. */
  constructor(transport: Duplex, { onStream }: { onStream(stream: SpdyStream): void }) {
    this.#transport = transport
    this.#onStream = onStream
    // Also while nothing is read from it, since a stream is full.
    transport.once('close', () => this.#resetAll())
    this.closed = this.#run()
  }

  /** Sends what has been written, and closes. */
  async close(): Promise<void> {
    this.#send(encodeGoAway(this.#lastId))
    this.#transport.end()
    await this.closed
  }

  async #run(): Promise<void> {
    const read = frameReader()
    try {
      for await (const chunk of this.#transport) for (const frame of read(chunk)) await this.#take(frame)
    } catch {
      // The client is gone, or makes no sense: both end the connection and all streams.
    } finally {
      this.#transport.destroy()
      this.#blocks.close()
      this.#resetAll()
    }
  }

  #resetAll(): void {
    for (const stream of this.#streams.values()) stream.reset()
  }

  #send(frame: Buffer, done: (error?: Error | null) => void = () => undefined): void {
    if (this.#transport.writable) this.#transport.write(frame, done)
    else done(new Error('the connection is closed'))
  }

  async #take(frame: Frame): Promise<void> {
    switch (frame.is) {
      case 'synStream':
        return this.#open(frame)
      case 'headers':
        // Nothing follows from them but that the next block can be read.
        await this.#blocks.decode(frame.block)
        return
      case 'data':
        return this.#receive(frame)
      case 'rstStream':
        this.#streams.get(frame.id)?.reset()
        return
      case 'ping':
        // An even one answers one of ours, of which there is none.
        if (frame.id % 2 === 1) this.#send(encodePing(frame.id))
        return
      case 'goAway':
        // No more streams will come; those that are there go on.
        return
    }
  }

  async #open({ id, block, isLast }: Extract<Frame, { is: 'synStream' }>): Promise<void> {
    const headers = await this.#blocks.decode(block)
    if (id <= this.#lastId) throw new ProtocolError(`stream ${id} comes after ${this.#lastId}`)
    this.#lastId = id
    if (this.#streams.size >= STREAMS_MAX) return this.#send(encodeReset(id))
    const stream = new SpdyStream(id, headers, this.#carrier)
    this.#streams.set(id, stream)
    this.#send(encodeSynReply(id, await this.#blocks.encode(new Map())))
    if (isLast) stream.push(null)
    this.#onStream(stream)
  }

  async #receive({ id, data, isLast }: Extract<Frame, { is: 'data' }>): Promise<void> {
    const stream = this.#streams.get(id)
    // What was under way when its stream was reset.
    if (stream === undefined || stream.destroyed || stream.readableEnded) return
    const hasRoom = data.length === 0 || stream.push(data)
    if (isLast) stream.push(null)
    else if (!hasRoom) await this.#roomIn(stream)
  }

  /** Resolves when a stream can take more. */
  async #roomIn(stream: SpdyStream): Promise<void> {
    while (!stream.destroyed && stream.readableLength >= STREAM_BYTES_MAX) {
      this.#drained = Promise.withResolvers<void>()
      await this.#drained.promise
    }
  }
}
