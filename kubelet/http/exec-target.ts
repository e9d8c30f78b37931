/** Which program an exec or attach request means: pure, from the pod's status and the query, in upstream's words. */
import type { Pod } from '../../shared/api/pod/pod.ts'
import { runIdOf } from '../pod/container-id.ts'

/** The container's run with this ID, without its type; undefined where the container does not run. */
export function findRunning({ status }: Pod, container: string): string | undefined {
  const { containerStatuses = [], initContainerStatuses = [], ephemeralContainerStatuses = [] } = status ?? {}
  const all = [...containerStatuses, ...initContainerStatuses, ...ephemeralContainerStatuses]
  const found = all.find(({ name }) => name === container)
  if (found?.state.running === undefined) return undefined
  return found.containerID === undefined ? undefined : runIdOf(found.containerID)
}

export interface StreamQuery {
  command: readonly string[]
  stdin: boolean
  stdout: boolean
  /** Never with a terminal, which shows both outputs as one. */
  stderr: boolean
  tty: boolean
}

/** A request's query, in the kubelet's names. Says what is wrong with it as a text. */
export function parseStreamQuery(query: Readonly<Record<string, string | string[] | undefined>>): StreamQuery | string {
  const isOn = (name: string) => query[name] === '1' || query[name] === 'true'
  const tty = isOn('tty')
  const options = {
    command: [query.command ?? []].flat(),
    stdin: isOn('input'),
    stdout: isOn('output'),
    stderr: isOn('error') && !tty,
    tty,
  }
  if (!options.stdin && !options.stdout && !options.stderr)
    return 'you must specify at least 1 of stdin, stdout, stderr'
  return options
}
