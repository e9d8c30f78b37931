/** What an object counts for in a quota, and whether a quota counts it. Pure. */
import type { KubeObject } from '../api/kind.ts'
import type { Pod } from '../api/pod/pod.ts'
import { qosClassOf } from '../api/pod/qos-class.ts'
import type { ResourceQuota } from '../api/resource-quota.ts'
import type { Service } from '../api/service/service.ts'
import { type Amounts, add } from './amounts.ts'
import { podUsage } from './pod-usage.ts'

/** Which kind an object is of. */
export interface KindName {
  group: string
  plural: string
}

const isPod = ({ group, plural }: KindName) => group === '' && plural === 'pods'
const isService = ({ group, plural }: KindName) => group === '' && plural === 'services'

/** Kinds of the core group that a quota counts under their plural alone as well. */
const COUNTED = [
  'configmaps',
  'persistentvolumeclaims',
  'replicationcontrollers',
  'resourcequotas',
  'secrets',
  'services',
]

function serviceUsage({ spec }: Service): Amounts {
  const ports = String((spec.ports ?? []).length)
  if (spec.type === 'NodePort') return { 'services.nodeports': ports }
  if (spec.type !== 'LoadBalancer') return {}
  const hasNodePorts = spec.allocateLoadBalancerNodePorts !== false
  return { 'services.loadbalancers': '1', ...(hasNodePorts && { 'services.nodeports': ports }) }
}

/** What one more object of a kind uses. */
export function usageOf(kind: KindName, object: KubeObject): Amounts {
  const { group, plural } = kind
  const counted = { [`count/${group === '' ? plural : `${plural}.${group}`}`]: '1' }
  if (isPod(kind)) return add(counted, podUsage(object as Pod))
  const isCore = group === '' && COUNTED.includes(plural)
  return add(counted, isCore ? { [plural]: '1' } : {}, isService(kind) ? serviceUsage(object as Service) : {})
}

type Requirement = NonNullable<NonNullable<ResourceQuota['spec']['scopeSelector']>['matchExpressions']>[number]

const crossesNamespaces = ({ affinity }: Pod['spec']): boolean =>
  [affinity?.podAffinity, affinity?.podAntiAffinity].some((part) =>
    [
      ...(part?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
      ...(part?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(({ podAffinityTerm }) => podAffinityTerm),
    ].some((term) => (term?.namespaces ?? []).length > 0 || term?.namespaceSelector !== undefined),
  )

function hasPriority({ priorityClassName = '' }: Pod['spec'], { operator, values = [] }: Requirement): boolean {
  switch (operator) {
    case 'In':
      return values.includes(priorityClassName)
    case 'NotIn':
      return !values.includes(priorityClassName)
    case 'DoesNotExist':
      return priorityClassName === ''
    default:
      return priorityClassName !== ''
  }
}

function isInScope({ spec }: Pod, requirement: Requirement): boolean {
  switch (requirement.scopeName) {
    case 'BestEffort':
      return qosClassOf(spec) === 'BestEffort'
    case 'NotBestEffort':
      return qosClassOf(spec) !== 'BestEffort'
    case 'Terminating':
      return spec.activeDeadlineSeconds !== undefined
    case 'NotTerminating':
      return spec.activeDeadlineSeconds === undefined
    case 'PriorityClass':
      return hasPriority(spec, requirement)
    case 'CrossNamespacePodAffinity':
      return crossesNamespaces(spec)
    default:
      return false
  }
}

const requirementsOf = ({ scopes = [], scopeSelector }: ResourceQuota['spec']): Requirement[] => [
  ...scopes.map((scopeName): Requirement => ({ scopeName, operator: 'Exists' })),
  ...(scopeSelector?.matchExpressions ?? []),
]

/** Whether a quota counts an object: one with scopes counts pods alone, those that are in all of them. */
export function counts({ spec }: ResourceQuota, kind: KindName, object: KubeObject): boolean {
  const requirements = requirementsOf(spec)
  if (requirements.length === 0) return true
  return isPod(kind) && requirements.every((requirement) => isInScope(object as Pod, requirement))
}
