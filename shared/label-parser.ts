/** Reads label selectors in their text form (`?labelSelector=`, `kubectl get -l`), with upstream's grammar and error texts. */
import { validateLabelValue, validateQualifiedName } from './api/names.ts'
import { badRequest } from './errors.ts'
import { type FieldError, invalid } from './field-errors.ts'
import type { Requirement, Selector, SelectorOperator } from './labels.ts'

type TokenType = 'identifier' | 'in' | 'notin' | 'end' | '==' | '!=' | '=' | '!' | '(' | ')' | ',' | '>' | '<'
interface Token {
  type: TokenType
  text: string
}
/** The tokens of a text, and how many of them have been read. */
interface Cursor {
  tokens: readonly Token[]
  position: number
}

const TOKEN = /(?<symbol>==|!=|[=!(),><])|(?<word>[^=!(),>< \t\r\n]+)/g
const END: Token = { type: 'end', text: '' }

/** In the order in which upstream's error lists them. */
const BINARY_OPERATORS = ['in', 'notin', '=', '==', '!=', 'gt', 'lt']

/** What is wrong with the text, without the prefix that says where. */
class SyntaxProblem extends Error {}

const problem = (found: Token, expected: string) => new SyntaxProblem(`found '${found.text}'${expected}`)

const tokenize = (text: string): Token[] =>
  [...text.matchAll(TOKEN)].map(({ 0: found, groups }) => {
    const isKeyword = found === 'in' || found === 'notin'
    return { type: groups?.symbol !== undefined || isKeyword ? (found as TokenType) : 'identifier', text: found }
  })

const peekRaw = ({ tokens, position }: Cursor): Token => tokens[position] ?? END

/** The next token; `in` and `notin` are plain words here, as they may be keys and values. */
function peek(cursor: Cursor): Token {
  const token = peekRaw(cursor)
  return token.type === 'in' || token.type === 'notin' ? { type: 'identifier', text: token.text } : token
}

function next(cursor: Cursor): Token {
  const token = peek(cursor)
  cursor.position++
  return token
}

function parseKey(cursor: Cursor): { key: string; unary: SelectorOperator | undefined } {
  let token = next(cursor)
  const isNegated = token.type === '!'
  if (isNegated) token = next(cursor)
  if (token.type !== 'identifier') throw problem(token, ', expected: identifier')
  const key = token.text
  const errors = validateQualifiedName(key)
  if (errors.length > 0) throw new SyntaxProblem(`<nil>: ${invalid('', key, errors.join('; ')).message}`)
  const { type } = peek(cursor)
  const isUnary = isNegated || type === 'end' || type === ','
  return { key, unary: isNegated ? '!' : isUnary ? 'exists' : undefined }
}

function parseOperator(cursor: Cursor): SelectorOperator {
  const token = peekRaw(cursor)
  cursor.position++
  switch (token.type) {
    case 'in':
    case 'notin':
    case '=':
    case '==':
    case '!=':
    case '>':
    case '<':
      return token.type
    default:
      throw problem(token, `, expected: ${BINARY_OPERATORS.join(', ')}`)
  }
}

/** `(x,y)`. Empty places between commas and brackets stand for the empty value. */
function parseValues(cursor: Cursor): string[] {
  const open = next(cursor)
  if (open.type !== '(') throw problem(open, " expected: '('")
  const first = peek(cursor)
  if (first.type !== 'identifier' && first.type !== ',' && first.type !== ')')
    throw problem(first, ", expected: ',', ')' or identifier")
  const values: string[] = []
  for (let isValueDue = true; ; ) {
    const token = next(cursor)
    if (token.type === 'identifier' && isValueDue) {
      values.push(token.text)
      isValueDue = false
    } else if (token.type === ',' || token.type === ')') {
      if (isValueDue) values.push('')
      if (token.type === ')') return values
      isValueDue = true
    } else {
      throw problem(token, isValueDue ? ", expected: ',', or identifier" : ", expected: ',' or ')'")
    }
  }
}

function parseExactValue(cursor: Cursor): string[] {
  const { type } = peek(cursor)
  if (type === 'end' || type === ',') return ['']
  const token = next(cursor)
  if (token.type !== 'identifier') throw problem(token, ', expected: identifier')
  return [token.text]
}

function validateValues({ key, operator, values }: Requirement): FieldError[] {
  const isOrder = operator === '>' || operator === '<'
  const notIntegers = isOrder
    ? values.flatMap((value, index) =>
        /^[+-]?\d+$/.test(value)
          ? []
          : [invalid(`values[${index}]`, value, "for 'Gt', 'Lt' operators, the value must be an integer")],
      )
    : []
  const notLabels = values.flatMap((value, index) => {
    const errors = validateLabelValue(value)
    return errors.length === 0 ? [] : [invalid(`values[${index}][${key}]`, value, errors.join('; '))]
  })
  return [...notIntegers, ...notLabels]
}

function parseRequirement(cursor: Cursor): Requirement {
  const { key, unary } = parseKey(cursor)
  if (unary !== undefined) return { key, operator: unary, values: [] }
  const operator = parseOperator(cursor)
  const isSet = operator === 'in' || operator === 'notin'
  const values = isSet ? parseValues(cursor) : parseExactValue(cursor)
  const requirement: Requirement = { key, operator, values: [...new Set(values)].sort() }
  const errors = validateValues(requirement).map(({ field, message }) => `${field}: ${message}`)
  if (errors.length > 0) throw new SyntaxProblem(errors.length === 1 ? errors[0] : `[${errors.join(', ')}]`)
  return requirement
}

/** Says of a problem inside a requirement where it was met, as upstream does; others pass unchanged. */
function requirementAt(cursor: Cursor): Requirement {
  try {
    return parseRequirement(cursor)
  } catch (error) {
    if (!(error instanceof SyntaxProblem)) throw error
    throw badRequest(`unable to parse requirement: ${error.message}`)
  }
}

/**
 * The selector that a text such as `app=kubia,tier!=web,env in (test,dev),!canary` states; its requirements are sorted
 * by key. An empty text selects everything. Throws a BadRequest ApiError.
 */
export function parseSelector(text: string): Selector {
  const cursor: Cursor = { tokens: tokenize(text), position: 0 }
  const requirements: Requirement[] = []
  while (peek(cursor).type !== 'end') {
    const start = peek(cursor)
    if (start.type !== 'identifier' && start.type !== '!')
      throw badRequest(
        requirements.length === 0
          ? `found '${start.text}', expected: !, identifier, or 'end of string'`
          : `found '${start.text}', expected: identifier after ','`,
      )
    requirements.push(requirementAt(cursor))
    const separator = next(cursor)
    if (separator.type === 'end') break
    if (separator.type !== ',') throw badRequest(`found '${separator.text}', expected: ',' or 'end of string'`)
    if (peek(cursor).type === 'end') throw badRequest("found '', expected: identifier after ','")
  }
  return requirements.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
}
