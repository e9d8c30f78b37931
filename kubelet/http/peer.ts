import type { Writable } from 'node:stream'
import type { TerminalSize } from '../runtime/runtime.ts'
import type { StreamQuery } from './exec-target.ts'

export interface Inputs {
  /** Absent: what comes for it is dropped. */
  stdin?: Writable
  resize(size: TerminalSize): void
}

export type Output = 'stdout' | 'stderr'

/** The client at the other end of a program's streams, whatever it speaks. */
export interface Peer {
  /** Aborts when the client is gone, also after the streams have ended. */
  readonly gone: AbortSignal
  /** Says which outputs there will be, before there is any: some clients wait for that. */
  announce(outputs: Pick<StreamQuery, Output>): Promise<void>
  /** Hands what the client sends to its receivers, no faster than they take it. What came before has been kept. */
  receive(inputs: Inputs): void
  /** Sends a stream to its end, no faster than the client takes it. Rejects when the client is gone. */
  send(output: Output, stream: AsyncIterable<Buffer>): Promise<void>
  /** Sends how it ended, and closes. */
  conclude(status: object): Promise<void>
}

/** A message of a client about its terminal; undefined where it is none. A window that is hidden may have no size. */
export function parseSize(text: string): TerminalSize | undefined {
  try {
    const { Width: columns, Height: rows } = JSON.parse(text)
    const isSize = (value: unknown) => Number.isInteger(value) && Number(value) > 0 && Number(value) < 0x10000
    return isSize(columns) && isSize(rows) ? { columns, rows } : undefined
  } catch {
    return undefined
  }
}
