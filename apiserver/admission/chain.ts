import type { AdmissionPlugin, AdmissionRequest, AdmissionWorld } from './admission.ts'
import { defaultTolerationSeconds } from './default-toleration-seconds.ts'
import { namespaceLifecycle } from './namespace-lifecycle.ts'
import { priority } from './priority.ts'
import { serviceAccount } from './service-account.ts'
import { taintNodesByCondition } from './taint-nodes-by-condition.ts'

/** Every admission plugin, in the order in which they run: upstream's. */
const plugins: readonly AdmissionPlugin[] = [
  namespaceLifecycle,
  serviceAccount,
  taintNodesByCondition,
  priority,
  defaultTolerationSeconds,
]

/** Runs a request through all plugins. Throws the first refusal. */
export function admit(request: AdmissionRequest, world: AdmissionWorld): void {
  for (const plugin of plugins) plugin.admit(request, world)
}
