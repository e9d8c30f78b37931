import { int32, list, object, type Static, text } from '../schema.ts'
import { batchModel } from '../workload/models.ts'

const SuccessPolicyRule = object(
  batchModel('SuccessPolicyRule'),
  'When an indexed job has succeeded: at least one of the fields is given.',
  {
    succeededIndexes: text(
      'Indexes that have to succeed, as numbers and ranges such as `1,3-5,7`; with `succeededCount`, of which so many have to.',
    ),
    succeededCount: int32('Number of indexes that have to succeed.'),
  },
)
export type SuccessPolicyRule = Static<typeof SuccessPolicyRule>

export const SuccessPolicy = object(
  batchModel('SuccessPolicy'),
  'When a job has succeeded before all of its indexes have.',
  {
    rules: list(SuccessPolicyRule, 'Rules, of which the first that is met ends the job; its other pods are stopped.', {
      type: 'atomic',
    }),
  },
  { required: ['rules'] },
)
export type SuccessPolicy = Static<typeof SuccessPolicy>
