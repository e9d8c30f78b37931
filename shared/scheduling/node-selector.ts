/** Which nodes a pod's `nodeSelector` and node affinity select. Pure. */
import type { NodeSelectorRequirement, NodeSelectorTerm } from '../api/pod/affinity.ts'
import type { PodSpec } from '../api/pod/pod-spec.ts'
import { type Labels, matchesSelector, requirementFrom, type Selector, selectorFromMap } from '../labels.ts'

export interface SelectableNode {
  metadata: { name: string; labels?: Labels }
}

/** Whether a node is one of those that are selected. */
export type NodeMatcher = (node: { readonly name: string; readonly labels: Labels }) => boolean

/** The requirements as one; undefined where one of them has an operator that does not exist. */
function selectorOf(expressions: readonly NodeSelectorRequirement[]): Selector | undefined {
  const requirements = expressions.map(requirementFrom)
  return requirements.includes(undefined) ? undefined : (requirements as Selector)
}

/** Matches nodes of which all conditions of a term hold. A term without any, or with an operator that does not exist, matches none. */
export function termMatcher({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm): NodeMatcher {
  const [byLabels, byFields] = [selectorOf(matchExpressions), selectorOf(matchFields)]
  if (byLabels === undefined || byFields === undefined || byLabels.length + byFields.length === 0) return () => false
  return ({ name, labels }) =>
    matchesSelector(byLabels, labels) && (byFields.length === 0 || matchesSelector(byFields, { 'metadata.name': name }))
}

/** Matches nodes that a pod may run on as far as its `nodeSelector` and required node affinity go; undefined: all. */
export function nodeMatcher({ nodeSelector, affinity }: PodSpec): NodeMatcher | undefined {
  const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  if (nodeSelector === undefined && required === undefined) return undefined
  const byMap = selectorFromMap(nodeSelector)
  const terms = required?.nodeSelectorTerms.map(termMatcher)
  return (node) =>
    matchesSelector(byMap, node.labels) && (terms === undefined || terms.some((matches) => matches(node)))
}

/** Whether a pod may run on a node as far as its `nodeSelector` and required node affinity go. */
export const matchesNodeSelector = (spec: PodSpec, { metadata: { name, labels = {} } }: SelectableNode): boolean =>
  nodeMatcher(spec)?.({ name, labels }) !== false

/** The names that the fields of a term allow; undefined where they say nothing of names. */
function namesIn({ matchFields = [] }: NodeSelectorTerm): ReadonlySet<string> | undefined {
  const named = matchFields.filter(({ key, operator }) => key === 'metadata.name' && operator === 'In')
  if (named.length === 0) return undefined
  return named.map(({ values = [] }) => new Set(values)).reduce((all, names) => all.intersection(names))
}

/** The only nodes that a pod's required affinity leaves by their name; undefined where any node may do. */
export function requiredNodeNames({ affinity }: PodSpec): ReadonlySet<string> | undefined {
  const terms = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? []
  const names = terms.map(namesIn)
  // The terms are alternatives: one that names no node leaves all.
  if (names.length === 0 || names.includes(undefined)) return undefined
  return new Set(names.flatMap((some) => [...some!]))
}
