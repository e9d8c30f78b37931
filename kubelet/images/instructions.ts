/** What each instruction of a Dockerfile does to the image that is built: the table at the end is the list. */
import { mkdir } from 'node:fs/promises'
import { posix } from 'node:path'
import { DockerfileError } from './build-error.ts'
import type { BuildContext } from './copy.ts'
import { copy } from './copy-instruction.ts'
import { type Instruction, parseJsonForm, splitWords } from './dockerfile.ts'
import { expand } from './expand.ts'
import { from } from './from-instruction.ts'
import type { ContainerDefaults } from './image-config.ts'
import { insideImage } from './paths.ts'
import { parseSignal } from './signal.ts'
import type { ImageStore } from './store.ts'

interface Surroundings {
  context: BuildContext
  /** Takes a directory for the files of each stage; empty. */
  stagesDirectory: string
  store: Pick<ImageStore, 'find'>
  /** Values for ARGs, from the command line. */
  buildArgs: Readonly<Record<string, string>>
}

/** What one FROM begins, when the next one, or the end, has come. */
export interface Stage {
  /** Empty where it has none. */
  name: string
  config: ContainerDefaults
  /** Directory that holds its files. */
  rootDirectory: string
}

/** An image while it is built; instructions change it. */
export interface Draft extends Surroundings, Stage {
  /** Those that are complete, the first one first. */
  stages: Stage[]
  /** ARGs before the first FROM. */
  globalArgs: Record<string, string>
  args: Record<string, string>
  env: Record<string, string>
  hasBase: boolean
  /** CMD was set in this Dockerfile: an ENTRYPOINT that follows keeps it. */
  hasOwnCmd: boolean
  warnings: string[]
}

export type Perform = (draft: Draft, instruction: Instruction) => void | Promise<void>

/** PATH of an image whose base image is not known, as of most base images. */
const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
const SHELL = ['/bin/sh', '-c']

export const newDraft = (surroundings: Surroundings): Draft => ({
  ...surroundings,
  name: '',
  config: {},
  rootDirectory: '',
  stages: [],
  globalArgs: {},
  args: {},
  env: {},
  hasBase: false,
  hasOwnCmd: false,
  warnings: [],
})

/** What `$NAME` means at this point. */
export const variablesOf = ({ args, env }: Pick<Draft, 'args' | 'env'>): Record<string, string> => ({
  PATH: DEFAULT_PATH,
  ...args,
  ...env,
})

/** A path of the image as written in an instruction: relative ones start at the working directory. */
export const imagePath = ({ config }: Draft, path: string): string => posix.resolve(config.WorkingDir || '/', path)

/** `NAME=value` pairs, or the old form `NAME the value`. */
function parsePairs(draft: Draft, { line, name, text }: Instruction): [string, string][] {
  const variables = variablesOf(draft)
  const words = splitWords(text)
  const first = words[0]
  if (first === undefined) throw new DockerfileError(line, `${name} needs NAME=value`)
  if (!first.includes('=')) {
    const value = text.slice(first.length).trim()
    if (value === '') throw new DockerfileError(line, `${name} ${first} needs a value: ${name} ${first}=value`)
    return [[first, expand(value, variables)]]
  }
  return words.map((word) => {
    const split = word.indexOf('=')
    if (split < 1) throw new DockerfileError(line, `${name}: ${word} is not NAME=value`)
    return [expand(word.slice(0, split), variables), expand(word.slice(split + 1), variables)]
  })
}

const arg: Perform = (draft, { text }) => {
  for (const word of splitWords(text)) {
    const split = word.indexOf('=')
    const name = split === -1 ? word : word.slice(0, split)
    const byDefault = split === -1 ? draft.globalArgs[name] : expand(word.slice(split + 1), variablesOf(draft))
    const value = draft.buildArgs[name] ?? byDefault
    if (value !== undefined) draft.args[name] = value
  }
}

