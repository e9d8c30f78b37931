/** Variables and quotes in Dockerfile words, by the shell's rules as far as Docker has them. */

type Variables = Readonly<Record<string, string>>

/** What is in single quotes, in double quotes, and in none; a quote without its partner stands for itself. */
const SEGMENTS = /'(?<single>[^']*)'|"(?<double>(?:\\.|[^"\\])*)"|(?<bare>(?:\\.|[^'"\\])+)|['"\\]/gs
const PARTS = /\\(?<escaped>.)|\$(?:(?<name>\w+)|\{(?<braced>\w+)(?:(?<operator>:?[-+])(?<word>[^}]*))?\})/gs
/** Inside of double quotes a backslash only frees what would mean something there. */
const FREED_IN_QUOTES = '"\\$'

type Groups = Readonly<Record<string, string | undefined>>

const groupsOf = (matched: readonly unknown[]) => matched.at(-1) as Groups

function variable({ name, braced, operator, word = '' }: Groups, variables: Variables): string {
  const value = variables[name ?? braced!]
  // With a colon an empty value counts as none.
  const isSet = value !== undefined && !(operator?.startsWith(':') && value === '')
  if (operator?.endsWith('-')) return isSet ? value : expand(word, variables)
  if (operator?.endsWith('+')) return isSet ? expand(word, variables) : ''
  return value ?? ''
}

const expandPart = (text: string, variables: Variables, freed?: string): string =>
  text.replaceAll(PARTS, (whole, ...matched) => {
    const groups = groupsOf(matched)
    const { escaped } = groups
    if (escaped === undefined) return variable(groups, variables)
    return freed === undefined || freed.includes(escaped) ? escaped : whole
  })

/**
 * Replaces `$NAME`, `${NAME}`, `${NAME:-default}` and `${NAME:+replacement}`, unknown names by nothing, and removes quotes.
 * A backslash, or single quotes, keep a dollar sign as it is.
 */
export const expand = (text: string, variables: Variables): string =>
  text.replaceAll(SEGMENTS, (whole, ...matched) => {
    const { single, double, bare } = groupsOf(matched)
    if (double !== undefined) return expandPart(double, variables, FREED_IN_QUOTES)
    if (bare !== undefined) return expandPart(bare, variables)
    return single ?? whole
  })
