import type { Node } from '../../shared/api/node/node.ts'
import { type AdmissionPlugin, writes } from './admission.ts'

const NOT_READY = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' } as const

/** A new node takes no pods until it has reported that it is ready: the node lifecycle controller removes the taint. */
export const taintNodesByCondition: AdmissionPlugin = {
  name: 'TaintNodesByCondition',
  admit(request) {
    if (request.operation !== 'create' || !writes(request, { group: '', kind: 'Node' })) return
    const node = request.object as Node
    const taints = node.spec?.taints ?? []
    if (!taints.some(({ key, effect }) => key === NOT_READY.key && effect === NOT_READY.effect))
      node.spec = { ...node.spec, taints: [...taints, { ...NOT_READY }] }
  },
}
