/** What each of the cluster's own signers signs (upstream's rules for `kubernetes.io/…` signers). Pure. */
import type { CertificateSigningRequest } from '../../shared/api/certificate-signing-request.ts'
import type { Node } from '../../shared/api/node/node.ts'
import type { ReadRequest } from '../../shared/certificates/signing-request.ts'

type Spec = CertificateSigningRequest['spec']
type Usage = 'server' | 'client'

interface Signer {
  /** What the certificate is good for. */
  usage: Usage
  /** Key usages that may be asked for beside the one above. */
  others: readonly string[]
  /** Why a request is not signed; undefined where it is. */
  problemOf(asked: ReadRequest, spec: Spec): string | undefined
}

export const NODES_GROUP = 'system:nodes'
export const NODE_PREFIX = 'system:node:'
const BOOTSTRAPPERS = 'system:bootstrappers'
const ADMINISTRATORS = 'system:masters'

const isNode = ({ commonName, organizations }: ReadRequest) =>
  organizations.length === 1 &&
  organizations[0] === NODES_GROUP &&
  commonName.startsWith(NODE_PREFIX) &&
  commonName.length > NODE_PREFIX.length

const hasNames = ({ hosts, hasOtherNames }: ReadRequest) => hosts.length > 0 || hasOtherNames

const KEY_USES = ['digital signature', 'key encipherment']
const NOT_A_NODE = `subject must be a node: organization ${NODES_GROUP}, common name ${NODE_PREFIX}NAME`

export const KUBELET_CLIENT = 'kubernetes.io/kube-apiserver-client-kubelet'
export const KUBELET_SERVING = 'kubernetes.io/kubelet-serving'

export const signers: Readonly<Record<string, Signer>> = {
  'kubernetes.io/kube-apiserver-client': {
    usage: 'client',
    others: KEY_USES,
    problemOf: ({ organizations }) =>
      organizations.includes(ADMINISTRATORS) ? `no certificate is signed for the group ${ADMINISTRATORS}` : undefined,
  },
  [KUBELET_CLIENT]: {
    usage: 'client',
    others: KEY_USES,
    problemOf(asked) {
      if (!isNode(asked)) return NOT_A_NODE
      return hasNames(asked) ? 'a client has no subject alternative names' : undefined
    },
  },
  [KUBELET_SERVING]: {
    usage: 'server',
    others: KEY_USES,
    problemOf(asked, { username }) {
      if (!isNode(asked)) return NOT_A_NODE
      if (username !== asked.commonName) return 'a node may ask for its own certificate only'
      if (asked.hasOtherNames) return 'a server has host names and addresses only'
      return asked.hosts.length === 0 ? 'a server needs a host name or an address' : undefined
    },
  },
}

/** Why a request is not for a signer to sign, whoever may have approved it; undefined where it is. */
export function refusalOf({ usage, others, problemOf }: Signer, spec: Spec, asked: ReadRequest): string | undefined {
  const wanted = `${usage} auth`
  const usages = spec.usages ?? []
  if (!usages.includes(wanted)) return `usages must include ${JSON.stringify(wanted)}`
  const surplus = usages.find((one) => one !== wanted && !others.includes(one))
  if (surplus !== undefined) return `usage ${JSON.stringify(surplus)} is not for this signer`
  return problemOf(asked, spec)
}

/**
 * What somebody must have the right to create, below `certificatesigningrequests`, for a kubelet's client certificate to
 * be approved without a person. A node that renews its own needs less.
 */
export const approvalRights = ({ username }: Spec, { commonName }: ReadRequest): string[] =>
  username === commonName ? ['selfnodeclient', 'nodeclient'] : ['nodeclient']

/** What an API server answers to on its own machine, or is called by its clients: no node may pose as one. */
const RESERVED = new Set([
  '127.0.0.1',
  '::1',
  '0.0.0.0',
  'localhost',
  'kubernetes',
  'kubernetes.default',
  'kubernetes.default.svc',
])

/**
 * The addresses on which nobody but this node may serve. A node that is lost has none any more: machines that start
 * together may well be given each other's.
 */
export function ownAddresses({ status }: Node): string[] {
  const isLost = status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'Unknown') === true
  return isLost ? [] : (status.addresses ?? []).map(({ address }) => address)
}

/**
 * Whether somebody may become a node that lives. A token for joining is known to many, so its holders may not; whoever
 * was given the right otherwise may, and a node may renew what it has.
 */
export const mayTakeOver = ({ groups = [] }: Spec): boolean => !groups.includes(BOOTSTRAPPERS)

/** Whether a node's serving certificate speaks of that node alone: its own name, and no address of another node. */
export function servesOnlyItself(
  { commonName, hosts, dnsNames, addresses }: ReadRequest,
  othersAddresses: ReadonlySet<string>,
): boolean {
  const name = commonName.slice(NODE_PREFIX.length)
  return (
    dnsNames.every((host) => host === name) &&
    !hosts.some((host) => RESERVED.has(host)) &&
    !addresses.some((address) => othersAddresses.has(address))
  )
}
