/** Where a proxied request goes: pure, from what its path names and the objects behind it. Errors are upstream's. */
import type { Node } from '../../shared/api/node/node.ts'
import type { Pod } from '../../shared/api/pod/pod.ts'
import type { Service } from '../../shared/api/service/service.ts'
import { badRequest, unavailable } from '../../shared/errors.ts'
import { kubeletAddressOf } from './pod-log.ts'

/** What stands in the place of a name: `[SCHEME:]NAME[:PORT]`. */
export interface ProxyName {
  isTls: boolean
  name: string
  /** Number or name; empty where none is given. */
  port: string
}

export interface ProxyTarget {
  isTls: boolean
  host: string
  port: number
  /** The target is a kubelet's own server: the API server shows who it is. */
  isKubelet?: true
}

/** Where neither the request nor the pod says which. */
const DEFAULT_PORT = 80

/** Reads the name in a path. Throws a BadRequest. */
export function parseProxyName(text: string, plural: string): ProxyName {
  const parts = text.split(':')
  const [first = '', second = '', third = ''] = parts
  const wrong = () => badRequest(`invalid ${plural} request ${JSON.stringify(text)}`)
  if (parts.length > 3) throw wrong()
  if (parts.length < 3) return { isTls: false, name: first, port: second }
  if (!['', 'http', 'https'].includes(first)) throw wrong()
  return { isTls: first === 'https', name: second, port: third }
}

function numberOf(port: string): number | undefined {
  const number = Number(port)
  return /^\d{1,5}$/.test(port) && number >= 1 && number <= 65535 ? number : undefined
}

/** The port of a pod that a number or a name means. */
function podPort({ spec }: Pod, port: string | number): number | undefined {
  if (typeof port === 'number') return port
  const named = spec.containers.flatMap(({ ports = [] }) => ports).find(({ name }) => name === port)
  return named?.containerPort ?? numberOf(port)
}

const isLoopback = (address: string) => address.startsWith('127.')

/** Whether the pod's address means that pod on this machine: a loopback address does on the pod's own alone. */
const isWithinReach = ({ status: { podIP = '', hostIP } = {} }: Pod) =>
  !isLoopback(podIP) || hostIP === undefined || isLoopback(hostIP)

export function podTarget(pod: Pod, { isTls, port }: ProxyName): ProxyTarget {
  const { metadata, spec, status } = pod
  if (!status?.podIP) throw badRequest(`pod ${metadata.name} has no address yet`)
  if (!isWithinReach(pod))
    throw badRequest(`pod ${metadata.name} runs on another machine, which alone reaches its address ${status.podIP}`)
  const first = spec.containers.flatMap(({ ports = [] }) => ports)[0]?.containerPort
  const chosen = port === '' ? (first ?? DEFAULT_PORT) : podPort(pod, port)
  if (chosen === undefined) throw badRequest(`invalid port ${JSON.stringify(port)} of pod ${metadata.name}`)
  return { isTls, host: status.podIP, port: chosen }
}

const isReady = ({ metadata, status }: Pod) =>
  metadata.deletionTimestamp === undefined &&
  status?.podIP !== undefined &&
  (status.conditions ?? []).some(({ type, status: value }) => type === 'Ready' && value === 'True')

/** One of a service's ready pods; `random` (0 to 1) chooses. `pods` are those that its selector selects. */
export function serviceTarget(
  { metadata, spec }: Service,
  { isTls, port }: ProxyName,
  { pods, random }: { pods: readonly Pod[]; random: number },
): ProxyTarget {
  const ports = spec.ports ?? []
  const isMeant = ports.filter(({ name = '', port: number }) => name === port || String(number) === port)
  const [servicePort] = port === '' && ports.length === 1 ? ports : isMeant
  if (servicePort === undefined)
    throw unavailable(`no service port ${JSON.stringify(port)} found for service ${JSON.stringify(metadata.name)}`)
  const ends = pods
    .filter((pod) => isReady(pod) && isWithinReach(pod))
    .flatMap((pod) => {
      const end = podPort(pod, servicePort.targetPort ?? servicePort.port)
      return end === undefined ? [] : [{ isTls, host: pod.status!.podIP!, port: end }]
    })
  const chosen = ends[Math.min(ends.length - 1, Math.floor(random * ends.length))]
  if (chosen === undefined) throw unavailable(`no endpoints available for service ${JSON.stringify(metadata.name)}`)
  return chosen
}

/** A node's kubelet, unless another port of the node is asked for. */
export function nodeTarget(node: Node, { isTls, port }: ProxyName): ProxyTarget {
  const kubelet = kubeletAddressOf(node)
  const number = port === '' ? kubelet.port : numberOf(port)
  if (number === undefined) throw badRequest(`invalid port ${JSON.stringify(port)} of node ${node.metadata.name}`)
  if (number === kubelet.port) return { isTls: true, ...kubelet, isKubelet: true }
  return { isTls, host: kubelet.host, port: number }
}
