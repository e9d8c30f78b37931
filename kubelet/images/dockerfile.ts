/** Reads a Dockerfile into instructions: lines, comments, continuations. What an instruction means is not decided here. */

export interface Instruction {
  /** Line on which it begins, from 1. */
  line: number
  /** In capitals: `COPY`. */
  name: string
  /** Everything after the name, continuation lines joined. */
  text: string
}

const DIRECTIVE = /^#\s*(\w+)\s*=\s*(\S+)\s*$/

/** The character that continues lines: a backslash unless the first lines say `# escape=` and another one. */
function continuationOf(lines: readonly string[]): string {
  for (const line of lines) {
    const match = DIRECTIVE.exec(line.trim())
    if (match === null) break
    if (match[1]!.toLowerCase() === 'escape') return match[2] === '`' ? '`' : '\\'
  }
  return '\\'
}

const isComment = (line: string) => line.trimStart().startsWith('#')

export function parseDockerfile(source: string): Instruction[] {
  const lines = source.replace(/^\uFEFF/, '').split(/\r?\n/)
  const continuation = continuationOf(lines)
  const instructions: Instruction[] = []
  let begun: { line: number; text: string } | undefined
  const finish = () => {
    if (begun === undefined) return
    const [, name, text] = /^\s*(\S+)\s*([\s\S]*)$/.exec(begun.text)!
    instructions.push({ line: begun.line, name: name!.toUpperCase(), text: text!.trim() })
    begun = undefined
  }
  for (const [index, line] of lines.entries()) {
    // Comments and empty lines are skipped even in the middle of a continued instruction.
    if (isComment(line) || line.trim() === '') continue
    const stripped = line.trimEnd()
    const continues = stripped.endsWith(continuation)
    const part = continues ? stripped.slice(0, -1) : stripped
    begun = { line: begun?.line ?? index + 1, text: (begun?.text ?? '') + part }
    if (!continues && begun.text.trim() !== '') finish()
  }
  if (begun?.text.trim()) finish()
  return instructions
}

/** The words of an instruction; quotes hold words together and are kept, for `unquote` after variables are expanded. */
export function splitWords(text: string): string[] {
  return text.match(/(?:"(?:\\.|[^"\\])*"|'[^']*'|\\.|[^\s"'\\])+/g) ?? []
}

/** The JSON form `["a", "b"]`, or undefined where the text is in shell form. */
export function parseJsonForm(text: string): string[] | undefined {
  if (!text.startsWith('[')) return undefined
  try {
    const value: unknown = JSON.parse(text)
    const isList = Array.isArray(value) && value.every((item) => typeof item === 'string')
    return isList ? value : undefined
  } catch (error) {
    // Docker takes what only looks like JSON for the shell form, a `[` being a program.
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
