/** The program of a container: its own command and arguments over those of its image. Pure. */
import type { Container } from '../../shared/api/pod/pod.ts'
import { expand } from './expand.ts'

export interface ImageProgram {
  entrypoint: readonly string[]
  cmd: readonly string[]
}

/**
 * A container's `command` replaces the image's entrypoint and drops its command; `args` replace the image's command.
 * References to variables are resolved in what the spec says, never in what the image says.
 */
export function commandLine(
  { command = [], args = [] }: Container,
  image: ImageProgram,
  variables: Readonly<Record<string, string>>,
): string[] {
  const resolve = (words: readonly string[]) => words.map((word) => expand(word, variables))
  if (command.length > 0) return [...resolve(command), ...resolve(args)]
  return [...image.entrypoint, ...(args.length > 0 ? resolve(args) : image.cmd)]
}
