/** Another machine for tests: a network namespace, joined to this machine by a link of its own. */
import { randomInt } from 'node:crypto'
import { run } from './cluster.ts'

export interface OtherMachine {
  /** This machine's address on the link. */
  hostIp: string
  ip: string
  /** The words before a command that is to run there. The process is the command itself. */
  inside: readonly string[]
  /** Takes all of it away. What runs there has to end before. */
  remove(): Promise<void>
}

async function ip(...words: string[]): Promise<void> {
  const { code, stderr } = await run('ip', words)
  if (code !== 0) throw new Error(`ip ${words.join(' ')}: ${stderr}`)
}

/** Why there can be none here; false where there can. */
export async function noOtherMachine(): Promise<string | false> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'network namespaces need Linux and root'
  const name = `kubeproc-try-${process.pid}`
  try {
    await ip('netns', 'add', name)
    await ip('netns', 'del', name)
    return false
  } catch (error) {
    return `no network namespaces: ${(error as Error).message}`
  }
}

export async function createOtherMachine(): Promise<OtherMachine> {
  const number = randomInt(2 ** 14)
  const name = `kubeproc-${process.pid}-${number}`
  // Of the addresses for benchmarks (RFC 2544), four for each link.
  const prefix = `198.18.${number >> 6}`
  const [hostIp, otherIp] = [1, 2].map((last) => `${prefix}.${(number & 63) * 4 + last}`) as [string, string]
  const [hostEnd, otherEnd] = [`kt${number}`, 'eth0']
  await ip('netns', 'add', name)
  try {
    await ip('link', 'add', hostEnd, 'type', 'veth', 'peer', 'name', otherEnd, 'netns', name)
    await ip('addr', 'add', `${hostIp}/30`, 'dev', hostEnd)
    await ip('link', 'set', hostEnd, 'up')
    await ip('-n', name, 'addr', 'add', `${otherIp}/30`, 'dev', otherEnd)
    await ip('-n', name, 'link', 'set', otherEnd, 'up')
    await ip('-n', name, 'link', 'set', 'lo', 'up')
  } catch (error) {
    await ip('netns', 'del', name)
    throw error
  }
  return {
    hostIp,
    ip: otherIp,
    inside: ['ip', 'netns', 'exec', name],
    async remove() {
      // The link's other end goes with it at once; with the namespace it would go some time later.
      await ip('link', 'del', hostEnd)
      await ip('netns', 'del', name)
    },
  }
}
