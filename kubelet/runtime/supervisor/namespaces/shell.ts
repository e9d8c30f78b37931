/** Pieces of shell scripts. Pure. */

/** One word, whatever it holds. */
export const quote = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`

export const words = (all: readonly string[]): string => all.map(quote).join(' ')

/** A field of an fstab file: white space, `\` and `#` are written as octal numbers. */
export const fstabField = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not stay.
  text.replace(/[\s\\#\u0000-\u001f]/g, (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`)
