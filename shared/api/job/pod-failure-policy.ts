import { choice, field, int32, list, object, type Static, text } from '../schema.ts'
import { batchModel } from '../workload/models.ts'

const OnExitCodes = object(
  batchModel('PodFailurePolicyOnExitCodesRequirement'),
  'A condition on the exit codes of a failed pod’s containers.',
  {
    containerName: text('Container whose exit code counts. Default: any container or init container.'),
    operator: choice('Whether one of the exit codes has to be among `values`, or outside of them.', ['In', 'NotIn']),
    values: list(int32('Exit code.'), 'The exit codes, in ascending order; not 0 for In.', { type: 'set' }),
  },
  { required: ['operator', 'values'] },
)

const OnPodCondition = object(
  batchModel('PodFailurePolicyOnPodConditionsPattern'),
  'A condition that a failed pod has to have.',
  {
    type: text('Type of the pod’s condition.'),
    status: choice('Its status.', ['False', 'True', 'Unknown'], { default: 'True' }),
  },
  { required: ['type', 'status'] },
)

const PodFailurePolicyRule = object(
  batchModel('PodFailurePolicyRule'),
  'What a pod’s failure means, for the pods that meet a requirement: one on exit codes or one on conditions.',
  {
    action: choice(
      'FailJob fails the job; FailIndex fails the pod’s index, without more attempts; Ignore does not count the failure towards the back-off limit; Count does.',
      ['Count', 'FailIndex', 'FailJob', 'Ignore'],
    ),
    onExitCodes: field(OnExitCodes, 'Requirement on the exit codes.'),
    onPodConditions: list(OnPodCondition, 'Requirement on the conditions: one of these patterns has to match.', {
      type: 'atomic',
    }),
  },
  { required: ['action'] },
)
export type PodFailurePolicyRule = Static<typeof PodFailurePolicyRule>

export const PodFailurePolicy = object(
  batchModel('PodFailurePolicy'),
  'How failed pods influence the back-off limit.',
  {
    rules: list(
      PodFailurePolicyRule,
      'Rules in order: the first that a failed pod meets decides; without one the failure counts.',
      {
        type: 'atomic',
      },
    ),
  },
  { required: ['rules'] },
)
export type PodFailurePolicy = Static<typeof PodFailurePolicy>
