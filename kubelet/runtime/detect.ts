/** Which runtime suits a machine: found out by trying, in a moment, and without leaving anything. */
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { quote } from './supervisor/namespaces/shell.ts'
import { findTools } from './supervisor/namespaces/tools.ts'

/** A machine that takes longer for the trial would be no good place for pods. */
const TRIAL_MS = 5_000

/** Does what every container's start does: namespaces, a file system over the host's, a network link. */
async function tryAll(directory: string): Promise<void> {
  const { unshare, sh, mount, ip } = findTools()
  const script = [
    'set -e',
    `cd ${quote(directory)}`,
    `${mount} -n -t overlay -o lowerdir=/,upperdir=upper,workdir=work overlay root`,
    `${mount} -n -t proc proc root/proc`,
    `${ip} link add kp0 type bridge`,
    `${ip} link add kp1 type veth peer name kp2`,
  ].join('\n')
  const flags = ['--mount', '--net', '--uts', '--ipc', '--pid', '--fork', '--kill-child=KILL']
  await promisify(execFile)(unshare, [...flags, sh, '-c', script], { timeout: TRIAL_MS })
}

/** Why the `namespaces` runtime cannot be used with a node's directory; undefined where it can. */
export async function namespacesProblem(rootDirectory: string): Promise<string | undefined> {
  if (process.platform !== 'linux') return 'it needs Linux'
  if (process.getuid?.() !== 0) return 'it needs root'
  await mkdir(rootDirectory, { recursive: true, mode: 0o700 })
  const directory = await mkdtemp(join(rootDirectory, 'trial-'))
  try {
    for (const name of ['upper', 'work', 'root']) await mkdir(join(directory, name))
    await tryAll(directory)
    return undefined
  } catch (error) {
    const { stderr = '', message } = error as Error & { stderr?: string }
    return stderr.trim().split('\n')[0] || message
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}
