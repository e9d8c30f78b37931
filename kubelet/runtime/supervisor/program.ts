/** Finds a container's program as `execvp` would, to say what is wrong in the words that upstream's runtimes use. */
import { accessSync, constants, type Stats, statSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'
import { StartError } from '../runtime.ts'

/** Exit codes of a shell, and of upstream's runtimes, for programs that could not be started. */
const NOT_EXECUTABLE = 126
const NOT_FOUND = 127
const OTHER_FAILURE = 128

const quoted = (text: string) => JSON.stringify(text)

/** The files among which a program is looked for. */
export interface Files {
  /** What is at an absolute path, links followed; undefined where there is nothing. */
  stat(path: string): Stats | undefined
  /** Throws where whoever is to run the file may not. */
  checkExecutable(path: string): void
}

const HOST_FILES: Files = {
  stat: (path) => statSync(path, { throwIfNoEntry: false }),
  checkExecutable: (path) => accessSync(path, constants.X_OK),
}

/** What a path is to somebody who wants to run it. */
function examine(files: Files, path: string): 'program' | 'missing' | 'directory' | 'denied' {
  try {
    const stat = files.stat(path)
    if (stat === undefined) return 'missing'
    if (stat.isDirectory()) return 'directory'
    files.checkExecutable(path)
    return 'program'
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOTDIR' ? 'missing' : 'denied'
  }
}

function findByPath(files: Files, name: string, workingDirectory: string): string {
  const path = resolve(workingDirectory, name)
  switch (examine(files, path)) {
    case 'program':
      return path
    case 'missing':
      throw new StartError(`exec: ${quoted(name)}: stat ${name}: no such file or directory`, NOT_FOUND)
    case 'directory':
      throw new StartError(`exec: ${quoted(name)}: is a directory`, NOT_EXECUTABLE)
    case 'denied':
      throw new StartError(`exec: ${quoted(name)}: permission denied`, NOT_EXECUTABLE)
  }
}

function searchPath(files: Files, name: string, { env: { PATH: path = '' }, workingDirectory }: ProgramSpec): string {
  const candidates = path.split(delimiter).map((directory) => join(resolve(workingDirectory, directory), name))
  const found = candidates.find((candidate) => examine(files, candidate) === 'program')
  if (found !== undefined) return found
  if (candidates.some((candidate) => examine(files, candidate) === 'denied'))
    throw new StartError(`exec: ${quoted(name)}: permission denied`, NOT_EXECUTABLE)
  throw new StartError(`exec: ${quoted(name)}: executable file not found in $PATH`, NOT_FOUND)
}

export interface ProgramSpec {
  argv: readonly string[]
  env: Readonly<Record<string, string>>
  workingDirectory: string
}

/** The absolute path of a program. Throws a StartError where it, or the working directory, does not exist. */
export function findProgram(spec: ProgramSpec, files: Files = HOST_FILES): string {
  const { argv, workingDirectory } = spec
  const name = argv[0]
  if (name === undefined || name === '') throw new StartError('no command specified', OTHER_FAILURE)
  const texts = [...argv, workingDirectory, ...Object.keys(spec.env), ...Object.values(spec.env)]
  if (texts.some((text) => text.includes('\0'))) throw new StartError('invalid argument', OTHER_FAILURE)
  const directory = files.stat(workingDirectory)
  const missing = directory === undefined ? 'no such file or directory' : 'not a directory'
  if (directory?.isDirectory() !== true)
    throw new StartError(`chdir to cwd (${quoted(workingDirectory)}) failed: ${missing}`, OTHER_FAILURE)
  return name.includes('/') ? findByPath(files, name, workingDirectory) : searchPath(files, name, spec)
}

/** The kernel refused to start a program that is there (out of processes, arguments too long …). */
export const cannotStart = (name: string, cause: string): StartError =>
  new StartError(`exec: ${quoted(name)}: ${cause}`, OTHER_FAILURE)
