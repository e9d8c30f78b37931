/** Writes whole answers, past the framework, which would put its own words into the media type. */
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { promisify } from 'node:util'
import { constants, gzip } from 'node:zlib'
import type { Call } from './call.ts'
import type { PlainAnswer } from './exchange.ts'

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
  let bytes = body
  if (body.length > GZIP_BYTES_MIN && takesGzip(call.raw.headers['accept-encoding'])) {
    bytes = await compress(body, { level: constants.Z_BEST_SPEED })
    headers['content-encoding'] = 'gzip'
    headers.vary = 'accept-encoding'
  }
  headers['content-length'] = Buffer.byteLength(bytes)
  response.writeHead(status, headers).end(bytes)
}
