import { hash, timingSafeEqual } from 'node:crypto'
import { authenticated, type Identity } from './identity.ts'

interface KnownToken {
  digest: Buffer
  identity: Identity
}

const digestOf = (token: string) => hash('sha256', token, 'buffer')

/** The fields of one CSV line; quotes keep commas together and are doubled inside. */
function splitLine(line: string): string[] {
  const fields = [...line.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)].map(([, field]) => field!.trim())
  // A line's end matches once more as an empty field.
  if (!line.endsWith(',')) fields.pop()
  return fields.map((field) => (field.startsWith('"') ? field.slice(1, -1).replaceAll('""', '"') : field))
}

function parseLine(line: string, number: number): KnownToken {
  const [token, user, uid, groups = ''] = splitLine(line)
  if (!token || !user || uid === undefined)
    throw new Error(`line ${number} is not of the form token,user,uid,"group1,group2"`)
  const identity = authenticated({
    user,
    uid,
    groups: groups
      .split(',')
      .map((group) => group.trim())
      .filter(Boolean),
  })
  return { digest: digestOf(token), identity }
}

/**
 * Bearer tokens from a file as upstream's `--token-auth-file` has it: one `token,user,uid,"group1,group2"` per line.
 * Throws an Error that names the line which is none.
 */
export function parseTokenFile(text: string): (token: string) => Identity | undefined {
  const known = text
    .split(/\r?\n/)
    .map((line, index) => ({ line: line.trim(), number: index + 1 }))
    .filter(({ line }) => line !== '' && !line.startsWith('#'))
    .map(({ line, number }) => parseLine(line, number))
  // Digests have one length and every one is compared, so the time taken tells nothing about any token.
  return (token) => {
    const digest = digestOf(token)
    let found: Identity | undefined
    for (const candidate of known) if (timingSafeEqual(candidate.digest, digest)) found = candidate.identity
    return found
  }
}
