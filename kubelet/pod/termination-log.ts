/**
 * The file in which a container may leave why it ended: `terminationMessagePath`. It lies in the pod's directory, one for
 * each run, and is mounted where the runtime has mounts. Elsewhere the path is replaced where the pod's spec writes it
 * in a command line, and the environment names the file.
 */
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Container } from '../../shared/api/pod/pod.ts'
import type { Mount } from '../runtime/runtime.ts'

/** The variable by which a container without mounts finds the file. */
export const TERMINATION_LOG_VARIABLE = 'KUBEPROC_TERMINATION_LOG'

export interface TerminationLog {
  /** The file of the host. */
  hostPath: string
  /** As the container names it. */
  containerPath: string
}

/** The file of one run below its pod's directory. */
export const terminationLogPath = (directory: string, container: string, attempt: number): string =>
  join(directory, 'termination', container, String(attempt))

/** Makes the empty file; nothing where the container has no path for it. */
export async function makeTerminationLog(
  { terminationMessagePath: containerPath }: Pick<Container, 'terminationMessagePath'>,
  hostPath: string,
): Promise<TerminationLog | undefined> {
  if (!containerPath?.startsWith('/')) return undefined
  await mkdir(dirname(hostPath), { recursive: true, mode: 0o700 })
  await writeFile(hostPath, '')
  // Whoever the container runs as: nobody else gets into the pod's directory.
  await chmod(hostPath, 0o666)
  return { hostPath, containerPath }
}

export const terminationMount = ({ hostPath, containerPath }: TerminationLog): Mount => ({
  ...{ hostPath, containerPath },
  readOnly: false,
  propagation: 'None',
})

/** A word of a command line with the file in the place of its path in the container, wherever it stands. */
export function withTerminationLog({ hostPath, containerPath }: TerminationLog, word: string): string {
  const pattern = new RegExp(`(?<![\\w./-])${RegExp.escape(containerPath)}(?![\\w./-])`, 'g')
  return word.replace(pattern, () => hostPath)
}
