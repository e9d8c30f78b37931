/** What the runtime's tests share: fixtures by name, logs as text, and whether processes live. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ContainerState } from '../../../kubelet/runtime/runtime.ts'
import { CONTAINER_MARKER } from '../../../kubelet/runtime/supervisor/records.ts'
import { hasEnvironment, readProcess, readProcesses } from '../../../shared/processes.ts'
import { eventually } from '../../support/cluster.ts'

export { eventually }

/** The path of a fixture program. */
export const fixture = (name: string): string => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url))

/** The command line that runs a fixture. */
export const command = (name: string, ...args: string[]): string[] => [
  name.endsWith('.sh') ? 'sh' : 'node',
  fixture(name),
  ...args,
]

/** A log's records, in order. */
export const recordsOf = (path: string): { stream: string; tag: string; text: string }[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => {
      const [, stream, tag, text] = /^\S+ (\S+) (\S) (.*)$/s.exec(line)!
      return { stream: stream!, tag: tag!, text: text! }
    })

/** A log's texts, without what the format adds. */
export const textsOf = (path: string): string[] => recordsOf(path).map(({ text }) => text)

/** Waits until a log has a line that matches, and returns the match. */
export const lineIn = (path: string, pattern: RegExp): Promise<RegExpExecArray> =>
  eventually(
    async () => {
      const matches = textsOf(path).map((text) => pattern.exec(text))
      return matches.find((match) => match !== null) ?? undefined
    },
    { everyMs: 5 },
  )

/** Whether a process lives; one that is dead and waits for its parent does not. */
export const isAlive = (pid: number): boolean => {
  const found = readProcess(pid)
  return found !== undefined && found.state !== 'Z' && found.state !== 'X'
}

/** Waits until none of these processes lives. */
export const allGone = (pids: readonly number[]): Promise<boolean> =>
  eventually(async () => !pids.some(isAlive), { everyMs: 5, describe: async () => `alive: ${pids.filter(isAlive)}` })

const livingPids = () =>
  readProcesses()
    .filter((info) => isAlive(info.pid))
    .map(({ pid }) => pid)

/** PIDs of the living processes that carry a container's mark in their environment. */
export const markedBy = ({ id }: ContainerState): number[] =>
  livingPids().filter((pid) => hasEnvironment(pid, `${CONTAINER_MARKER}=${id}`))

/** PIDs of the living processes that have a certain word as last argument. */
export const withArgument = (word: string): number[] =>
  livingPids().filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').endsWith(`\0${word}\0`)
    } catch {
      return false // It has ended meanwhile.
    }
  })

/** A directory's path for a pod's log. */
export const logPathIn = (directory: string, name: string): string => join(directory, 'logs', `${name}.log`)
