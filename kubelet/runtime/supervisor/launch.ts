import type { StartSpec, Surroundings } from './protocol.ts'
import { loadSpawn, type SpawnedProcess } from './spawn.ts'

/** A container's program, started. */
export interface Launched {
  process: SpawnedProcess
  surroundings: Surroundings
  /** Takes away what was made for it, once all its processes have ended. Tells what is to be known of its end. */
  clean?(): Promise<{ oomKilled?: true }>
}

/** Starts the program of a container with this ID, whose marker is in the environment. Throws a StartError. */
export type Launch = (id: string, spec: StartSpec) => Promise<Launched>

/** As a process of the host. */
export const launchOnHost: Launch = async (_id, spec) => {
  const spawn = await loadSpawn()
  const { env, workingDirectory, stdin, tty = false } = spec
  return { process: await spawn(spec, { stdin: stdin !== undefined, tty }), surroundings: { env, workingDirectory } }
}
