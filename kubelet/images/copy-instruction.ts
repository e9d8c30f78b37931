import { realpath } from 'node:fs/promises'
import { DockerfileError } from './build-error.ts'
import { type BuildContext, CopyError, copyIntoImage } from './copy.ts'
import { type Instruction, parseJsonForm, splitWords } from './dockerfile.ts'
import { expand } from './expand.ts'
import { findStage } from './from-instruction.ts'
import { type Draft, imagePath, variablesOf } from './instructions.ts'
import { insideImage } from './paths.ts'
import { parseIgnoreFile } from './patterns.ts'

const URL_LIKE = /^([a-z]+:\/\/|git@)/
const NOTHING_IGNORED = parseIgnoreFile('')
const ARCHIVE = /\.(tar|tgz|tar\.(gz|bz2|xz|zst))$/

interface CopyFlags {
  mode?: number
  /** Stage or image that the files come from; default: the build context. */
  from?: string
}

/** The flags that mean something here; the others are refused or have no effect. */
function parseFlags(draft: Draft, { line, name }: Instruction, flags: readonly string[]): CopyFlags {
  const refused = (why: string) => new DockerfileError(line, `${name} ${why}`)
  let found: CopyFlags = {}
  for (const flag of flags) {
    const [option, value = ''] = flag.split('=')
    if (option === '--chmod' && /^[0-7]{3,4}$/.test(value)) found = { ...found, mode: Number.parseInt(value, 8) }
    else if (option === '--chown') draft.warnings.push(`${flag} has no effect: all files belong to you`)
    else if (option === '--from' && name === 'COPY' && value !== '') found = { ...found, from: value }
    else if (option !== '--link') throw refused(`${flag} is not supported`)
  }
  return found
}

function checkSource({ line, name }: Instruction, source: string): void {
  if (source.startsWith('<<')) {
    throw new DockerfileError(line, `${name} of a here-document is not supported: put the text into a file`)
  }
  if (name !== 'ADD') return
  if (URL_LIKE.test(source)) {
    throw new DockerfileError(line, `ADD ${source} would download it: do so before the build, and COPY the file`)
  }
  if (ARCHIVE.test(source)) {
    throw new DockerfileError(line, `ADD ${source} would unpack it: do so before the build, and COPY the files`)
  }
}

/** Where files are copied from: the build context, or the files of an earlier stage or of an image. */
async function contextOf(draft: Draft, { line }: Instruction, from: string | undefined): Promise<BuildContext> {
  if (from === undefined) return draft.context
  const name = expand(from, variablesOf(draft))
  const found = findStage(draft, name) ?? (await draft.store.find(name))
  if (found === undefined) {
    throw new DockerfileError(line, `COPY --from=${name}: no stage above and no image in the store has this name`)
  }
  return { directory: await realpath(found.rootDirectory), ignore: NOTHING_IGNORED, excluded: '' }
}

/** COPY, and ADD as far as it does the same. */
export async function copy(draft: Draft, instruction: Instruction): Promise<void> {
  const { line, name, text } = instruction
  const [flagText] = /^(--\S+\s+)*/.exec(text)!
  const { from, ...flags } = parseFlags(draft, instruction, splitWords(flagText))
  const operands = text.slice(flagText.length)
  const words = parseJsonForm(operands) ?? splitWords(operands)
  const [destination, ...sources] = words.map((word) => expand(word, variablesOf(draft))).reverse()
  if (destination === undefined || sources.length === 0) {
    throw new DockerfileError(line, `${name} needs a source and a destination`)
  }
  for (const source of sources) checkSource(instruction, source)
  const target = insideImage(draft.rootDirectory, imagePath(draft, destination))
  const isIntoDirectory = /(^|\/)\.?$/.test(destination)
  try {
    const context = await contextOf(draft, instruction, from)
    await copyIntoImage(context, { sources: sources.reverse(), target, isIntoDirectory, ...flags })
  } catch (error) {
    if (error instanceof CopyError) throw new DockerfileError(line, `${name}: ${error.message}`)
    throw error
  }
}
