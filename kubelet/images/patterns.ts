/** File patterns of Dockerfile and .dockerignore: `*`, `?` and `[a-z]` within one part of a path, `**` for any parts. */

const TOKENS = /\*|\?|\[[^\]]+\]|[.+^${}()|\\[\]]/g

const tokenSource = (token: string): string => {
  if (token === '*') return '[^/]*'
  if (token === '?') return '[^/]'
  return token.length > 1 ? token : `\\${token}`
}

const segmentSource = (segment: string): string => segment.replaceAll(TOKENS, tokenSource)

/** The pattern as a regular expression over whole paths relative to the build context. */
export function patternOf(pattern: string): RegExp {
  const parts = pattern.split('/').filter((part) => part !== '' && part !== '.')
  const source = parts
    .map((part, index) => {
      const isLast = index === parts.length - 1
      if (part === '**') return isLast ? '.*' : '(?:.*/)?'
      return `${segmentSource(part)}${isLast ? '' : '/'}`
    })
    .join('')
  return new RegExp(`^${source}$`)
}

export const hasWildcard = (path: string): boolean => /[*?[]/.test(path)

/** Which files of a build context are left out. */
export interface IgnoreRules {
  isIgnored(path: string): boolean
  /** Whether a file below an ignored directory may be taken back by a `!` line. */
  hasExceptions: boolean
}

/** Reads `.dockerignore`. Of several lines that match a path, the last one counts. */
export function parseIgnoreFile(source: string): IgnoreRules {
  const rules = source
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const isException = line.startsWith('!')
      return { isException, pattern: patternOf(isException ? line.slice(1).trim() : line) }
    })
  return {
    hasExceptions: rules.some(({ isException }) => isException),
    isIgnored(path) {
      const parts = path.split('/')
      // A pattern that matches a directory matches everything below it.
      const prefixes = parts.map((_, index) => parts.slice(0, index + 1).join('/'))
      const last = rules.findLast(({ pattern }) => prefixes.some((prefix) => pattern.test(prefix)))
      return last !== undefined && !last.isException
    },
  }
}
