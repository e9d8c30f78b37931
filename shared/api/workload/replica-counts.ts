/** How replicas are counted, in status and for the scale subresource, wherever they are. */
import { type FieldError, invalid } from '../../field-errors.ts'
import type { KubeObject, ScaleAccess } from '../kind.ts'
import type { LabelSelector } from '../meta.ts'
import { isNotNegative } from '../pod/validation/rules.ts'
import { selectorText } from './selector.ts'

type Counts<Name extends string> = { readonly [Key in Name]?: number }

/** That none of the named counts of a status is negative. */
export const validateCounts = <Name extends string>(status: Counts<Name>, names: readonly Name[]): FieldError[] =>
  names.flatMap((name) => isNotNegative(`status.${name}`, status[name]))

interface ReplicaCounts {
  replicas?: number
  readyReplicas?: number
  availableReplicas?: number
}

/** That parts of the replicas are no more than all of them. `parts`: the counts, in the order in which errors name them. */
export function validateReplicaParts<Part extends string>(
  status: ReplicaCounts & Counts<Part>,
  parts: readonly Part[],
): FieldError[] {
  const { replicas = 0, readyReplicas = 0, availableReplicas = 0 } = status
  const errors = parts.flatMap((part) => {
    const count: number = status[part] ?? 0
    return count > replicas ? [invalid(`status.${part}`, count, 'cannot be greater than status.replicas')] : []
  })
  if (availableReplicas > readyReplicas)
    errors.push(invalid('status.availableReplicas', availableReplicas, 'cannot be greater than readyReplicas'))
  return errors
}

interface Collisions {
  collisionCount?: number
}

/** That the count of name collisions, which makes names of revisions unique, only grows. */
export function validateCollisions(
  { collisionCount = 0 }: Collisions,
  { collisionCount: old }: Collisions,
): FieldError[] {
  return old !== undefined && collisionCount < old
    ? [invalid('status.collisionCount', collisionCount, 'cannot be decremented')]
    : []
}

interface Replicated extends KubeObject {
  spec: { replicas: number; selector: LabelSelector }
  status: { replicas?: number }
}

/** The scale subresource of a kind whose replicas are found by a label selector. */
export const replicaScale = <Object extends Replicated>(): ScaleAccess<Object> => ({
  replicas: ({ spec }) => spec.replicas,
  statusReplicas: ({ status }) => status.replicas ?? 0,
  selector: ({ spec }) => selectorText(spec.selector),
  withReplicas: (object, replicas) => ({ ...object, spec: { ...object.spec, replicas } }),
})
