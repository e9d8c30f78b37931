/**
 * The command line of a program without what tap loads into every Node program below a test. It would cost each of them,
 * and each of theirs, 25 ms of processor time, for nothing: they are measured by nobody. `env` becomes the program.
 */
export const plain = (file: string, args: readonly string[]): [file: string, args: string[]] => [
  'env',
  ['-u', 'NODE_OPTIONS', file, ...args],
]
