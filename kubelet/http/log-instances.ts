/** The runs of a container of which there is a log, beyond the last two that upstream knows. */
import type { FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Runtime } from '../runtime/runtime.ts'
import { loggedRuns, runLogPath } from '../runtime/supervisor/log-files.ts'
import { closeAll, openLogFiles } from './log-chain.ts'
import { parseRecord } from './log-records.ts'
import { findLogSource } from './log-source.ts'
import type { LogSource } from './log-stream.ts'
import { findTailStart } from './log-tail.ts'

/** One run, as it is listed. */
export interface LogInstance {
  /** Counts the runs of the container, from 0. */
  instance: number
  /** Size of its log, with what belongs to each line. */
  bytes: number
  /** When it wrote its first line that is kept, and its last; absent where it wrote none. */
  firstLine?: string
  lastLine?: string
}

interface Container {
  podUid: string
  name: string
}

type ListingRuntime = Pick<Runtime, 'list' | 'subscribe'>

/** Directory of a container's logs; undefined before its first run. */
async function directoryOf(runtime: ListingRuntime, { podUid, name }: Container): Promise<string | undefined> {
  const run = (await runtime.list()).find((state) => state.podUid === podUid && state.name === name)
  return run === undefined ? undefined : dirname(run.logPath)
}

/** The log of one run; undefined where there is none (any more). */
export async function findInstance(
  runtime: ListingRuntime,
  container: Container,
  instance: number,
): Promise<LogSource | undefined> {
  const directory = await directoryOf(runtime, container)
  if (directory === undefined || !loggedRuns(directory).includes(instance)) return undefined
  const path = runLogPath(directory, instance)
  const run = (await runtime.list()).find((state) => state.logPath === path)
  const known = run && (await findLogSource(runtime, run.id))
  // The runtime has forgotten it, so it ended long ago.
  return known ?? { path, isRunning: async () => false, subscribe: () => () => undefined }
}

/** More than what comes before the text of a record. */
const HEAD_BYTES = 64

async function timeAt(file: FileHandle, position: number): Promise<string | undefined> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, position)
  return parseRecord(buffer.subarray(0, bytesRead))?.time.toString()
}

async function describe(directory: string, instance: number): Promise<LogInstance> {
  const files = await openLogFiles(runLogPath(directory, instance))
  try {
    const sizes = await Promise.all(files.map(async (file) => (await file.stat()).size))
    const last = await findTailStart(files, 1)
    const [firstLine, lastLine] = [await timeAt(files[0]!, 0), await timeAt(last.files[0]!, last.position)]
    return {
      instance,
      bytes: sizes.reduce((sum, size) => sum + size, 0),
      ...(firstLine !== undefined && { firstLine }),
      ...(lastLine !== undefined && { lastLine }),
    }
  } finally {
    await closeAll(files)
  }
}

/** All of them, oldest first. */
export async function listInstances(runtime: ListingRuntime, container: Container): Promise<LogInstance[]> {
  const directory = await directoryOf(runtime, container)
  if (directory === undefined) return []
  return Promise.all(loggedRuns(directory).map((instance) => describe(directory, instance)))
}
