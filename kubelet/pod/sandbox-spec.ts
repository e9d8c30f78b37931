/** What the runtime is told of a pod's surroundings. Pure but for the node's own resolver configuration, which is given. */
import type { Pod } from '../../shared/api/pod/pod.ts'
import type { SandboxSpec } from '../runtime/runtime.ts'

/** The lines of a resolver configuration that a pod may replace or add to. */
function parseResolver(text: string) {
  const lines = text.split('\n').map((line) => line.trim().split(/\s+/))
  const named = (name: string) => lines.filter(([first]) => first === name).map(([, ...rest]) => rest)
  return {
    nameservers: named('nameserver').flat(),
    searches: named('search').at(-1) ?? [],
    options: named('options').flat(),
  }
}

/**
 * The pod's `/etc/resolv.conf`, or nothing where it is the node's. There is no DNS server of the cluster, so that
 * `ClusterFirst` means the node's servers, as upstream's kubelets without `--cluster-dns` take it.
 */
export function resolverConfig({ spec }: Pod, nodeConfig: string): string | undefined {
  const { dnsPolicy, dnsConfig } = spec
  if (dnsConfig === undefined && dnsPolicy !== 'None') return undefined
  const base = dnsPolicy === 'None' ? { nameservers: [], searches: [], options: [] } : parseResolver(nodeConfig)
  const { nameservers = [], searches = [], options = [] } = dnsConfig ?? {}
  const unique = (values: readonly string[]) => [...new Set(values)]
  const added = options.map(({ name = '', value }) => (value === undefined ? name : `${name}:${value}`))
  const isReplaced = (option: string) => options.some(({ name }) => name === option.split(':')[0])
  const allSearches = unique([...base.searches, ...searches])
  const allOptions = unique([...base.options.filter((option) => !isReplaced(option)), ...added])
  return [
    ...(allSearches.length === 0 ? [] : [`search ${allSearches.join(' ')}`]),
    ...unique([...base.nameservers, ...nameservers]).map((server) => `nameserver ${server}`),
    ...(allOptions.length === 0 ? [] : [`options ${allOptions.join(' ')}`]),
    '',
  ].join('\n')
}

/** The domain of pods that have one, as upstream's default. */
const CLUSTER_DOMAIN = 'cluster.local'

export function sandboxSpec(
  pod: Pod,
  { directory, nodeConfig }: { directory: string; nodeConfig: string },
): SandboxSpec {
  const { metadata, spec } = pod
  const { hostname = '', subdomain = '', hostAliases = [] } = spec
  const resolver = resolverConfig(pod, nodeConfig)
  const aliases = hostAliases.map(({ ip, hostnames = [] }) => ({ ip, hostnames }))
  return {
    podUid: metadata.uid,
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    directory,
    ...(hostname !== '' && { hostname }),
    ...(subdomain !== '' && { domain: `${subdomain}.${metadata.namespace}.svc.${CLUSTER_DOMAIN}` }),
    ...(spec.hostNetwork === true && { hostNetwork: true }),
    ...(spec.hostPID === true && { hostPid: true }),
    ...(spec.hostIPC === true && { hostIpc: true }),
    ...(spec.shareProcessNamespace === true && { shareProcessNamespace: true }),
    ...(aliases.length > 0 && { hostAliases: aliases }),
    ...(resolver !== undefined && { resolverConfig: resolver }),
  }
}
