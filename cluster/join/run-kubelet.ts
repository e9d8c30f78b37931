/** Keeps the kubelet of a joined node running until somebody ends it. */
import { setTimeout as wait } from 'node:timers/promises'
import { ClusterError } from '../cluster-error.ts'
import { Component, type ComponentSpec } from '../component.ts'
import { type ControlReply, type ControlRequest, serveControl } from '../control.ts'
import { stopRequest } from '../foreground.ts'
import { type Layout, shownPath } from '../layout.ts'
import { stopSupervisor } from '../node-power.ts'
import type { JoinedNode } from './joined-node.ts'

/** A node that is not Ready by then waits for something: that is told. */
const PATIENCE_MS = 10_000
/** Wait before a kubelet that has died is started again. */
const RESTART_MS = 1_000

export interface RunOptions {
  layout: Layout
  node: JoinedNode
  /** Called whenever the node is Ready, before it is told. */
  onReady(): Promise<void>
}

/** What `kubeproc status` and `kubeproc down` ask for; the rest is the affair of the cluster's own machine. */
const createHandler =
  (kubelet: Component, { server }: JoinedNode, down: () => Promise<void>) =>
  async (request: ControlRequest): Promise<ControlReply> => {
    switch (request.do) {
      case 'status':
        return { ok: true, status: { pid: process.pid, server, components: [kubelet.status] } }
      case 'down':
        await down()
        return { ok: true }
      default:
        return { ok: false, message: `this machine is a node of ${server}: ask for that on the cluster's machine` }
    }
  }

/** Resolves when the node has been ended in order, its pods included. Throws a ClusterError where it does not start. */
export async function runKubelet(spec: ComponentSpec, { layout, node, onReady }: RunOptions): Promise<void> {
  const stop = stopRequest('node')
  const stopped = stop.requested.then(() => undefined)
  const ended = Promise.withResolvers<void>()
  let death = Promise.withResolvers<string>()
  const kubelet = new Component(spec, { onDeath: (_name, how) => death.resolve(how) })
  const down = () => {
    stop.request()
    return ended.promise
  }
  const control = await serveControl(layout.controlSocket, createHandler(kubelet, node, down))
  async function started(): Promise<true> {
    const what = 'on the cluster\'s machine "kubectl get csr" shows whether its certificates wait for a person'
    const impatience = setTimeout(
      () => console.error(`the node is not Ready yet: ${shownPath(spec.logPath)} may say why; ${what}`),
      PATIENCE_MS,
    )
    try {
      await kubelet.start()
      return true
    } catch (error) {
      throw new ClusterError(`the node ${node.name} did not start: ${(error as Error).message}`)
    } finally {
      clearTimeout(impatience)
    }
  }
  try {
    for (;;) {
      death = Promise.withResolvers()
      if ((await Promise.race([started(), stopped])) === undefined) break
      await onReady()
      console.log(`node ${node.name} is Ready (log: ${shownPath(spec.logPath)}; Ctrl-C ends it, pods included)`)
      const how = await Promise.race([death.promise, stopped])
      if (how === undefined) break
      console.error(`the kubelet died (${how}): it is started again, and finds its pods as they are`)
      await Promise.race([wait(RESTART_MS), stopped])
    }
    console.log(`stopping the node ${node.name} and its pods …`)
  } finally {
    await kubelet.stop()
    await stopSupervisor(layout.node(node.name))
    ended.resolve()
    control.close()
  }
  console.log('the node has stopped; "kubeproc node join" goes on where it was')
}
