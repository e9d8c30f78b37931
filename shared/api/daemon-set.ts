import { type FieldError, notSupportedShown, required } from '../field-errors.ts'
import { formatSelector, selectorFromMap } from '../labels.ts'
import { ageColumn, nameColumn } from './columns.ts'
import { invalidIntOrPercent, isZero, validateAtMostAll, validateIntOrPercent } from './int-or-percent.ts'
import type { Column, Kind } from './kind.ts'
import { LabelSelector, typeMeta } from './meta.ts'
import { isNotNegative } from './pod/validation/rules.ts'
import { sameSpec } from './pod/validation/same-spec.ts'
import { PodTemplateSpec, templateDefaults, templateWarnings, validatePodTemplate } from './pod-template.ts'
import { choice, field, int32, int64, intOrString, object, type Static } from './schema.ts'
import { validateLabelSelector } from './validate-label-selector.ts'
import { workloadColumns } from './workload/columns.ts'
import { conditionList, workloadCondition } from './workload/conditions.ts'
import { appsModel } from './workload/models.ts'
import { validateCollisions, validateCounts } from './workload/replica-counts.ts'
import {
  refuseEmptySelector,
  usableSelector,
  validateSameSelector,
  validateTemplateLabels,
} from './workload/selector.ts'
import { validateEndlessPods } from './workload/template.ts'

const RollingUpdateDaemonSet = object(
  appsModel('RollingUpdateDaemonSet'),
  'How many nodes an update touches at a time: one of the limits is 0.',
  {
    maxUnavailable: intOrString(
      'Most nodes whose pod may be missing, as a number or a percentage of the wanted ones.',
      {
        default: 1,
      },
    ),
    maxSurge: intOrString('Most nodes that may run an old and a new pod, as a number or a percentage.', { default: 0 }),
  },
)

const DaemonSetUpdateStrategy = object(
  appsModel('DaemonSetUpdateStrategy'),
  'How pods of an old template are replaced.',
  {
    type: choice(
      'RollingUpdate replaces them node by node; OnDelete when somebody deletes them.',
      ['RollingUpdate', 'OnDelete'],
      {
        default: 'RollingUpdate',
      },
    ),
    rollingUpdate: field(RollingUpdateDaemonSet, 'Limits of a rolling update.', {
      default: ({ type }: { type?: string }) => (type === 'RollingUpdate' ? {} : undefined),
    }),
  },
  { required: ['type'] },
)
export type DaemonSetUpdateStrategy = Static<typeof DaemonSetUpdateStrategy>

const DaemonSetSpec = object(
  appsModel('DaemonSetSpec'),
  'What runs on the nodes.',
  {
    selector: field(
      LabelSelector,
      'Which pods belong to it; the template’s labels must be among them. Cannot be changed.',
    ),
    template: field(PodTemplateSpec, 'What the pods are made from; its node selector and affinity choose the nodes.', {
      default: {},
    }),
    updateStrategy: field(DaemonSetUpdateStrategy, 'How pods of an old template are replaced.', { default: {} }),
    minReadySeconds: int32('Seconds for which a pod must have been ready to count as available. Default: 0.'),
    revisionHistoryLimit: int32('Old revisions that are kept for a rollback.', { default: 10 }),
  },
  { required: ['selector', 'template', 'updateStrategy', 'revisionHistoryLimit'] },
)

const DaemonSetCondition = workloadCondition(appsModel('DaemonSetCondition'), 'none are in use yet')
export type DaemonSetCondition = Static<typeof DaemonSetCondition>

const DaemonSetStatus = object(
  appsModel('DaemonSetStatus'),
  'On how many nodes the pods are, and on how many they should be.',
  {
    currentNumberScheduled: int32('Nodes that run a pod, and should.'),
    numberMisscheduled: int32('Nodes that run a pod, and should not.'),
    desiredNumberScheduled: int32('Nodes that should run a pod.'),
    numberReady: int32('Nodes that should run a pod and have one that is ready.'),
    observedGeneration: int64('The `metadata.generation` that the controller has acted upon.'),
    updatedNumberScheduled: int32('Nodes that run a pod of the current template.'),
    numberAvailable: int32('Nodes that should run a pod and have one that has been ready for `minReadySeconds`.'),
    numberUnavailable: int32('Nodes that should run a pod and have none that is available.'),
    collisionCount: int32('How often the name of a new revision was taken; part of the hash in the next one’s name.'),
    conditions: conditionList(DaemonSetCondition, 'What there is to say beside the counts.'),
  },
  { required: ['currentNumberScheduled', 'numberMisscheduled', 'desiredNumberScheduled', 'numberReady'] },
)
export type DaemonSetStatus = Static<typeof DaemonSetStatus>

const EMPTY_STATUS: DaemonSetStatus = {
  currentNumberScheduled: 0,
  numberMisscheduled: 0,
  desiredNumberScheduled: 0,
  numberReady: 0,
}

const schema = object(
  appsModel('DaemonSet'),
  'Runs a pod on each node, or on each of some nodes.',
  {
    ...typeMeta,
    spec: field(DaemonSetSpec, 'What runs on the nodes.', { default: {} }),
    status: field(DaemonSetStatus, 'On how many nodes the pods are.', { default: EMPTY_STATUS }),
  },
  { required: ['apiVersion', 'kind', 'metadata', 'spec', 'status'] },
)
export type DaemonSet = Static<typeof schema>

/** Counts the changes of the template. Only old clients look at it; revisions have taken its place. */
const TEMPLATE_GENERATION = 'deprecated.daemonset.template.generation'

