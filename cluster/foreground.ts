/** For commands that stay in the foreground until they are told to end. */

const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`

/** Tells on standard output what is done, and how long it took: since `startedAtMs`, where no later beginning is named. */
export const createProgress =
  (startedAtMs: number) =>
  (name: string, what: string, sinceMs = startedAtMs) =>
    console.log(`  ${name.padEnd(20)} ${what.padEnd(8)} ${seconds(performance.now() - sinceMs)}`)

/** Whoever read our output may go; the processes stay. */
export function outliveReaders(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error
    })
  }
}

/** Resolves at the first SIGINT or SIGTERM, or when it is asked for; a second signal ends this process at once. */
export function stopRequest(what: string): { requested: Promise<void>; request: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      resolve()
      process.once(signal, () => {
        console.error(`killing what is left of the ${what}`)
        process.exit(1)
      })
    })
  }
  return { requested: promise, request: resolve }
}
