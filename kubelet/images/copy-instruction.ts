import { DockerfileError } from './build-error.ts'
import { CopyError, copyIntoImage } from './copy.ts'
import { type Instruction, parseJsonForm, splitWords } from './dockerfile.ts'
import { expand } from './expand.ts'
import { type Draft, imagePath, variablesOf } from './instructions.ts'
import { insideImage } from './paths.ts'

const URL_LIKE = /^([a-z]+:\/\/|git@)/
const ARCHIVE = /\.(tar|tgz|tar\.(gz|bz2|xz|zst))$/

/** The mode that `--chmod` asks for; the other flags are refused or have no effect here. */
function parseFlags(draft: Draft, { line, name }: Instruction, flags: readonly string[]): { mode?: number } {
  const refused = (why: string) => new DockerfileError(line, `${name} ${why}`)
  let found: { mode?: number } = {}
  for (const flag of flags) {
    const [option, value = ''] = flag.split('=')
    if (option === '--chmod' && /^[0-7]{3,4}$/.test(value)) found = { mode: Number.parseInt(value, 8) }
    else if (option === '--chown') draft.warnings.push(`${flag} has no effect: all files belong to you`)
    else if (option === '--from')
      throw refused('--from is not supported: there is one build stage, COPY from the context')
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

/** COPY, and ADD as far as it does the same. */
export async function copy(draft: Draft, instruction: Instruction): Promise<void> {
  const { line, name, text } = instruction
  const [flagText] = /^(--\S+\s+)*/.exec(text)!
  const flags = parseFlags(draft, instruction, splitWords(flagText))
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
    await copyIntoImage(draft.context, { sources: sources.reverse(), target, isIntoDirectory, ...flags })
  } catch (error) {
    if (error instanceof CopyError) throw new DockerfileError(line, `${name}: ${error.message}`)
    throw error
  }
}