/** What is no number counts as none. */
const templateGeneration = ({ metadata }: DaemonSet): number =>
  Math.trunc(Number(metadata.annotations?.[TEMPLATE_GENERATION])) || 0

function setTemplateGeneration({ metadata }: DaemonSet, generation: number): void {
  metadata.annotations = { ...metadata.annotations, [TEMPLATE_GENERATION]: String(generation) }
}

/** The annotation belongs to whoever writes the object, as upstream, which makes it of a field of its own. */
function defaults(set: DaemonSet): void {
  templateDefaults(set.spec.template)
  setTemplateGeneration(set, templateGeneration(set))
}

function prepareForCreate(set: DaemonSet): void {
  setTemplateGeneration(set, Math.max(1, templateGeneration(set)))
  set.status = { ...EMPTY_STATUS }
}

function prepareForUpdate(set: DaemonSet, old: DaemonSet): void {
  const isChanged = !sameSpec(set.spec.template, old.spec.template)
  setTemplateGeneration(set, templateGeneration(old) + (isChanged ? 1 : 0))
}

function validateRollingUpdate({ maxUnavailable = 0, maxSurge = 0 }: Static<typeof RollingUpdateDaemonSet>) {
  const unavailable = 'spec.updateStrategy.rollingUpdate.maxUnavailable'
  const surge = 'spec.updateStrategy.rollingUpdate.maxSurge'
  const errors = [
    ...validateIntOrPercent(maxUnavailable, unavailable),
    ...validateIntOrPercent(maxSurge, surge),
    ...validateAtMostAll(maxUnavailable, unavailable),
    ...validateAtMostAll(maxSurge, surge),
  ]
  if (isZero(maxUnavailable) && isZero(maxSurge)) errors.push(required(unavailable, 'cannot be 0 when maxSurge is 0'))
  if (!isZero(maxUnavailable) && !isZero(maxSurge))
    errors.push(invalidIntOrPercent(surge, maxSurge, 'may not be set when maxUnavailable is non-zero'))
  return errors
}

function validateStrategy({ type, rollingUpdate }: DaemonSetUpdateStrategy): FieldError[] {
  if (type === 'RollingUpdate') return validateRollingUpdate(rollingUpdate ?? {})
  if (type === 'OnDelete') return []
  const shown = `apps.DaemonSetUpdateStrategy{Type:${JSON.stringify(type)}, RollingUpdate:(*apps.RollingUpdateDaemonSet)(nil)}`
  return [notSupportedShown('spec.updateStrategy', shown, ['RollingUpdate', 'OnDelete'])]
}

/** Unlike that of other workloads, a missing selector is no error of its own: it does not match the template. */
function validateSelector(selector: LabelSelector | undefined, { metadata }: PodTemplateSpec): FieldError[] {
  const usable = usableSelector(selector)
  return [
    ...validateLabelSelector(selector, 'spec.selector'),
    ...(usable === undefined ? [] : validateTemplateLabels(metadata.labels, usable, 'spec.template')),
    ...(selector === undefined ? [] : refuseEmptySelector(selector, 'spec.selector', 'daemonset')),
  ]
}

const validate = ({ spec }: DaemonSet): FieldError[] => [
  ...validateSelector(spec.selector, spec.template),
  ...validatePodTemplate(spec.template, 'spec.template'),
  ...validateEndlessPods(spec.template, 'spec.template', 'DaemonSet'),
  ...isNotNegative('spec.minReadySeconds', spec.minReadySeconds),
  ...validateStrategy(spec.updateStrategy),
  ...isNotNegative('spec.revisionHistoryLimit', spec.revisionHistoryLimit),
]

const COUNTS = [
  'currentNumberScheduled',
  'numberMisscheduled',
  'desiredNumberScheduled',
  'numberReady',
  'observedGeneration',
  'updatedNumberScheduled',
  'numberAvailable',
  'numberUnavailable',
  'collisionCount',
] as const

const countColumn = (name: string, description: string, count: (typeof COUNTS)[number]): Column<DaemonSet> => ({
  name,
  type: 'integer',
  description,
  cell: ({ status }) => status[count] ?? 0,
})

export const daemonSet: Kind<DaemonSet> = {
  group: 'apps',
  version: 'v1',
  kind: 'DaemonSet',
  plural: 'daemonsets',
  singular: 'daemonset',
  shortNames: ['ds'],
  categories: ['all'],
  namespaced: true,
  schema,
  hasStatus: true,
  hasGeneration: true,
  warningsOnCreate: ({ spec }) => templateWarnings(spec.template),
  defaults,
  prepareForCreate,
  prepareForUpdate,
  validate,
  validateUpdate: ({ spec }, old) => validateSameSelector(spec.selector, old.spec.selector),
  validateStatusUpdate: ({ status }, { status: old }) => [
    ...validateCounts(status, COUNTS),
    ...validateCollisions(status, old),
  ],
  columns: [
    nameColumn,
    countColumn('Desired', 'Nodes that should run a pod.', 'desiredNumberScheduled'),
    countColumn('Current', 'Nodes that run one.', 'currentNumberScheduled'),
    countColumn('Ready', 'Nodes on which it is ready.', 'numberReady'),
    countColumn('Up-to-date', 'Nodes on which it is of the current template.', 'updatedNumberScheduled'),
    countColumn('Available', 'Nodes on which it has been ready for long enough.', 'numberAvailable'),
    {
      name: 'Node Selector',
      type: 'string',
      description: 'Labels of the nodes that should run a pod.',
      cell: ({ spec }) => formatSelector(selectorFromMap(spec.template.spec.nodeSelector)) || '<none>',
    },
    ageColumn,
    ...workloadColumns<DaemonSet>(),
  ],
}
