import { isSamePort } from '../../shared/scheduling/pod-requests.ts'
import type { Filter, NodeInfo, PodInfo, Rejection } from '../framework.ts'

const TAKEN: Rejection = {
  reasons: ["node(s) didn't have free ports for the requested pod ports"],
  resolvable: true,
}

const clashes = ({ hostPorts }: PodInfo, taken: PodInfo['hostPorts']) =>
  hostPorts.some((wanted) => taken.some((port) => isSamePort(wanted, port)))

/** A port of the node can be taken by one pod only. */
export const filterHostPorts: Filter = {
  name: 'NodePorts',
  prepare(pod) {
    if (pod.hostPorts.length === 0) return undefined
    return ({ hostPorts }: NodeInfo) => (clashes(pod, hostPorts) ? TAKEN : undefined)
  },
  hints: { node: ['added'], gone: (pod, gone) => clashes(pod, gone.hostPorts) },
}
