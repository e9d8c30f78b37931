import {
  type DocumentOptions,
  LineCounter,
  type ParseOptions,
  parseDocument,
  type SchemaOptions,
  type Tags,
  type YAMLError,
} from 'yaml'
import { MAX_DEPTH, MAX_FIELD_ERRORS, MAX_YAML_CHARACTERS } from './limits.ts'
import { type ParsedBody, ParseError } from './parse.ts'

/** Aliases of one document that are followed; a billion laughs need more. */
const MAX_ALIASES = 100

/** Times stay texts, and colons do not make numbers of base 60: Go's parser knows neither. */
const withoutTimes = (tags: Tags): Tags =>
  tags.filter(
    (tag) => typeof tag === 'string' || !(tag.tag.endsWith(':timestamp') || ('format' in tag && tag.format === 'TIME')),
  )

/** Kubernetes reads YAML 1.1: `on` is true and 0644 is octal. */
const OPTIONS: ParseOptions & DocumentOptions & SchemaOptions = {
  version: '1.1',
  customTags: withoutTimes,
  prettyErrors: false,
  logLevel: 'silent',
}

interface Copier {
  characters: number
  depth: number
}

/**
 * A copy in which aliases no longer share anything, so that later steps may change one place only. Bounded, since
 * aliases of aliases expand a small document without limit.
 */
function copyExpanded(value: unknown, copier: Copier): unknown {
  copier.characters += typeof value === 'string' ? value.length : 1
  if (copier.characters > MAX_YAML_CHARACTERS) throw new ParseError('yaml: document contains excessive aliasing')
  if (typeof value === 'number' && !Number.isFinite(value)) throw new ParseError(`json: unsupported value: ${value}`)
  if (typeof value !== 'object' || value === null) return value
  if (++copier.depth > MAX_DEPTH) throw new ParseError('yaml: exceeded max depth')
  const copy = Array.isArray(value)
    ? value.map((element) => copyExpanded(element, copier))
    : Object.fromEntries(
        Object.entries(value).map(([key, member]) => {
          copier.characters += key.length
          return [key, copyExpanded(member, copier)]
        }),
      )
  copier.depth--
  return copy
}

const lineOf = (lines: LineCounter, error: YAMLError) => lines.linePos(error.pos[0]).line

function toValue(document: ReturnType<typeof parseDocument>): unknown {
  try {
    return document.toJS({ maxAliasCount: MAX_ALIASES })
  } catch (error) {
    if (error instanceof ReferenceError) throw new ParseError(`yaml: ${error.message}`)
    throw error
  }
}

function parseText(text: string, lines: LineCounter) {
  try {
    return parseDocument(text, { ...OPTIONS, lineCounter: lines })
  } catch (error) {
    // The parser descends into itself; only a document nested beyond reason takes it to the end of the stack.
    if (error instanceof RangeError) throw new ParseError('yaml: exceeded max depth')
    throw error
  }
}

/** Parses one YAML document. Throws a ParseError. */
export function parseYaml(text: string, { findDuplicates }: { findDuplicates: boolean }): ParsedBody {
  const lines = new LineCounter()
  const document = parseText(text, lines)
  const [duplicates, errors] = [
    document.errors.filter(({ code }) => code === 'DUPLICATE_KEY'),
    document.errors.filter(({ code }) => code !== 'DUPLICATE_KEY'),
  ]
  const [first] = errors
  if (first !== undefined) throw new ParseError(`yaml: line ${lineOf(lines, first)}: ${first.message}`)
  const value = copyExpanded(toValue(document), { characters: 0, depth: 0 })
  const shown = duplicates.slice(0, MAX_FIELD_ERRORS).map((error) => {
    const key = keyAt(text, error.pos[0])
    return `  line ${lineOf(lines, error)}: key ${JSON.stringify(key)} already set in map`
  })
  return {
    value,
    duplicates: findDuplicates && shown.length > 0 ? [`yaml: unmarshal errors:\n${shown.join('\n')}`] : [],
  }
}

/** The key that begins at a position, as it is written there. */
const keyAt = (text: string, position: number): string =>
  /^["']?([^"':\n]*)/.exec(text.slice(position, position + 300))?.[1]?.trim() ?? ''
