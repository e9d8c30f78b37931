/** From bytes to plain values. What the values mean is decided by `decode.ts`. */
import { ApiError } from '../../shared/errors.ts'
import { JsonTextError, readJsonText } from './json-text.ts'
import { MAX_DEPTH } from './limits.ts'

/** The body cannot be read. The message is Go's, for the caller to put into context. */
export class ParseError extends Error {
  override readonly name = 'ParseError'
}

export interface ParsedBody {
  value: unknown
  /** What strict decoding objects to: `duplicate field "spec.replicas"`. Empty unless it was asked for. */
  duplicates: readonly string[]
}

interface Extent {
  /** Fields of all objects. */
  fields: number
  depth: number
}

function measure(value: unknown, extent: Extent): void {
  if (typeof value !== 'object' || value === null) return
  const opening = Array.isArray(value) ? '[' : '{'
  if (++extent.depth > MAX_DEPTH) throw new ParseError(`invalid character '${opening}' exceeded max depth`)
  if (Array.isArray(value)) for (const element of value) measure(element, extent)
  else {
    const members = Object.values(value)
    extent.fields += members.length
    for (const member of members) measure(member, extent)
  }
  extent.depth--
}

/** Whether the quote at `position` is part of the string: an odd number of backslashes stands before it. */
function isEscaped(text: string, position: number): boolean {
  let start = position
  while (text.charCodeAt(start - 1) === 0x5c) start--
  return (position - start) % 2 === 1
}

/** Counts the fields that a valid JSON text writes down, duplicates included: its strings with a colon behind. */
function countFields(text: string): number {
  let count = 0
  for (let start = text.indexOf('"'); start >= 0; ) {
    let end = text.indexOf('"', start + 1)
    while (isEscaped(text, end)) end = text.indexOf('"', end + 1)
    let after = end + 1
    while (text.charCodeAt(after) <= 0x20) after++
    if (text.charCodeAt(after) === 0x3a) count++
    start = text.indexOf('"', after)
  }
  return count
}

/**
 * Parses JSON text. JSON.parse keeps the last of several fields of one name, so the text then writes down more fields
 * than the value has: only then is it read a second time to find them. Throws a ParseError.
 */
export function parseJson(text: string, { findDuplicates = false } = {}): ParsedBody {
  const value = parseOrExplain(text)
  const extent: Extent = { fields: 0, depth: 0 }
  measure(value, extent)
  const hasDuplicates = findDuplicates && countFields(text) > extent.fields
  return {
    value,
    duplicates: hasDuplicates ? readJsonText(text).map((field) => `duplicate field ${JSON.stringify(field)}`) : [],
  }
}

function parseOrExplain(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw new ParseError(explain(text) ?? error.message)
  }
}

/** Go's words for what is wrong with a text. */
function explain(text: string): string | undefined {
  try {
    readJsonText(text)
    return undefined
  } catch (error) {
    if (!(error instanceof JsonTextError)) throw error
    return error.message
  }
}

/** The media type of a Content-Type header, without parameters. Absent: JSON. */
export function mediaTypeOf(contentType: string | undefined): string {
  const type = (contentType ?? '').split(';')[0]!.trim().toLowerCase()
  return type === '' ? 'application/json' : type
}

const unsupportedBody = () =>
  new ApiError(
    415,
    'UnsupportedMediaType',
    'the body of the request was in an unknown format - accepted media types include: application/json, application/yaml',
  )

/** A body that does not even say what it is: the JSON error in upstream's context. */
export const unidentified = (message: string) =>
  new ParseError(`couldn't get version/kind; json parse error: ${message}`)

function parseJsonBody(text: string, options: { findDuplicates: boolean }): ParsedBody {
  try {
    return parseJson(text, options)
  } catch (error) {
    throw error instanceof ParseError ? unidentified(error.message) : error
  }
}

/** Parses a request body by its media type. Throws a ParseError, or an ApiError: 415 for another type, 413 for long YAML. */
export async function parseBody(
  bytes: Uint8Array,
  contentType: string | undefined,
  options: { findDuplicates: boolean },
): Promise<ParsedBody> {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString()
  switch (mediaTypeOf(contentType)) {
    case 'application/json':
      return parseJsonBody(text, options)
    case 'application/yaml': {
      // Few clients send YAML: its parser is loaded for the first of them.
      const { parseYaml } = await import('./yaml.ts')
      return parseYaml(text, options)
    }
    default:
      throw unsupportedBody()
  }
}
