/** What the runtime is told of one run of a container. Pure. */
import { join } from 'node:path'
import type { Container } from '../../shared/api/pod/pod.ts'
import type { Resolution } from '../images/resolve.ts'
import type { ContainerSpec, Mount, Runtime } from '../runtime/runtime.ts'
import { runLogPath } from '../runtime/supervisor/log-files.ts'
import type { LinkedRoot } from '../volumes/linked-root.ts'
import { expand } from './expand.ts'
import { resourceLimitsOf } from './resource-limits.ts'
import type { LogSettings } from './run-logs.ts'
import { securityOf } from './security.ts'
import type { StartRequest } from './start-container.ts'
import {
  TERMINATION_LOG_VARIABLE,
  type TerminationLog,
  terminationMount,
  withTerminationLog,
} from './termination-log.ts'
import { GENERATION, IMAGE, IMAGE_DIRECTORY, IMAGE_ID, STOP_SIGNAL } from './world.ts'

/**
 * The container's command, as far as its spec says it, with the references to variables resolved. `replaced`: the
 * termination log, where it is not mounted.
 */
export function expanded(
  { command = [], args = [], ...container }: Container,
  variables: Readonly<Record<string, string>>,
  replaced: TerminationLog | undefined,
) {
  const inPlace = (word: string) => (replaced === undefined ? word : withTerminationLog(replaced, word))
  const resolve = (words: readonly string[]) => words.map((word) => inPlace(expand(word, variables)))
  return { ...container, command: resolve(command), args: resolve(args) }
}

/** What the spec, the volumes and the image make of one run. */
export interface SpecParts {
  program: Extract<Resolution, { kind: 'run' }>
  variables: Readonly<Record<string, string>>
  mounts: readonly Mount[]
  /** Where volumes are links. */
  root?: LinkedRoot
  terminationLog?: TerminationLog
  logs: LogSettings
  runtime: Pick<Runtime, 'hasMounts' | 'generation'>
}

/** One run as the runtime is told of it. */
export function containerSpec(
  { pod, container, attempt, directory }: Pick<StartRequest, 'pod' | 'container' | 'attempt' | 'directory'>,
  { program, variables, mounts: ofVolumes, root, terminationLog, logs, runtime }: SpecParts,
): ContainerSpec {
  const { argv, env: ofImage, image, imageId, rootDirectory, stopSignal } = program
  const { hasMounts, generation } = runtime
  const { workingDirectory = hasMounts ? '/' : directory } = program
  const all = { ...ofImage, ...variables }
  const env = root?.environment(all) ?? all
  const mounts = [...ofVolumes, ...(hasMounts && terminationLog ? [terminationMount(terminationLog)] : [])]
  return {
    podUid: pod.metadata.uid,
    name: container.name,
    attempt,
    argv,
    env: hasMounts || !terminationLog ? env : { [TERMINATION_LOG_VARIABLE]: terminationLog.hostPath, ...env },
    workingDirectory,
    ...(mounts.length > 0 && { mounts }),
    security: securityOf(pod, container, image?.config.config.User),
    limits: resourceLimitsOf(container),
    ...(hasMounts && image !== undefined && { imageDirectory: image.rootDirectory }),
    ...(container.tty && { tty: true }),
    ...(container.stdin && { stdin: container.stdinOnce ? ('once' as const) : ('open' as const) }),
    logPath: runLogPath(join(directory, 'logs', container.name), attempt),
    logLimits: { bytesMax: logs.bytesMax, filesMax: logs.filesMax },
    annotations: {
      [IMAGE]: container.image,
      [IMAGE_ID]: imageId,
      [GENERATION]: generation,
      ...(rootDirectory !== undefined && { [IMAGE_DIRECTORY]: rootDirectory }),
      ...(stopSignal !== undefined && { [STOP_SIGNAL]: stopSignal }),
    },
  }
}
