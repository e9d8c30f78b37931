/**
 * What the scheduler knows of nodes and of the pods on them, kept up to date change by change. A pod counts on its node
 * from the moment it is assumed there, before the API server has heard of it. A cycle reads the state as it is: it runs
 * without a break, so nothing is copied for it.
 */
import type { Node } from '../../shared/api/node/node-model.ts'
import type { Labels } from '../../shared/labels.ts'
import type { Cluster, NodeInfo, PodInfo } from '../framework.ts'
import { type Account, addPod, createAccount, nodePartOf, subtractPod } from './account.ts'
import { createNodeCounts } from './node-counts.ts'
import { createNodeOrder, zoneOf } from './node-order.ts'
import { createPodCounts } from './pod-counts.ts'
import { createStandingTerms } from './standing-terms.ts'

/** How much it counts in scoring that pods which must be near a pod are there (upstream's `hardPodAffinityWeight`). */
const REQUIRED_AFFINITY_WEIGHT = 1

interface Place {
  readonly info: PodInfo
  readonly nodeName: string
  readonly isAssumed: boolean
}

export interface ClusterState extends Cluster {
  setNode(node: Node): void
  removeNode(name: string): void
  setNamespace(name: string, labels: Labels): void
  removeNamespace(name: string): void
  /** A pod is bound to a node, as the API server says; confirms or corrects an assumption. */
  place(info: PodInfo, nodeName: string): void
  /** A pod is about to be bound. */
  assume(info: PodInfo, nodeName: string): void
  /** Takes an assumption back; a pod that is known to be bound stays. */
  forget(uid: string): void
  /** A pod is gone or has finished. */
  remove(uid: string): void
  /** What is known of a pod that is on a node, or assumed there. */
  find(uid: string): Place | undefined
}

export function createClusterState(): ClusterState {
  const accounts = new Map<string, Account>()
  /** Pods on names of nodes that are not there, by these names. */
  const homeless = new Map<string, Set<PodInfo>>()
  const places = new Map<string, Place>()
  const namespaces = new Map<string, Labels>()
  const order = createNodeOrder<Account>()
  const nodeCounts = createNodeCounts(() => accounts.values())
  const podCounts = createPodCounts()
  const standingAway = createStandingTerms(({ away }) => away.map((term) => ({ term, weight: 1 })))
  const standingPreferences = createStandingTerms(({ near, preferred }) => [
    ...near.map((term) => ({ term, weight: REQUIRED_AFFINITY_WEIGHT })),
    ...preferred,
  ])
  const followers = [podCounts, standingAway, standingPreferences]

  function settle(info: PodInfo, account: Account): void {
    addPod(account, info)
    for (const follower of followers) follower.add(info, account)
  }

  function unsettle(info: PodInfo, account: Account): void {
    subtractPod(account, info)
    for (const follower of followers) follower.remove(info, account)
  }

  function remove(uid: string): void {
    const place = places.get(uid)
    if (place === undefined) return
    places.delete(uid)
    const account = accounts.get(place.nodeName)
    if (account !== undefined) {
      unsettle(place.info, account)
      return
    }
    const waiting = homeless.get(place.nodeName)
    waiting?.delete(place.info)
    if (waiting?.size === 0) homeless.delete(place.nodeName)
  }

  function put(info: PodInfo, nodeName: string, isAssumed: boolean): void {
    remove(info.uid)
    places.set(info.uid, { info, nodeName, isAssumed })
    const account = accounts.get(nodeName)
    if (account !== undefined) settle(info, account)
    else homeless.set(nodeName, (homeless.get(nodeName) ?? new Set()).add(info))
  }

  /** Takes a node out, and returns the pods on it. */
  function takeOut(account: Account): PodInfo[] {
    const pods = [...account.pods]
    for (const info of pods) unsettle(info, account)
    accounts.delete(account.name)
    order.remove(account, zoneOf(account.labels))
    nodeCounts.remove(account)
    return pods
  }

  function bringIn(account: Account, pods: Iterable<PodInfo>): void {
    accounts.set(account.name, account)
    order.add(account, zoneOf(account.labels))
    nodeCounts.add(account)
    for (const info of pods) settle(info, account)
  }

  return {
    setNode(node) {
      const { name } = node.metadata
      const known = accounts.get(name)
      const part = nodePartOf(node, known)
      if (known !== undefined && known.labels === part.labels && known.taints === part.taints) {
        // It counts where it did, and so do its pods.
        nodeCounts.remove(known)
        Object.assign(known, part)
        nodeCounts.add(known)
        return
      }
      const pods = known === undefined ? (homeless.get(name) ?? []) : takeOut(known)
      homeless.delete(name)
      bringIn(createAccount(name, part), pods)
    },
    removeNode(name) {
      const account = accounts.get(name)
      if (account === undefined) return
      const pods = takeOut(account)
      if (pods.length > 0) homeless.set(name, new Set(pods))
    },
    setNamespace: (name, labels) => void namespaces.set(name, labels),
    removeNamespace: (name) => void namespaces.delete(name),
    place: (info, nodeName) => put(info, nodeName, false),
    assume: (info, nodeName) => put(info, nodeName, true),
    forget(uid) {
      if (places.get(uid)?.isAssumed === true) remove(uid)
    },
    remove,
    find: (uid) => places.get(uid),

    get nodes(): readonly NodeInfo[] {
      return order.list
    },
    node: (name) => accounts.get(name),
    countPods: podCounts.count,
    countNodes: nodeCounts.byLabel,
    get standingAway() {
      return standingAway.all
    },
    get standingPreferences() {
      return standingPreferences.all
    },
    namespaceLabels: (name) => namespaces.get(name) ?? {},
    get namespaces() {
      return namespaces.keys()
    },
    nodesWithImage: nodeCounts.withImage,
  }
}
