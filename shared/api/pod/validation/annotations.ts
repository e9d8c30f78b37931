import { at, type FieldError, invalid } from '../../../field-errors.ts'

/** Says which pods of a ReplicaSet go first when there are too many. */
const DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost'

const MIN_INT32 = -(2 ** 31)
const MAX_INT32 = 2 ** 31 - 1

/** Errors of the annotations that mean something for pods, in a pod or in a template. */
export function validatePodAnnotations(annotations: Readonly<Record<string, string>> | undefined, path: string) {
  const cost = annotations?.[DELETION_COST]
  const errors: FieldError[] = []
  if (cost !== undefined && !isInt32(cost))
    errors.push(invalid(at(path, DELETION_COST), cost, 'must be a 32bit integer'))
  return errors
}

const isInt32 = (text: string): boolean =>
  /^(0|-?[1-9]\d*)$/.test(text) && Number(text) >= MIN_INT32 && Number(text) <= MAX_INT32
