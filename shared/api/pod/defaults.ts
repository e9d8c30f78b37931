/** Defaults that depend on several fields together, or that pods get and templates do not. */
import type { Container, Pod, PodSpec, PodStatus } from './pod.ts'

/** `serviceAccount` is the former name of `serviceAccountName`: both always say the same, and the new name wins. */
export function linkServiceAccount(spec: PodSpec): void {
  const name = spec.serviceAccountName || spec.serviceAccount
  if (!name) return
  spec.serviceAccountName = name
  spec.serviceAccount = name
}

/** What a container may use at most is set aside for it, unless it asks for less. */
function requestLimits({ resources }: Container): void {
  if (resources?.limits === undefined) return
  resources.requests = { ...resources.limits, ...resources.requests }
}

/** On the network of the node, a port of a container is the same port of the node. */
function openHostPorts({ ports = [] }: Container): void {
  for (const port of ports) port.hostPort ||= port.containerPort
}

/** `podIP` is the first of `podIPs`. Where they differ `podIP` is right: clients that know only it write only it. */
function linkPodIPs(status: PodStatus): void {
  const { podIP, podIPs = [] } = status
  if (podIP && podIPs[0]?.ip !== podIP) status.podIPs = [{ ip: podIP }]
  else if (!podIP && podIPs[0] !== undefined) status.podIP = podIPs[0].ip
}

/** Completes a pod beyond the defaults of its schema (upstream's `SetDefaults_Pod`). Changes it in place. */
export function podDefaults({ spec, status }: Pod): void {
  const containers = [...(spec.containers ?? []), ...(spec.initContainers ?? [])]
  containers.forEach(requestLimits)
  if (spec.hostNetwork) containers.forEach(openHostPorts)
  spec.enableServiceLinks ??= true
  linkServiceAccount(spec)
  linkPodIPs(status)
}
