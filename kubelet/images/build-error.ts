/** An image cannot be built, for a reason that its author can mend; the message says how. */
export class BuildError extends Error {
  override readonly name: string = 'BuildError'
}

/** A BuildError in one line of the Dockerfile, which the message names. */
export class DockerfileError extends BuildError {
  override readonly name = 'DockerfileError'
  constructor(line: number, message: string) {
    super(`Dockerfile line ${line}: ${message}`)
  }
}
