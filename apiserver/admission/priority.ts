import type { Pod } from '../../shared/api/pod/pod.ts'
import { type AdmissionPlugin, refuse, writes } from './admission.ts'

/** The two classes that exist without an object, for the system's own pods. */
const SYSTEM_CLASSES: Readonly<Record<string, number>> = {
  'system-cluster-critical': 2_000_000_000,
  'system-node-critical': 2_000_001_000,
}

/** Resolves a pod's priority class to its number. There are no PriorityClass objects: without a class it is 0. */
export const priority: AdmissionPlugin = {
  name: 'Priority',
  admit(request) {
    if (request.operation === 'delete' || !writes(request, { group: '', kind: 'Pod' })) return
    const { spec } = request.object as Pod
    if (request.operation === 'update') {
      // A client that leaves them out means no change.
      const old = (request.old as Pod).spec
      spec.priority ??= old.priority
      spec.preemptionPolicy ??= old.preemptionPolicy
      return
    }
    const name = spec.priorityClassName ?? ''
    if (name !== '' && !Object.hasOwn(SYSTEM_CLASSES, name))
      throw refuse(request, `no PriorityClass with name ${name} was found`)
    const value = name === '' ? 0 : SYSTEM_CLASSES[name]!
    if (spec.priority !== undefined && spec.priority !== value)
      throw refuse(
        request,
        `the integer value of priority (${spec.priority}) must not be provided in pod spec; priority admission controller computed ${value} from the given PriorityClass name`,
      )
    spec.priority = value
    spec.preemptionPolicy ??= 'PreemptLowerPriority'
  },
}
