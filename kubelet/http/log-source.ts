/** Where the output of a container's run is found. */
import type { ContainerState, Runtime } from '../runtime/runtime.ts'
import type { LogSource } from './log-stream.ts'

/** One run of a container, found in the runtime; undefined where the runtime has forgotten it. */
export async function findLogSource(
  runtime: Pick<Runtime, 'list' | 'subscribe'>,
  id: string,
): Promise<(LogSource & Pick<ContainerState, 'startedAtMs'>) | undefined> {
  const find = async () => (await runtime.list()).find((state) => state.id === id)
  const found = await find()
  if (found === undefined) return undefined
  return {
    path: found.logPath,
    startedAtMs: found.startedAtMs,
    isRunning: async () => (await find())?.state === 'running',
    subscribe: (onChange) =>
      runtime.subscribe((podUid) => {
        if (podUid === found.podUid) onChange()
      }),
  }
}