const env: Perform = (draft, instruction) => {
  Object.assign(draft.env, Object.fromEntries(parsePairs(draft, instruction)))
  draft.config.Env = Object.entries(draft.env).map(([name, value]) => `${name}=${value}`)
}

const label: Perform = (draft, instruction) => {
  draft.config.Labels = { ...draft.config.Labels, ...Object.fromEntries(parsePairs(draft, instruction)) }
}

const workdir: Perform = async (draft, { line, text }) => {
  const path = expand(text, variablesOf(draft))
  if (path === '') throw new DockerfileError(line, 'WORKDIR needs a path')
  draft.config.WorkingDir = imagePath(draft, path)
  await mkdir(insideImage(draft.rootDirectory, draft.config.WorkingDir), { recursive: true })
}

/** The exec form as it is; the shell form as a shell's command. */
const commandOf = (text: string) => parseJsonForm(text) ?? [...SHELL, text]

const entrypoint: Perform = (draft, { text }) => {
  draft.config.Entrypoint = commandOf(text)
  // The command of a base image was meant for the base image's entrypoint.
  if (!draft.hasOwnCmd) delete draft.config.Cmd
}

const cmd: Perform = (draft, { text }) => {
  draft.config.Cmd = commandOf(text)
  draft.hasOwnCmd = true
}

const expose: Perform = (draft, { line, text }) => {
  for (const word of splitWords(text)) {
    const port = expand(word, variablesOf(draft)).toLowerCase()
    if (!/^\d+(-\d+)?(\/(tcp|udp|sctp))?$/.test(port)) throw new DockerfileError(line, `EXPOSE: ${port} is no port`)
    draft.config.ExposedPorts = { ...draft.config.ExposedPorts, [port.includes('/') ? port : `${port}/tcp`]: {} }
  }
}

const user: Perform = (draft, { text }) => {
  draft.config.User = expand(text, variablesOf(draft))
  draft.warnings.push(`USER ${draft.config.User} is recorded, but programs run as you`)
}

const stopSignal: Perform = (draft, { line, text }) => {
  draft.config.StopSignal = expand(text, variablesOf(draft))
  if (parseSignal(draft.config.StopSignal) === undefined) throw new DockerfileError(line, `no signal is called ${text}`)
}

const refuse =
  (why: string): Perform =>
  (_draft, { line, name }) => {
    throw new DockerfileError(line, `${name} ${why}`)
  }

const INSTRUCTIONS: Readonly<Record<string, Perform>> = {
  FROM: from,
  ARG: arg,
  ENV: env,
  LABEL: label,
  WORKDIR: workdir,
  COPY: copy,
  ADD: copy,
  ENTRYPOINT: entrypoint,
  CMD: cmd,
  EXPOSE: expose,
  USER: user,
  STOPSIGNAL: stopSignal,
  RUN: refuse('needs a container to run in: do this step on your machine before the build, and COPY its result'),
  VOLUME: refuse('is not supported: declare volumes in the pod'),
  HEALTHCHECK: refuse('means nothing to Kubernetes: declare a probe in the pod'),
  SHELL: refuse('is not supported: use the exec form, ["program", "argument"]'),
  ONBUILD: refuse('is not supported: write the instruction into the Dockerfile that needs it'),
  MAINTAINER: refuse('is deprecated: use LABEL maintainer=…'),
}

/** Carries out one instruction. Throws a DockerfileError that names line and way out. */
export async function perform(draft: Draft, instruction: Instruction): Promise<void> {
  const { line, name } = instruction
  const known = Object.hasOwn(INSTRUCTIONS, name) ? INSTRUCTIONS[name] : undefined
  if (known === undefined) throw new DockerfileError(line, `there is no instruction ${name}`)
  if (!draft.hasBase && name !== 'FROM' && name !== 'ARG') throw new DockerfileError(line, `${name} before FROM`)
  await known(draft, instruction)
}
