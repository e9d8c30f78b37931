/** Field selectors (`?fieldSelector=`): equality and inequality of a few fields of a kind, joined by commas. */
import { badRequest } from './errors.ts'

/** One condition on one field. An unset field has the value ''. */
export interface FieldRequirement {
  readonly field: string
  readonly operator: '=' | '!='
  readonly value: string
}

/** Conditions that must all hold; none of them selects everything. */
export type FieldSelector = readonly FieldRequirement[]

const OPERATOR = /!=|==|=/

/** Splits at commas that no backslash escapes. */
function splitTerms(text: string): string[] {
  const terms: string[] = []
  let start = 0
  for (let index = 0; index < text.length; index++) {
    if (text[index] === '\\') index++
    else if (text[index] === ',') {
      terms.push(text.slice(start, index))
      start = index + 1
    }
  }
  return [...terms, text.slice(start)].filter((term) => term !== '')
}

/** In values `\\`, `\,` and `\=` stand for the character itself; a bare `=` or another escape is an error. */
function unescapeValue(text: string): string {
  let value = ''
  for (let index = 0; index < text.length; index++) {
    const char = text[index]!
    // Upstream prints the character's number here: a Go rune.
    if (char === '=') throw badRequest(`invalid field selector: unescaped character in value: ${char.charCodeAt(0)}`)
    if (char !== '\\') {
      value += char
      continue
    }
    const escaped = text[++index]
    if (escaped !== '\\' && escaped !== ',' && escaped !== '=')
      throw badRequest(`invalid field selector: invalid escape sequence: \\${escaped ?? ''}`)
    value += escaped
  }
  return value
}

const escapeValue = (value: string) => value.replaceAll(/[\\,=]/g, (char) => `\\${char}`)

/**
 * The field selector that a text such as `spec.nodeName=node-1,status.phase!=Running` states. Which fields a kind has is
 * the caller's to check. An empty text selects everything. Throws a BadRequest ApiError.
 */
export function parseFieldSelector(text: string): FieldSelector {
  return splitTerms(text).map((term): FieldRequirement => {
    const found = OPERATOR.exec(term)
    if (found === null) throw badRequest(`invalid selector: '${text}'; can't understand '${term}'`)
    const value = unescapeValue(term.slice(found.index + found[0].length))
    return { field: term.slice(0, found.index), operator: found[0] === '!=' ? '!=' : '=', value }
  })
}

/** Whether every requirement holds for the values that `read` returns by field name. */
export const matchesFieldSelector = (selector: FieldSelector, read: (field: string) => string): boolean =>
  selector.every(({ field, operator, value }) => (read(field) === value) === (operator === '='))

/** The value that a selector pins a field to, if it does: what an index can look up. */
export const requiredFieldValue = (selector: FieldSelector, field: string): string | undefined =>
  selector.find((requirement) => requirement.field === field && requirement.operator === '=')?.value

/** A field selector in its text form. */
export const formatFieldSelector = (selector: FieldSelector): string =>
  selector.map(({ field, operator, value }) => `${field}${operator}${escapeValue(value)}`).join(',')
