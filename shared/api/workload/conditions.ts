import { list, object, text, time } from '../schema.ts'

/** The fields that the conditions of all workloads have. `types`: the aspects that there are. */
export const conditionFields = (types: string) => ({
  type: text(`Name of the aspect: ${types}.`),
  status: text('True, False or Unknown.'),
  lastTransitionTime: time('When `status` last changed.'),
  reason: text('Why, in one CamelCase word.'),
  message: text('Why, for people.'),
})

/** The model of a workload's conditions, for those that are nothing special. */
export const workloadCondition = (model: string, types: string) =>
  object(model, 'One aspect of a workload’s current state.', conditionFields(types), { required: ['type', 'status'] })

/** Conditions of a status: one for each type. */
export const conditionList = <Condition extends ReturnType<typeof object>>(condition: Condition, description: string) =>
  list(condition, description, { type: 'map', keys: ['type'], patch: 'merge', mergeKey: 'type' })
