import fc from 'fast-check'
import t from 'tap'
import { readJsonText } from '../../../apiserver/codec/json-text.ts'
import { parseJson } from '../../../apiserver/codec/parse.ts'

t.test('errors in Go’s words', async (t) => {
  const rows: [text: string, message: string][] = [
    ['', 'unexpected end of JSON input'],
    ['{', 'unexpected end of JSON input'],
    ['"abc', 'unexpected end of JSON input'],
    ['[1', 'unexpected end of JSON input'],
    ['-', 'unexpected end of JSON input'],
    ['x', "invalid character 'x' looking for beginning of value"],
    ["'", "invalid character '\\'' looking for beginning of value"],
    ['é', "invalid character 'Ã' looking for beginning of value"],
    ['\u0000', "invalid character '\\x00' looking for beginning of value"],
    ['{a', "invalid character 'a' looking for beginning of object key string"],
    ['{"a":1,}', "invalid character '}' looking for beginning of object key string"],
    ['{"a" 1}', "invalid character '1' after object key"],
    ['{"a":1 "b"', `invalid character '"' after object key:value pair`],
    ['[1 2]', "invalid character '2' after array element"],
    ['[1,]', "invalid character ']' looking for beginning of value"],
    ['{} {}', "invalid character '{' after top-level value"],
    ['"a\n"', "invalid character '\\n' in string literal"],
    ['"\\x"', "invalid character 'x' in string escape code"],
    ['"\\u12g4"', "invalid character 'g' in \\u hexadecimal character escape"],
    ['01', "invalid character '1' after top-level value"],
    ['-a', "invalid character 'a' in numeric literal"],
    ['1.a', "invalid character 'a' after decimal point in numeric literal"],
    ['1e+a', "invalid character 'a' in exponent of numeric literal"],
    ['trve', "invalid character 'v' in literal true (expecting 'u')"],
    ['nul!', "invalid character '!' in literal null (expecting 'l')"],
  ]
  for (const [text, message] of rows) t.throws(() => readJsonText(text), { message }, JSON.stringify(text))
  for (const [text, message] of rows) t.throws(() => parseJson(text), { message }, JSON.stringify(text))
})

const jsonText = fc.json({ maxDepth: 5 })

/** A JSON text with one character taken out or put in. */
const damagedText = fc
  .tuple(
    jsonText,
    fc.nat(),
    fc.constantFrom('', '{', '}', '[', ']', '"', '\\', ',', ':', '0', '-', 'e', '.', 't', '\n', '\u0001'),
  )
  .map(([text, position, insert]) => {
    const at = position % (text.length + 1)
    return text.slice(0, at) + insert + text.slice(at + (insert === '' ? 1 : 0))
  })

t.test('reads exactly what JSON.parse reads', async () => {
  const accepts = (read: () => unknown) => {
    try {
      read()
      return true
    } catch {
      // Either reader says by an error that the text is none.
      return false
    }
  }
  fc.assert(
    fc.property(
      fc.oneof(jsonText, damagedText),
      (text) => accepts(() => readJsonText(text)) === accepts(() => JSON.parse(text)),
    ),
    { numRuns: 500 },
  )
})

t.test('a text without duplicates has none', async () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), fc.constantFrom(0, 2), (value, indent) => {
      const text = JSON.stringify(value, undefined, indent)
      return readJsonText(text).length === 0 && parseJson(text, { findDuplicates: true }).duplicates.length === 0
    }),
  )
})
