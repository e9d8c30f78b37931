/**
 * What a machine's packet filter has to allow, where it has one: that pods of several nodes reach each other although
 * somebody (Docker, above all) forbids forwarding in general, and that what pods send to other machines leaves under the
 * machine's own address. A machine that forwards nothing in general gets no such exception.
 */
import { execFile } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { nodeNetwork } from './node-network.ts'

interface Rule {
  table: 'filter' | 'nat'
  chain: string
  words: string[]
}

/** Where the rules are remembered, for whoever has to remove them. */
const FILE = 'firewall.json'
const PROGRAMS = ['/usr/sbin/iptables', '/sbin/iptables']

const run = promisify(execFile)

const forwardsInGeneral = () => readFileSync('/proc/sys/net/ipv4/ip_forward', 'utf8').trim() === '1'

/** The links of all nodes begin with `kp`: what goes to them keeps its address. */
export const firewallRules = (link: string, podCidr: string): Rule[] => [
  { table: 'filter', chain: 'FORWARD', words: ['-i', link, '-j', 'ACCEPT'] },
  { table: 'filter', chain: 'FORWARD', words: ['-o', link, '-j', 'ACCEPT'] },
  { table: 'nat', chain: 'POSTROUTING', words: ['-s', podCidr, '!', '-o', 'kp+', '-j', 'MASQUERADE'] },
]

/** The link that a rule of ours is about, by its words as `iptables -S` lists them; undefined for a rule of somebody else. */
export function linkOfRule(words: readonly string[]): string | undefined {
  const link = words.find((word) => /^kp[0-9a-f]{8}$/.test(word))
  if (link !== undefined || !words.includes('kp+')) return link
  const source = words[words.indexOf('-s') + 1]
  return source === undefined ? undefined : nodeNetwork(source).link
}

/** Removes rules of nodes that were killed together with their supervisors: their links are gone. */
async function removeStale(program: string): Promise<void> {
  for (const [table, chain] of [
    ['filter', 'FORWARD'],
    ['nat', 'POSTROUTING'],
  ] as const) {
    const { stdout } = await run(program, ['-w', '-t', table, '-S', chain])
    for (const line of stdout.split('\n')) {
      const words = line.trim().split(' ')
      const link = words[0] === '-A' ? linkOfRule(words) : undefined
      if (link === undefined || existsSync(`/sys/class/net/${link}`)) continue
      // Another node may remove it at the same time.
      await run(program, ['-w', '-t', table, '-D', ...words.slice(1)]).catch(() => undefined)
    }
  }
}

/**
 * Adds the rules of a node, whose link is there. What allows comes before all others; what rewrites addresses comes after
 * them, for the routes to other machines' pods make exceptions from it. A machine without `iptables` filters nothing, or is left
 * alone.
 */
export async function openFirewall(
  directory: string,
  { link, podCidr }: { link: string; podCidr: string },
): Promise<void> {
  const program = PROGRAMS.find((path) => existsSync(path))
  if (program === undefined || !forwardsInGeneral()) return
  await closeFirewall(directory)
  await removeStale(program)
  const rules = firewallRules(link, podCidr)
  writeFileSync(join(directory, FILE), JSON.stringify({ program, rules }), { mode: 0o600 })
  for (const { table, chain, words } of rules) {
    const verb = table === 'filter' ? '-I' : '-A'
    await run(program, ['-w', '-t', table, verb, chain, ...words])
  }
}

/** Removes the rules that the node's last supervisor has added, if any are left. */
export async function closeFirewall(directory: string): Promise<void> {
  const path = join(directory, FILE)
  if (!existsSync(path)) return
  const { program, rules } = JSON.parse(readFileSync(path, 'utf8')) as { program: string; rules: Rule[] }
  for (const { table, chain, words } of rules) {
    // Somebody else may have emptied the table meanwhile.
    await run(program, ['-w', '-t', table, '-D', chain, ...words]).catch(() => undefined)
  }
  rmSync(path, { force: true })
}
