import type { Pod } from '../../shared/api/pod/pod.ts'
import type { PriorityClass } from '../../shared/api/priority-class.ts'
import { SYSTEM_PRIORITIES } from '../../shared/api/system-priorities.ts'
import { type AdmissionPlugin, type AdmissionRequest, type AdmissionWorld, refuse, writes } from './admission.ts'

const POD = { group: '', kind: 'Pod' }
const PRIORITY_CLASS = { group: 'scheduling.k8s.io', kind: 'PriorityClass' }

type Ranked = Pick<PriorityClass, 'value' | 'preemptionPolicy'>

/** What pods are without a class. */
const UNRANKED: Ranked = { value: 0, preemptionPolicy: 'PreemptLowerPriority' }

/** Of several defaults, which two servers may have made at the same moment, the least important one counts. */
const defaultClass = ({ priorityClasses }: AdmissionWorld): PriorityClass | undefined =>
  priorityClasses()
    .filter(({ globalDefault }) => globalDefault === true)
    .reduce<PriorityClass | undefined>((least, each) => (least && least.value <= each.value ? least : each), undefined)

function rankOf(request: AdmissionRequest, spec: Pod['spec'], world: AdmissionWorld): Ranked {
  const { priorityClassName: name = '' } = spec
  if (name !== '') {
    const found = world.priorityClass(name)
    if (found === undefined) throw refuse(request, `no PriorityClass with name ${name} was found`)
    return found
  }
  const byDefault = defaultClass(world)
  if (byDefault === undefined) return UNRANKED
  spec.priorityClassName = byDefault.metadata.name
  return byDefault
}

function rankPod(request: AdmissionRequest, world: AdmissionWorld): void {
  const { spec } = request.object as Pod
  const { value, preemptionPolicy } = rankOf(request, spec, world)
  if (spec.priority !== undefined && spec.priority !== value)
    throw refuse(
      request,
      `the integer value of priority (${spec.priority}) must not be provided in pod spec; priority admission controller computed ${value} from the given PriorityClass name`,
    )
  if (spec.preemptionPolicy !== undefined && spec.preemptionPolicy !== preemptionPolicy)
    throw refuse(
      request,
      `the string value of PreemptionPolicy (${spec.preemptionPolicy}) must not be provided in pod spec; priority admission controller computed ${preemptionPolicy} from the given PriorityClass name`,
    )
  spec.priority = value
  spec.preemptionPolicy = preemptionPolicy
}

/** A client that leaves them out means no change. */
function keepRank({ spec }: Pod, { spec: old }: Pod): void {
  spec.priority ??= old.priority
  spec.preemptionPolicy ??= old.preemptionPolicy
}

function checkClass(request: AdmissionRequest, world: AdmissionWorld): void {
  if (request.operation === 'delete') {
    if (SYSTEM_PRIORITIES.has(request.name))
      throw refuse(request, 'this is a system priority class and cannot be deleted')
    return
  }
  if ((request.object as PriorityClass).globalDefault !== true) return
  const other = defaultClass(world)
  if (other === undefined || other.metadata.name === request.name) return
  const detail = `PriorityClass ${other.metadata.name} is already marked as default. Only one default can exist`
  throw refuse(request, detail)
}

/** Resolves a pod's priority class to its number and its right to preempt; sees to it that at most one is the default. */
export const priority: AdmissionPlugin = {
  name: 'Priority',
  admit(request, world) {
    if (writes(request, PRIORITY_CLASS)) checkClass(request, world)
    if (request.operation === 'delete' || !writes(request, POD)) return
    if (request.operation === 'create') rankPod(request, world)
    else keepRank(request.object as Pod, request.old as Pod)
  },
}
