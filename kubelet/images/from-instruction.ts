/** FROM: begins a stage, on an image, on an earlier stage, or on nothing. */
import { cp, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { DockerfileError } from './build-error.ts'
import { splitWords } from './dockerfile.ts'
import { expand } from './expand.ts'
import type { ContainerDefaults } from './image-config.ts'
import type { Draft, Perform, Stage } from './instructions.ts'

/** More than any Dockerfile has: each takes a directory. */
const STAGES_MAX = 100

const STAGE_NAME = /^[a-z][-a-z0-9_.]*$/

/** An earlier stage, by name or by number. */
export const findStage = ({ stages }: Draft, name: string): Stage | undefined =>
  stages.find((stage) => stage.name !== '' && stage.name === name.toLowerCase()) ??
  (/^\d+$/.test(name) ? stages[Number(name)] : undefined)

const environmentOf = ({ Env = [] }: ContainerDefaults) =>
  Object.fromEntries(Env.map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]))

async function begin(draft: Draft, name: string): Promise<void> {
  if (draft.hasBase) draft.stages.push({ name: draft.name, config: draft.config, rootDirectory: draft.rootDirectory })
  else draft.globalArgs = draft.args
  const rootDirectory = join(draft.stagesDirectory, String(draft.stages.length))
  await mkdir(rootDirectory)
  Object.assign(draft, { name, rootDirectory, config: {}, args: {}, env: {}, hasBase: true, hasOwnCmd: false })
}

export const from: Perform = async (draft, { line, text }) => {
  const words = splitWords(text).filter((word) => !word.startsWith('--'))
  // ARGs before the first FROM are for the FROMs alone.
  const base = expand(words[0] ?? '', draft.hasBase ? draft.globalArgs : draft.args)
  if (base === '') throw new DockerfileError(line, 'FROM needs the name of a base image, or scratch')
  const [, as, name = ''] = words
  if (as !== undefined && (as.toLowerCase() !== 'as' || !STAGE_NAME.test(name.toLowerCase()) || words.length > 3)) {
    throw new DockerfileError(line, `FROM ${text} is not FROM IMAGE or FROM IMAGE AS NAME`)
  }
  if (draft.stages.length >= STAGES_MAX) throw new DockerfileError(line, `there are more than ${STAGES_MAX} stages`)
  await begin(draft, name.toLowerCase())
  if (base === 'scratch') return
  const stage = findStage(draft, base)
  const image = stage === undefined ? await draft.store.find(base) : undefined
  const found = stage ?? (image === undefined ? undefined : { ...image, config: image.config.config })
  if (found === undefined) {
    draft.warnings.push(`the base image ${base} is not in the image store: the host's programs take its place`)
    return
  }
  draft.config = structuredClone(found.config)
  draft.env = environmentOf(found.config)
  await cp(found.rootDirectory, draft.rootDirectory, { recursive: true, verbatimSymlinks: true })
}
