/** Carries out what other `kubeproc` commands ask the launcher for. */
import type { Disturbance } from '../kubelet/runtime/supervisor/ask.ts'
import type { Cluster } from './cluster.ts'
import { ClusterError } from './cluster-error.ts'
import type { ComponentVerb, ControlHandler, NodeVerb, TellWait } from './control.ts'
import { deleteNodeObjects, presenceOf } from './node-objects.ts'
import { findPod } from './pod-place.ts'

/** Adds a node of this machine, whose name no node of another one may have. */
async function addNode(cluster: Cluster, name: string): Promise<void> {
  const presence = cluster.hasNode(name) ? 'ours' : await presenceOf(cluster.options.layout.kubeconfig, name)
  if (presence === 'Ready' || presence === 'not Ready')
    throw new ClusterError(`there is a node ${name} of another machine already`)
  return cluster.addNode(name)
}

/** Removes a node: one of another machine is only forgotten, once it has been ended there. */
async function removeNode(cluster: Cluster, name: string): Promise<void> {
  const { kubeconfig } = cluster.options.layout
  const presence = cluster.hasNode(name) ? 'ours' : await presenceOf(kubeconfig, name)
  if (presence === 'Ready')
    throw new ClusterError(`the node ${name} runs on another machine: end it there first, by Ctrl-C or "kubeproc down"`)
  if (presence === 'ours' || presence === 'absent') await cluster.removeNode(name)
  return deleteNodeObjects(kubeconfig, name)
}

async function actOnNode(
  cluster: Cluster,
  { verb, name }: { verb: NodeVerb; name: string },
  tellWait: TellWait,
): Promise<void> {
  switch (verb) {
    case 'add':
      await cluster.whenServed(tellWait)
      return addNode(cluster, name)
    case 'start':
      await cluster.whenServed(tellWait)
      return cluster.startNode(name)
    case 'rm':
      await cluster.whenServed(tellWait)
      return removeNode(cluster, name)
    case 'kill':
    case 'freeze':
    case 'thaw':
    case 'partition':
    case 'heal':
      return cluster.node(name)[verb]()
  }
}

async function actOnComponent(
  cluster: Cluster,
  { verb, name }: { verb: ComponentVerb; name: string },
  tellWait: TellWait,
): Promise<void> {
  const component = cluster.component(name)
  if (verb !== 'start') return component[verb]()
  if (name !== 'apiserver') await cluster.whenServed(tellWait)
  return cluster.startComponent(component, performance.now())
}

async function actOnPod(cluster: Cluster, how: Disturbance, key: { name: string; namespace: string }): Promise<void> {
  const { uid, node } = await findPod(cluster.options.layout.kubeconfig, key)
  const containers = await cluster.node(node).disturbPod(uid, how)
  if (containers.length === 0) throw new ClusterError(`pod ${key.name} has no running container`)
}

/** `down` stops the cluster and resolves when it has stopped. */
export function createHandler(cluster: Cluster, down: () => Promise<void>): ControlHandler {
  return async (request, tellWait) => {
    switch (request.do) {
      case 'status': {
        const { server, status: components } = cluster
        const { kubeconfig } = cluster.options.layout
        return { ok: true, status: { pid: process.pid, server, kubeconfig, components } }
      }
      case 'down':
        await down()
        return { ok: true }
      case 'invite': {
        await cluster.whenServed(tellWait)
        const { invite } = await import('./join/invitation.ts')
        return { ok: true, invitation: await invite(cluster.options) }
      }
      case 'node':
        await actOnNode(cluster, request, tellWait)
        return { ok: true }
      case 'slow node':
        await cluster.node(request.name).slow(request.delayMs)
        return { ok: true }
      case 'component':
        await actOnComponent(cluster, request, tellWait)
        return { ok: true }
      case 'pod':
        await cluster.whenServed(tellWait)
        await actOnPod(cluster, request.how, request)
        return { ok: true }
    }
  }
}
