/**
 * What kubelets may do: everything that running the pods of their node takes, and no more. Which secrets that are is
 * looked up in the pods themselves, of which the cache keeps those of each node together.
 */
import type { Pod } from '../../../shared/api/pod/pod.ts'
import type { PolicyRule } from '../../../shared/api/rbac/policy-rule.ts'
import { isApiError } from '../../../shared/errors.ts'
import { parseFieldSelector, requiredFieldValue } from '../../../shared/fields.ts'
import { allowsResource } from '../../../shared/rbac/rule-match.ts'
import type { Attributes, Authorizer, Decision, ResourceAttributes } from '../authorize.ts'
import { nodeNameOf } from './node-identity.ts'
import { type PodReferences, podReferences } from './pod-references.ts'

export interface NodeWorld {
  /** The pods that are bound to a node. */
  podsOf(node: string): readonly Readonly<Pod>[]
  pod(namespace: string, name: string): Readonly<Pod> | undefined
}

/** Where the nodes' leases are. */
const LEASE_NAMESPACE = 'kube-node-lease'

const ALLOWED: Decision = { allowed: true, reason: '' }
const refused = (reason: string): Decision => ({ allowed: false, reason })

const READS = ['get', 'list', 'watch']
const OWN_VERBS = ['get', 'create', 'update', 'patch', 'delete']

/** The value that a list's selector pins a field to. A selector that cannot be read is refused later, in better words. */
function pinned({ fieldSelector = '' }: ResourceAttributes, field: string): string | undefined {
  try {
    return requiredFieldValue(parseFieldSelector(fieldSelector), field)
  } catch (error) {
    if (isApiError(error)) return undefined
    throw error
  }
}

export function createNodeAuthorizer(world: NodeWorld, rules: readonly PolicyRule[]): Authorizer {
  const references = new WeakMap<Readonly<Pod>, PodReferences>()
  const referencesOf = (pod: Readonly<Pod>): PodReferences => {
    const found = references.get(pod) ?? podReferences(pod as Pod)
    references.set(pod, found)
    return found
  }

  const isNeeded = (node: string, of: keyof PodReferences, { namespace, name = '' }: ResourceAttributes): boolean =>
    world.podsOf(node).some((pod) => pod.metadata.namespace === namespace && referencesOf(pod)[of].has(name))

  /** What some pod of the node refers to may be read, one by one. */
  function related(node: string, of: keyof PodReferences, resource: ResourceAttributes): Decision {
    if ((resource.name ?? '') === '') return refused('No Object name found')
    return isNeeded(node, of, resource)
      ? ALLOWED
      : refused(`no relationship found between node '${node}' and this object`)
  }

  function readConfiguration(node: string, verb: string, resource: ResourceAttributes, of: keyof PodReferences) {
    if (!READS.includes(verb) || resource.subresource !== undefined)
      return refused(`can only read resources of this type`)
    return related(node, of, resource)
  }

  function useClaim(node: string, verb: string, resource: ResourceAttributes): Decision {
    const verbs = resource.subresource === 'status' ? ['get', 'update', 'patch'] : ['get']
    if (!['status', undefined].includes(resource.subresource) || !verbs.includes(verb))
      return refused('can only get individual resources of this type')
    return related(node, 'persistentvolumeclaims', resource)
  }

  function makeToken(node: string, verb: string, resource: ResourceAttributes): Decision {
    if (verb !== 'create' || resource.subresource !== 'token')
      return refused('can only create tokens for individual service accounts')
    return related(node, 'serviceaccounts', resource)
  }

  /** Objects that are named after the node. Whoever creates one is held to its name by admission. */
  function own(node: string, verb: string, { subresource, name }: ResourceAttributes, what: string): Decision {
    if (subresource !== undefined || !OWN_VERBS.includes(verb))
      return refused(`can only get, create, update, patch, or delete a ${what}`)
    return verb === 'create' || name === node
      ? ALLOWED
      : refused(`can only access ${what} with the same name as the requesting node`)
  }

  const lease = (node: string, verb: string, resource: ResourceAttributes): Decision =>
    resource.namespace === LEASE_NAMESPACE
      ? own(node, verb, resource, 'node lease')
      : refused(`can only access leases in the "${LEASE_NAMESPACE}" system namespace`)

  function readNode(node: string, verb: string, resource: ResourceAttributes): Decision {
    if (resource.name === node) return ALLOWED
    return refused(
      `node '${node}' cannot read ${verb === 'get' ? `'${resource.name}'` : 'all nodes'}, only its own Node object`,
    )
  }

  function readPods(node: string, verb: string, resource: ResourceAttributes): Decision {
    const { namespace = '', name = '' } = resource
    if (verb !== 'get')
      return pinned(resource, 'spec.nodeName') === node
        ? ALLOWED
        : refused('can only list/watch pods with spec.nodeName field selector')
    return world.pod(namespace, name)?.spec.nodeName === node
      ? ALLOWED
      : refused(`no relationship found between node '${node}' and this object`)
  }

  function special(node: string, verb: string, resource: ResourceAttributes): Decision | undefined {
    switch (`${resource.plural}.${resource.group}`) {
      case 'secrets.':
        return readConfiguration(node, verb, resource, 'secrets')
      case 'configmaps.':
        return readConfiguration(node, verb, resource, 'configmaps')
      case 'persistentvolumeclaims.':
        return useClaim(node, verb, resource)
      case 'serviceaccounts.':
        return makeToken(node, verb, resource)
      case 'leases.coordination.k8s.io':
        return lease(node, verb, resource)
      case 'csinodes.storage.k8s.io':
        return own(node, verb, resource, 'CSINode')
      case 'nodes.':
        return READS.includes(verb) && resource.subresource === undefined ? readNode(node, verb, resource) : undefined
      case 'pods.':
        return READS.includes(verb) && resource.subresource === undefined ? readPods(node, verb, resource) : undefined
      default:
        return undefined
    }
  }

  return {
    authorize({ identity, verb, resource }: Attributes) {
      const node = nodeNameOf(identity)
      if (node === undefined || resource === undefined) return refused('')
      const decision = special(node, verb, resource)
      if (decision !== undefined) return decision
      return rules.some((rule) => allowsResource(rule, verb, resource)) ? ALLOWED : refused('')
    },
    rulesOf: (identity) =>
      nodeNameOf(identity) === undefined
        ? { rules: [] }
        : { rules: [], problem: 'node authorizer does not support user rule resolution' },
  }
}
