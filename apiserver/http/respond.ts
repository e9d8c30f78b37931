/** Writes whole answers, past the framework, which would put its own words into the media type. */
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'
import type { Writable } from 'node:stream'
import { promisify } from 'node:util'
import { constants, createGzip, gzip } from 'node:zlib'
import type { Call } from './call.ts'
import type { Body, Pieces, PlainAnswer } from './exchange.ts'

/** Answers larger than this are compressed for clients that take gzip. */
const GZIP_BYTES_MIN = 128 * 1024

const compress = promisify(gzip)

/** The text of a Warning header, in quotes. */
const warningOf = (text: string) => `299 - "${text.replaceAll(/[\\"]/g, '\\$&').replaceAll(/[^\x20-\x7e]/g, '?')}"`

/** Whether a status comes without a body, and so without a length. */
const isBodiless = (status: number) => status === 204 || status === 304

/** Whether an Accept-Encoding header takes gzip. */
const takesGzip = (header: string | string[] | undefined) =>
  /\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/.test(String(header))

const isWhole = (body: Body): body is Buffer | string => typeof body === 'string' || Buffer.isBuffer(body)

/** Whether a body is large enough to be compressed; one of unknown length is taken for large. */
const isLarge = ({ length = Number.POSITIVE_INFINITY }: Body) => length > GZIP_BYTES_MIN

/** Writes pieces as fast as they are taken, the next when the last is out of its memory. Stops where the receiver is gone. */
async function writePieces(output: Writable, pieces: Pieces, signal: AbortSignal): Promise<void> {
  let wake: () => void = () => undefined
  output.on('drain', () => wake())
  signal.addEventListener('abort', () => wake())
  for (const piece of pieces) {
    if (signal.aborted) return
    if (output.write(piece)) continue
    await new Promise<void>((resolve) => {
      wake = resolve
    })
  }
  if (!signal.aborted) output.end()
}

async function sendPieces(response: ServerResponse, pieces: Pieces, isCompressed: boolean): Promise<void> {
  const gone = new AbortController()
  response.once('close', () => {
    if (!response.writableFinished) gone.abort()
  })
  if (response.destroyed) return
  if (!isCompressed) return writePieces(response, pieces, gone.signal)
  // Compresses on the thread pool, a piece at a time.
  const output = createGzip({ level: constants.Z_BEST_SPEED })
  gone.signal.addEventListener('abort', () => output.destroy())
  output.pipe(response)
  await writePieces(output, pieces, gone.signal)
}

/** Sends an answer; resolves when it has been handed over. A client that is gone gets nothing, and that is no error. */
export async function respond(response: ServerResponse, call: Call, answer: PlainAnswer): Promise<void> {
  const { status, contentType, body, warnings = [], headers: extra } = answer
  const headers: OutgoingHttpHeaders = {
    'audit-id': call.auditId,
    'cache-control': 'no-cache, private',
    'content-type': contentType,
  }
  if (extra !== undefined) Object.assign(headers, extra)
  if (warnings.length > 0) response.setHeader('warning', warnings.map(warningOf))
  if (isBodiless(status)) {
    response.writeHead(status, headers).end()
    return
  }
  const isCompressed = isLarge(body) && takesGzip(call.raw.headers['accept-encoding'])
  if (isCompressed) {
    headers['content-encoding'] = 'gzip'
    headers.vary = 'accept-encoding'
  }
  if (isWhole(body)) {
    const bytes = isCompressed ? await compress(body, { level: constants.Z_BEST_SPEED }) : body
    headers['content-length'] = Buffer.byteLength(bytes)
    response.writeHead(status, headers).end(bytes)
    return
  }
  if (body.length !== undefined && !isCompressed) headers['content-length'] = body.length
  response.writeHead(status, headers)
  if (call.raw.method === 'HEAD') response.end()
  else await sendPieces(response, body, isCompressed)
}
