/** How a stream ended, as the Status on its error channel: pure, in the words that clients branch on. */

const success = { metadata: {}, status: 'Success' } as const

const failure = (message: string, rest: { reason: string; details: object; code?: number }) => ({
  metadata: {},
  status: 'Failure' as const,
  message,
  ...rest,
})

/** A program ran and ended. */
export function endStatus(command: readonly string[], exitCode: number) {
  if (exitCode === 0) return success
  const cause = `error executing command [${command.join(' ')}], exit code ${exitCode}`
  return failure(`command terminated with non-zero exit code: ${cause}`, {
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: String(exitCode) }] },
  })
}

/** A program could not be started. */
export function startFailureStatus(message: string) {
  const cause = `error executing command in container: failed to exec in container: ${message}`
  return failure(`Internal error occurred: ${cause}`, {
    reason: 'InternalError',
    details: { causes: [{ message: cause }] },
    code: 500,
  })
}
