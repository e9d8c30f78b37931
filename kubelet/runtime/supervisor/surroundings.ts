/** Programs that become part of a running container. */
import { statSync } from 'node:fs'
import { posix } from 'node:path'
import { translateWordsBy } from '../mounted-paths.ts'
import { splitEnvironment } from './namespaces/inherited.ts'
import { filesOf } from './namespaces/root-view.ts'
import { insideCommand } from './namespaces/start-script.ts'
import { findProgram, type ProgramSpec } from './program.ts'
import type { Surroundings } from './protocol.ts'

const isDirectory = (path: string) => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false

/** What is to be started on the host to run a program in a container. Throws a StartError where there is no such program. */
export function inside(
  { env, workingDirectory, enter }: Surroundings,
  argv: readonly string[],
  { tty = false }: { tty?: boolean } = {},
): ProgramSpec {
  if (enter === undefined) return { argv: translateWordsBy(env, argv, isDirectory), env, workingDirectory }
  const program = { argv, env, workingDirectory }
  findProgram(program, filesOf({ layers: [enter.root], mounts: new Map() }))
  const { early, late } = splitEnvironment(env)
  const between = insideCommand(posix.resolve('/', workingDirectory), late)
  return { argv: [...(tty ? enter.terminalArgv : enter.argv), ...between, ...argv], env: early, workingDirectory: '/' }
}
