/** Which nodes a pod's `nodeSelector` and node affinity select. Pure. */
import type { NodeSelectorRequirement, NodeSelectorTerm } from '../api/pod/affinity.ts'
import type { PodSpec } from '../api/pod/pod-spec.ts'
import { type Labels, matchesRequirement, matchesSelector, requirementFrom, selectorFromMap } from '../labels.ts'

export interface SelectableNode {
  metadata: { name: string; labels?: Labels }
}

function holds(expression: NodeSelectorRequirement, values: Labels): boolean {
  const requirement = requirementFrom(expression)
  return requirement !== undefined && matchesRequirement(requirement, values)
}

/** Whether all conditions of a term hold. A term without any, or with an operator that does not exist, matches no node. */
export function matchesTerm(
  { matchExpressions = [], matchFields = [] }: NodeSelectorTerm,
  { metadata: { name, labels = {} } }: SelectableNode,
): boolean {
  if (matchExpressions.length + matchFields.length === 0) return false
  const fields = { 'metadata.name': name }
  return (
    matchExpressions.every((expression) => holds(expression, labels)) &&
    matchFields.every((expression) => holds(expression, fields))
  )
}

/** Whether a pod may run on a node as far as its `nodeSelector` and required node affinity go. */
export function matchesNodeSelector({ nodeSelector, affinity }: PodSpec, node: SelectableNode): boolean {
  if (nodeSelector !== undefined && !matchesSelector(selectorFromMap(nodeSelector), node.metadata.labels)) return false
  const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  return required === undefined || required.nodeSelectorTerms.some((term) => matchesTerm(term, node))
}

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
