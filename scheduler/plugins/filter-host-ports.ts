import { isSamePort } from '../../shared/scheduling/pod-requests.ts'
import type { Filter } from '../framework.ts'

/** A port of the node can be taken by one pod only. */
export const filterHostPorts: Filter = {
  name: 'NodePorts',
  reject(pod, node) {
    const isTaken = pod.hostPorts.some((wanted) => node.hostPorts.some((taken) => isSamePort(wanted, taken)))
    if (!isTaken) return undefined
    return { reasons: ["node(s) didn't have free ports for the requested pod ports"], resolvable: true }
  },
}
