/** The subresources that one kind alone has, as discovery describes them. Their handlers are in `special-endpoints.ts`. */

export interface Subresource {
  /** Plural of the resource that has it. */
  resource: string
  name: string
  /** Kind of its bodies. */
  kind: string
  /** Where the bodies' group and version differ from the resource's. */
  group?: string
  version?: string
  verbs: readonly string[]
}

const PROXY_VERBS = ['create', 'delete', 'get', 'patch', 'update'] as const

const table = {
  'certificatesigningrequests/approval': {
    resource: 'certificatesigningrequests',
    name: 'approval',
    kind: 'CertificateSigningRequest',
    verbs: ['get', 'patch', 'update'],
  },
  'namespaces/finalize': { resource: 'namespaces', name: 'finalize', kind: 'Namespace', verbs: ['update'] },
  'pods/attach': { resource: 'pods', name: 'attach', kind: 'PodAttachOptions', verbs: ['create', 'get'] },
  'pods/binding': { resource: 'pods', name: 'binding', kind: 'Binding', verbs: ['create'] },
  'pods/eviction': {
    resource: 'pods',
    name: 'eviction',
    kind: 'Eviction',
    group: 'policy',
    version: 'v1',
    verbs: ['create'],
  },
  'pods/exec': { resource: 'pods', name: 'exec', kind: 'PodExecOptions', verbs: ['create', 'get'] },
  'pods/log': { resource: 'pods', name: 'log', kind: 'Pod', verbs: ['get'] },
  'pods/portforward': {
    resource: 'pods',
    name: 'portforward',
    kind: 'PodPortForwardOptions',
    verbs: ['create', 'get'],
  },
  'serviceaccounts/token': {
    resource: 'serviceaccounts',
    name: 'token',
    kind: 'TokenRequest',
    group: 'authentication.k8s.io',
    version: 'v1',
    verbs: ['create'],
  },
  'pods/proxy': { resource: 'pods', name: 'proxy', kind: 'PodProxyOptions', verbs: PROXY_VERBS },
  'nodes/proxy': { resource: 'nodes', name: 'proxy', kind: 'NodeProxyOptions', verbs: PROXY_VERBS },
  'services/proxy': { resource: 'services', name: 'proxy', kind: 'ServiceProxyOptions', verbs: PROXY_VERBS },
} as const satisfies Record<string, Subresource>

/** `resource/subresource`. */
export type SubresourceName = keyof typeof table

export const subresources: Readonly<Record<SubresourceName, Subresource>> = table
