import type { AdmissionPlugin, AdmissionRequest, AdmissionWorld } from './admission.ts'
import { certificateRequests } from './certificate-requests.ts'
import { createOnUpdate } from './create-on-update.ts'
import { defaultTolerationSeconds } from './default-toleration-seconds.ts'
import { limitRanger } from './limit-ranger.ts'
import { namespaceLifecycle } from './namespace-lifecycle.ts'
import { nodeRestriction } from './node-restriction.ts'
import { priority } from './priority.ts'
import { roleEscalation } from './role-escalation.ts'
import { serviceAccount } from './service-account.ts'
import { taintNodesByCondition } from './taint-nodes-by-condition.ts'

/** Every admission plugin, in the order in which they run: upstream's. */
const plugins: readonly AdmissionPlugin[] = [
  createOnUpdate,
  namespaceLifecycle,
  limitRanger,
  serviceAccount,
  nodeRestriction,
  taintNodesByCondition,
  priority,
  defaultTolerationSeconds,
  certificateRequests,
  // Not a plugin upstream, where the registry of each kind checks this itself, last of all.
  roleEscalation,
]

/** Runs a request through all plugins. Throws the first refusal. */
export function admit(request: AdmissionRequest, world: AdmissionWorld): void {
  for (const plugin of plugins) plugin.admit(request, world)
}
