/** Creates and deletes a DaemonSet's pods, and remembers what the cache is yet to show of it. */
import type { DaemonSet } from '../../shared/api/daemon-set.ts'
import type { Pod } from '../../shared/api/pod/pod.ts'
import type { Client } from '../../shared/client/client.ts'
import { pods as podResource } from '../../shared/client/resources.ts'
import type { Expectations } from '../../shared/controller/expectations.ts'
import { controllerOf } from '../../shared/controller/indexes.ts'
import type { Informer } from '../../shared/controller/informer.ts'
import { keyOf, partsOf } from '../../shared/controller/store.ts'
import { isApiError } from '../../shared/errors.ts'
import type { EventRecorder } from '../../shared/events/recorder.ts'
import { formatSelector, selectorFromLabelSelector } from '../../shared/labels.ts'
import { podForNode } from './daemon-pod.ts'

export interface OwnedPodsDeps {
  client: Client
  events: EventRecorder
  expectations: Expectations
  pods: Informer<Pod>
}

export interface OwnedPods {
  create(daemonSet: DaemonSet, nodeName: string, hash: string): Promise<void>
  delete(daemonSet: DaemonSet, pod: Pod): Promise<void>
  /** Finds out what became of creates without an answer. Call it before pods are counted. */
  settle(daemonSet: DaemonSet): Promise<void>
  /** The DaemonSet is gone. */
  forget(key: string): void
}

/** The server may have acted on a request whose answer was lost. */
const isUncertain = (error: unknown) => isApiError(error, 'ServiceUnavailable', 'Timeout', 'InternalError')

const isNamespaceGoing = (error: unknown) =>
  isApiError(error, 'Forbidden') && error.details?.causes?.some(({ reason }) => reason === 'NamespaceTerminating')

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))

export function createOwnedPods({ client, events, expectations, pods }: OwnedPodsDeps): OwnedPods {
  /** DaemonSets for which a create was sent whose answer never came. */
  const uncertain = new Set<string>()

  const isSeen = (pod: Pod): boolean =>
    pods.store.get(keyOf(pod))?.metadata.uid === pod.metadata.uid || pods.hasSeen(pod.metadata.resourceVersion)

  return {
    async create(daemonSet, nodeName, hash) {
      const key = keyOf(daemonSet)
      try {
        const created = await client.create(podResource, podForNode(daemonSet, nodeName, hash))
        if (!isSeen(created)) expectations.expectCreation(key, created.metadata.uid)
        events.event(daemonSet, 'Normal', 'SuccessfulCreate', `Created pod: ${created.metadata.name}`)
      } catch (error) {
        if (isNamespaceGoing(error)) return
        if (isUncertain(error)) uncertain.add(key)
        events.event(daemonSet, 'Warning', 'FailedCreate', `Error creating: ${messageOf(error)}`)
        throw error
      }
    },

    async delete(daemonSet, pod) {
      const { uid, name } = pod.metadata
      try {
        await client.delete(podResource, partsOf(keyOf(pod)), { preconditions: { uid } })
        events.event(daemonSet, 'Normal', 'SuccessfulDelete', `Deleted pod: ${name}`)
      } catch (error) {
        // Gone already, or its name is another pod's by now: the cache will learn of it.
        if (!isApiError(error, 'NotFound', 'Conflict')) {
          events.event(daemonSet, 'Warning', 'FailedDelete', `Error deleting: ${messageOf(error)}`)
          throw error
        }
      }
      const shown = pods.store.get(keyOf(pod))
      const isShownLiving = shown?.metadata.uid === uid && shown.metadata.deletionTimestamp === undefined
      if (isShownLiving) expectations.expectDeletion(keyOf(daemonSet), uid)
    },

    async settle(daemonSet) {
      const key = keyOf(daemonSet)
      if (!uncertain.has(key)) return
      const { namespace, uid } = daemonSet.metadata
      const labelSelector = formatSelector(selectorFromLabelSelector(daemonSet.spec.selector))
      const { items } = await client.list(podResource, { ...(namespace !== undefined && { namespace }), labelSelector })
      for (const pod of items) {
        if (controllerOf(pod)?.uid === uid && !isSeen(pod)) expectations.expectCreation(key, pod.metadata.uid)
      }
      uncertain.delete(key)
    },

    forget(key) {
      uncertain.delete(key)
      expectations.forget(key)
    },
  }
}
