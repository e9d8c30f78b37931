import { randomInt } from 'node:crypto'

/** No vowels, so that no words come about, and nothing that looks like another character. Upstream's alphabet. */
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789'
const SUFFIX_LENGTH = 5
/** Generated names are valid labels too. */
const NAME_LENGTH_MAX = 63

/** Five random characters. */
export const randomSuffix = (): string =>
  Array.from({ length: SUFFIX_LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join('')

/** The name made of a `generateName` and a suffix; a long prefix is cut. */
export const generatedName = (prefix: string, suffix: string): string =>
  prefix.slice(0, NAME_LENGTH_MAX - SUFFIX_LENGTH) + suffix
