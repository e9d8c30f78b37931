/** How a stream ended, as the Status on its error channel: pure, in the words that clients branch on. */

export const SUCCESS = { metadata: {}, status: 'Success' } as const

const failure = (message: string, rest: { reason: string; details: object; code?: number }) => ({
  metadata: {},
  status: 'Failure' as const,
  message,
  ...rest,
})

/** A program ran and ended. */
export function endStatus(command: readonly string[], exitCode: number) {
  if (exitCode === 0) return SUCCESS
  const cause = `error executing command [${command.join(' ')}], exit code ${exitCode}`
  return failure(`command terminated with non-zero exit code: ${cause}`, {
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: String(exitCode) }] },
  })
}

/** It did not come to that. `cause` begins with what was tried. */
export function failureStatus(cause: string) {
  return failure(`Internal error occurred: ${cause}`, {
    reason: 'InternalError',
    details: { causes: [{ message: cause }] },
    code: 500,
  })
}
