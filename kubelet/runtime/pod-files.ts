/** Files that a pod with a network of its own sees instead of the node's. Pure; texts as upstream's kubelet writes them. */
import type { SandboxSpec } from './runtime.ts'

/** `/etc/hosts`. */
export function hostsFile({ hostAliases = [], domain }: SandboxSpec, ip: string, hostname: string): string {
  const names = domain === undefined ? [hostname] : [`${hostname}.${domain}`, hostname]
  const aliases = hostAliases.map((alias) => [alias.ip, ...alias.hostnames].join('\t'))
  return [
    '# Kubernetes-managed hosts file.',
    '127.0.0.1\tlocalhost',
    '::1\tlocalhost ip6-localhost ip6-loopback',
    'fe00::0\tip6-localnet',
    'fe00::0\tip6-mcastprefix',
    'fe00::1\tip6-allnodes',
    'fe00::2\tip6-allrouters',
    [ip, ...names].join('\t'),
    ...(aliases.length === 0 ? [] : ['', '# Entries added by HostAliases.', ...aliases]),
    '',
  ].join('\n')
}

/** `/etc/hosts` of a pod on the node's network: the node's own, and what the pod adds. */
export function nodeHostsFile({ hostAliases = [] }: SandboxSpec, hosts: string): string {
  const aliases = hostAliases.map((alias) => [alias.ip, ...alias.hostnames].join('\t'))
  return aliases.length === 0 ? hosts : `${hosts}\n# Entries added by HostAliases.\n${aliases.join('\n')}\n`
}
