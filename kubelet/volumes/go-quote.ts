/** Go's `%q`: how labels and annotations are written into files of the downward API. Pure. */

const SHORT: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\u0007': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
}

/** What does not stand for itself: quotes, backslashes and everything that cannot be seen, but for the plain space. */
const SPECIAL = /["\\]|(?! )[\p{C}\p{Z}]/gu

function escaped(character: string): string {
  const short = SHORT[character]
  if (short !== undefined) return short
  const code = character.codePointAt(0)!
  const hex = code.toString(16)
  if (code < 0x80) return `\\x${hex.padStart(2, '0')}`
  return code > 0xffff ? `\\U${hex.padStart(8, '0')}` : `\\u${hex.padStart(4, '0')}`
}

export const goQuote = (text: string): string => `"${text.replaceAll(SPECIAL, escaped)}"`
