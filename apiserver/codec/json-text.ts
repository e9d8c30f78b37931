/**
 * Reads JSON text once more, character by character, for what JSON.parse does not tell: an error in the words of Go's
 * decoder, and which fields occur twice. Slow, so it is only used where something is known to be wrong.
 */
import { MAX_DEPTH, MAX_FIELD_ERRORS } from './limits.ts'

/** The text is no JSON; the message is Go's. */
export class JsonTextError extends Error {
  override readonly name = 'JsonTextError'
}

interface Reader {
  text: string
  position: number
  depth: number
  /** Where the reader is, as field errors show it: `spec`, `containers[0]`. */
  path: string[]
  duplicates: string[]
}

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  "'": "\\'",
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
}

/** A character as Go shows the byte that it begins with. */
function showCharacter(character: string): string {
  const byte = Buffer.from(character)[0]!
  const shown =
    ESCAPES[character] ?? (byte < 0x20 || byte === 0x7f ? `\\x${byte.toString(16).padStart(2, '0')}` : undefined)
  if (shown !== undefined) return `'${shown}'`
  return byte >= 0x80 && byte < 0xa0 ? `'\\u00${byte.toString(16)}'` : `'${String.fromCharCode(byte)}'`
}

function fail({ text, position }: Reader, context: string): never {
  const codePoint = text.codePointAt(position)
  if (codePoint === undefined) throw new JsonTextError('unexpected end of JSON input')
  throw new JsonTextError(`invalid character ${showCharacter(String.fromCodePoint(codePoint))} ${context}`)
}

const isSpace = (character: string | undefined) =>
  character === ' ' || character === '\n' || character === '\t' || character === '\r'
const isDigit = (character: string | undefined) => character !== undefined && character >= '0' && character <= '9'

function skipSpace(reader: Reader): string | undefined {
  while (isSpace(reader.text[reader.position])) reader.position++
  return reader.text[reader.position]
}

function readEscape(reader: Reader): void {
  const character = reader.text[reader.position]
  if (character === 'u') {
    for (let digit = 0; digit < 4; digit++) {
      reader.position++
      if (!/^[0-9a-fA-F]$/.test(reader.text[reader.position] ?? '')) fail(reader, 'in \\u hexadecimal character escape')
    }
  } else if (character === undefined || !'"\\/bfnrt'.includes(character)) fail(reader, 'in string escape code')
  reader.position++
}

/** Reads a string whose opening quote is the current character. */
function readString(reader: Reader): string {
  const start = reader.position++
  for (;;) {
    const character = reader.text[reader.position]
    if (character === undefined || character < ' ') fail(reader, 'in string literal')
    reader.position++
    if (character === '"') return JSON.parse(reader.text.slice(start, reader.position)) as string
    if (character === '\\') readEscape(reader)
  }
}

function readDigits(reader: Reader, context: string): void {
  if (!isDigit(reader.text[reader.position])) fail(reader, context)
  while (isDigit(reader.text[reader.position])) reader.position++
}

function readNumber(reader: Reader): void {
  if (reader.text[reader.position] === '-') reader.position++
  if (reader.text[reader.position] === '0') reader.position++
  else readDigits(reader, 'in numeric literal')
  if (reader.text[reader.position] === '.') {
    reader.position++
    readDigits(reader, 'after decimal point in numeric literal')
  }
  const exponent = reader.text[reader.position]
  if (exponent !== 'e' && exponent !== 'E') return
  reader.position++
  const sign = reader.text[reader.position]
  if (sign === '+' || sign === '-') reader.position++
  readDigits(reader, 'in exponent of numeric literal')
}

function readLiteral(reader: Reader, literal: string): void {
  for (const expected of literal) {
    if (reader.text[reader.position] !== expected) fail(reader, `in literal ${literal} (expecting '${expected}')`)
    reader.position++
  }
}

/** Reads what stands between two brackets, one level deeper. The opening one is the current character. */
function readNested(reader: Reader, closing: string, readMembers: (reader: Reader) => void): void {
  if (++reader.depth > MAX_DEPTH) fail(reader, 'exceeded max depth')
  reader.position++
  if (skipSpace(reader) !== closing) readMembers(reader)
  reader.position++
  reader.depth--
}

/** Whether another member follows, and not the closing bracket. */
function hasNext(reader: Reader, closing: string, context: string): boolean {
  const next = skipSpace(reader)
  if (next === closing) return false
  if (next !== ',') fail(reader, context)
  reader.position++
  return true
}

function readFields(reader: Reader): void {
  const seen = new Set<string>()
  do {
    if (skipSpace(reader) !== '"') fail(reader, 'looking for beginning of object key string')
    const key = readString(reader)
    if (seen.has(key)) noteDuplicate(reader, key)
    seen.add(key)
    if (skipSpace(reader) !== ':') fail(reader, 'after object key')
    reader.position++
    reader.path.push(key)
    readValue(reader)
    reader.path.pop()
  } while (hasNext(reader, '}', 'after object key:value pair'))
}

function noteDuplicate({ path, duplicates }: Reader, key: string): void {
  const field = [...path, key].join('.')
  if (!duplicates.includes(field) && duplicates.length < MAX_FIELD_ERRORS) duplicates.push(field)
}

function readElements(reader: Reader): void {
  const last = reader.path.length - 1
  const name = reader.path[last] ?? ''
  let index = 0
  do {
    if (last >= 0) reader.path[last] = `${name}[${index++}]`
    readValue(reader)
  } while (hasNext(reader, ']', 'after array element'))
  if (last >= 0) reader.path[last] = name
}

function readValue(reader: Reader): void {
  const character = skipSpace(reader)
  if (character === '{') readNested(reader, '}', readFields)
  else if (character === '[') readNested(reader, ']', readElements)
  else if (character === '"') readString(reader)
  else if (character === '-' || isDigit(character)) readNumber(reader)
  else if (character === 't') readLiteral(reader, 'true')
  else if (character === 'f') readLiteral(reader, 'false')
  else if (character === 'n') readLiteral(reader, 'null')
  else fail(reader, 'looking for beginning of value')
}

/** The fields that occur twice, as field errors name them. Throws a JsonTextError where the text is no JSON. */
export function readJsonText(text: string): string[] {
  const reader: Reader = { text, position: 0, depth: 0, path: [], duplicates: [] }
  readValue(reader)
  if (skipSpace(reader) !== undefined) fail(reader, 'after top-level value')
  return reader.duplicates
}
