import {
  Composer,
  type Document,
  type DocumentOptions,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  type ParseOptions,
  Parser,
  type SchemaOptions,
  type Tags,
} from 'yaml'
import { ApiError } from '../../shared/errors.ts'
import { MAX_DEPTH, MAX_FIELD_ERRORS, MAX_YAML_CHARACTERS, MAX_YAML_EXPANDED } from './limits.ts'
import { type ParsedBody, ParseError } from './parse.ts'

/** Aliases of one document that are followed; a billion laughs need more. */
const MAX_ALIASES = 100

/** Times stay texts, and colons do not make numbers of base 60: Go's parser knows neither. */
const withoutTimes = (tags: Tags): Tags =>
  tags.filter(
    (tag) => typeof tag === 'string' || !(tag.tag.endsWith(':timestamp') || ('format' in tag && tag.format === 'TIME')),
  )

/** Kubernetes reads YAML 1.1: `on` is true and 0644 is octal. Keys are compared here, not by the library, in linear time. */
const OPTIONS: ParseOptions & DocumentOptions & SchemaOptions = {
  version: '1.1',
  customTags: withoutTimes,
  uniqueKeys: false,
  prettyErrors: false,
  logLevel: 'silent',
}

/** The first document of a text, as upstream takes the first only. Nesting is bounded while it is read. */
function readDocument(text: string, lines: LineCounter): Document {
  const parser = new Parser(lines.addNewLine)
  function* tokens() {
    lines.addNewLine(0)
    for (const lexeme of new Lexer().lex(text)) {
      yield* parser.next(lexeme)
      if (parser.stack.length > MAX_DEPTH) throw new ParseError('yaml: exceeded max depth')
    }
    yield* parser.end()
  }
  const [document] = new Composer(OPTIONS).compose(tokens(), true, text.length).take(1)
  const [error] = document!.errors
  if (error === undefined) return document as Document
  throw new ParseError(`yaml: line ${lines.linePos(error.pos[0]).line}: ${error.message}`)
}

/** Keys that a map has already, with their lines, in the words of Go's parser. */
function findDuplicates(node: unknown, lines: LineCounter, found: string[]): void {
  if (isSeq(node)) for (const item of node.items) findDuplicates(item, lines, found)
  if (!isMap(node)) return
  const seen = new Set<unknown>()
  for (const { key, value } of node.items) {
    if (isScalar(key)) {
      if (seen.has(key.value) && found.length < MAX_FIELD_ERRORS) {
        const { line } = lines.linePos(key.range?.[0] ?? 0)
        found.push(`  line ${line}: key ${JSON.stringify(String(key.value))} already set in map`)
      }
      seen.add(key.value)
    }
    findDuplicates(value, lines, found)
  }
}

interface Copier {
  characters: number
  depth: number
}

/**
 * A copy in which aliases no longer share anything, so that later steps may change one place only. Bounded, since
 * aliases expand a small document to a large one.
 */
function copyExpanded(value: unknown, copier: Copier): unknown {
  copier.characters += typeof value === 'string' ? value.length : 1
  if (copier.characters > MAX_YAML_EXPANDED) throw new ParseError('yaml: document contains excessive aliasing')
  if (typeof value === 'number' && !Number.isFinite(value)) throw new ParseError(`json: unsupported value: ${value}`)
  if (typeof value !== 'object' || value === null) return value
  if (++copier.depth > MAX_DEPTH) throw new ParseError('yaml: exceeded max depth')
  const copyEntry = ([key, member]: [string, unknown]) => {
    copier.characters += key.length
    return [key, copyExpanded(member, copier)] as const
  }
  const copy = Array.isArray(value)
    ? value.map((element) => copyExpanded(element, copier))
    : Object.fromEntries(Object.entries(value).map(copyEntry))
  copier.depth--
  return copy
}

function toValue(document: Document): unknown {
  try {
    return copyExpanded(document.toJS({ maxAliasCount: MAX_ALIASES }), { characters: 0, depth: 0 })
  } catch (error) {
    // Too many aliases, or one without its anchor.
    if (error instanceof ReferenceError) throw new ParseError(`yaml: ${error.message}`)
    throw error
  }
}

const yamlTooLarge = () =>
  new ApiError(
    413,
    'RequestEntityTooLarge',
    `Request entity too large: limit is ${MAX_YAML_CHARACTERS} for YAML; send JSON, as kubectl does`,
  )

/** Parses the first document of a YAML text. Throws a ParseError, or the ApiError (413) for one that is too long. */
export function parseYaml(text: string, options: { findDuplicates: boolean }): ParsedBody {
  if (text.length > MAX_YAML_CHARACTERS) throw yamlTooLarge()
  const lines = new LineCounter()
  const document = readDocument(text, lines)
  const found: string[] = []
  if (options.findDuplicates) findDuplicates(document.contents, lines, found)
  return {
    value: toValue(document),
    duplicates: found.length === 0 ? [] : [`yaml: unmarshal errors:\n${found.join('\n')}`],
  }
}
