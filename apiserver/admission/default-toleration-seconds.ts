import type { Pod } from '../../shared/api/pod/pod.ts'
import { type AdmissionPlugin, writes } from './admission.ts'

const NOT_READY = 'node.kubernetes.io/not-ready'
const UNREACHABLE = 'node.kubernetes.io/unreachable'

type Toleration = NonNullable<Pod['spec']['tolerations']>[number]

/** Whether a toleration already speaks about eviction by `key`. */
const covers = (key: string) => (toleration: Toleration) =>
  (toleration.key === key || (toleration.key ?? '') === '') &&
  (toleration.effect === 'NoExecute' || (toleration.effect ?? '') === '')

const tolerateFor = (key: string, tolerationSeconds: number): Toleration => ({
  key,
  operator: 'Exists',
  effect: 'NoExecute',
  tolerationSeconds,
})

/** How long a pod stays on a lost node, where it does not say so itself. */
export const defaultTolerationSeconds: AdmissionPlugin = {
  name: 'DefaultTolerationSeconds',
  admit(request, { config }) {
    if (request.operation === 'delete' || !writes(request, { group: '', kind: 'Pod' })) return
    const { spec } = request.object as Pod
    const given = spec.tolerations ?? []
    const missing = [
      tolerateFor(NOT_READY, config.notReadyTolerationSeconds),
      tolerateFor(UNREACHABLE, config.unreachableTolerationSeconds),
    ].filter(({ key }) => !given.some(covers(key!)))
    if (missing.length > 0) spec.tolerations = [...given, ...missing]
  },
}
