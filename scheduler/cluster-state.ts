/**
 * What the scheduler knows of nodes and of the pods on them, kept up to date change by change. A pod counts on its node
 * from the moment it is assumed there, before the API server has heard of it.
 */
import type { Node } from '../shared/api/node/node-model.ts'
import { addAmounts, amountsOf, subtractAmounts } from '../shared/scheduling/pod-requests.ts'
import type { NodeInfo, PodInfo } from './framework.ts'

interface Place {
  info: PodInfo
  nodeName: string
  isAssumed: boolean
}

/** All there is on a node name. Pods may be known before their node is, and remain when it is gone. */
interface Account extends Omit<NodeInfo, 'node'> {
  node: Node | undefined
  allocatable: Map<string, number>
  requested: Map<string, number>
  load: Map<string, number>
  podCount: number
  hostPorts: PodInfo['hostPorts'][number][]
  podsByController: Map<string, number>
}

export interface ClusterState {
  setNode(node: Node): void
  removeNode(name: string): void
  /** A pod is bound to a node, as the API server says; confirms or corrects an assumption. */
  place(info: PodInfo, nodeName: string): void
  /** A pod is about to be bound. */
  assume(info: PodInfo, nodeName: string): void
  /** Takes an assumption back; a pod that is known to be bound stays. */
  forget(uid: string): void
  /** A pod is gone or has finished. */
  remove(uid: string): void
  /** What is known of a pod that is on a node, or assumed there. */
  find(uid: string): Readonly<Place> | undefined
  node(name: string): NodeInfo | undefined
  /** All nodes by name. */
  nodes(): readonly NodeInfo[]
}

function createAccount(name: string): Account {
  return {
    name,
    node: undefined,
    allocatable: new Map(),
    requested: new Map(),
    load: new Map(),
    podCount: 0,
    hostPorts: [],
    podsByController: new Map(),
  }
}

function countController(account: Account, { controllerUid }: PodInfo, change: 1 | -1): void {
  if (controllerUid === undefined) return
  const count = (account.podsByController.get(controllerUid) ?? 0) + change
  if (count === 0) account.podsByController.delete(controllerUid)
  else account.podsByController.set(controllerUid, count)
}

function addPod(account: Account, info: PodInfo): void {
  account.podCount++
  addAmounts(account.requested, info.requests)
  addAmounts(account.load, info.load)
  account.hostPorts.push(...info.hostPorts)
  countController(account, info, 1)
}

function subtractPod(account: Account, info: PodInfo): void {
  account.podCount--
  subtractAmounts(account.requested, info.requests)
  subtractAmounts(account.load, info.load)
  if (info.hostPorts.length > 0) account.hostPorts = account.hostPorts.filter((port) => !info.hostPorts.includes(port))
  countController(account, info, -1)
}

const hasNode = (account: Account): account is Account & { node: Node } => account.node !== undefined

export function createClusterState(): ClusterState {
  const accounts = new Map<string, Account>()
  const places = new Map<string, Place>()
  /** Sorted by name; made anew after nodes came or went. */
  let sorted: readonly NodeInfo[] | undefined

  function accountOf(name: string): Account {
    const account = accounts.get(name) ?? createAccount(name)
    accounts.set(name, account)
    return account
  }

  /** Nothing is left to know: neither a node nor a pod. */
  function dropIfEmpty(account: Account): void {
    if (account.node === undefined && account.podCount === 0) accounts.delete(account.name)
  }

  function remove(uid: string): void {
    const place = places.get(uid)
    if (place === undefined) return
    places.delete(uid)
    const account = accountOf(place.nodeName)
    subtractPod(account, place.info)
    dropIfEmpty(account)
  }

  function put(info: PodInfo, nodeName: string, isAssumed: boolean): void {
    remove(info.uid)
    places.set(info.uid, { info, nodeName, isAssumed })
    addPod(accountOf(nodeName), info)
  }

  return {
    setNode(node) {
      const account = accountOf(node.metadata.name)
      if (account.node === undefined) sorted = undefined
      account.node = node
      account.allocatable = amountsOf(node.status.allocatable ?? node.status.capacity)
    },
    removeNode(name) {
      const account = accounts.get(name)
      if (account === undefined) return
      account.node = undefined
      sorted = undefined
      dropIfEmpty(account)
    },
    place: (info, nodeName) => put(info, nodeName, false),
    assume: (info, nodeName) => put(info, nodeName, true),
    forget(uid) {
      if (places.get(uid)?.isAssumed === true) remove(uid)
    },
    remove,
    find: (uid) => places.get(uid),
    node(name) {
      const account = accounts.get(name)
      return account !== undefined && hasNode(account) ? account : undefined
    },
    nodes() {
      sorted ??= [...accounts.values()].filter(hasNode).sort((a, b) => (a.name < b.name ? -1 : 1))
      return sorted
    },
  }
}
