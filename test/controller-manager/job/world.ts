/** A world without a server: carries out the plans of the Job controller, and lets pods live and end as it is told. */
import { COMPLETION_INDEX, TRACKING_FINALIZER } from '../../../controller-manager/job/job-pod.ts'
import { podForJob } from '../../../controller-manager/job/pod-from-template.ts'
import { type JobAction, reconcileJob } from '../../../controller-manager/job/reconcile.ts'
import { statusPatch } from '../../../controller-manager/job/status.ts'
import type { Job } from '../../../shared/api/job/job.ts'
import type { Pod } from '../../../shared/api/pod/pod.ts'
import { toTime } from '../../../shared/clock.ts'
import { controllerRef } from '../../../shared/controller/controller-refs.ts'
import type { Plan } from '../../../shared/controller/plan.ts'
import { selectorFromLabelSelector } from '../../../shared/labels.ts'
import { START_MS } from '../objects.ts'

export class JobWorldModel {
  job: Job
  pods: Pod[]
  nowMs = START_MS
  events: string[] = []
  #created = 0

  constructor(job: Job, pods: Pod[] = []) {
    this.job = job
    this.pods = pods
  }

  plan(): Plan<JobAction> {
    return reconcileJob(this.job, {
      selector: selectorFromLabelSelector(this.job.spec.selector),
      candidates: this.pods,
      isCacheFresh: true,
      nowMs: this.nowMs,
    })
  }

  apply(action: JobAction): void {
    switch (action.do) {
      case 'adoptPods':
        for (const pod of action.pods) {
          this.#change(pod, { finalizers: [TRACKING_FINALIZER], ownerReferences: [controllerRef(this.job)] })
        }
        break
      case 'releasePods':
        for (const pod of action.pods) this.#change(pod, { finalizers: [], ownerReferences: [] })
        break
      case 'withdrawPods':
        for (const pod of action.pods) {
          this.#change(pod, { finalizers: [], deletionTimestamp: toTime(this.nowMs) })
        }
        break
      case 'deletePods':
        for (const pod of action.pods) this.#change(pod, { deletionTimestamp: toTime(this.nowMs) })
        break
      case 'createPods':
        for (const request of action.requests) this.#create(podForJob(this.job, request) as Pod)
        break
      case 'updateStatus':
        if (statusPatch(this.job.status, action.status) === undefined) throw new Error('an empty status patch')
        this.job = { ...this.job, status: action.status }
        for (const { reason, message } of action.events) this.events.push(`${reason} ${message}`)
        break
      case 'removeFinalizers':
        for (const pod of action.pods) this.#change(pod, { finalizers: [] })
    }
  }

  /** The pods that are there and alive by their Job's lights. */
  get active(): Pod[] {
    return this.pods.filter(
      ({ metadata, status }) =>
        metadata.deletionTimestamp === undefined && status.phase !== 'Failed' && status.phase !== 'Succeeded',
    )
  }

  /** Lets a pod end; one that is being deleted is then gone, once its finalizer is. */
  end(pod: Pod, phase: 'Failed' | 'Succeeded'): void {
    const exitCode = phase === 'Failed' ? 1 : 0
    const terminated = { exitCode, finishedAt: toTime(this.nowMs) }
    const containerStatuses = [{ name: 'main', restartCount: 0, state: { terminated } }]
    this.#replace(pod, { ...pod, status: { ...pod.status, phase, containerStatuses } as unknown as Pod['status'] })
  }

  /** What no finalizer holds and has ended is removed, as the kubelet's last word does. */
  collect(): void {
    this.pods = this.pods.filter(
      ({ metadata }) => metadata.deletionTimestamp === undefined || (metadata.finalizers ?? []).length > 0,
    )
  }

  delete(pod: Pod): void {
    this.#change(pod, { deletionTimestamp: toTime(this.nowMs) })
  }

  #create(pod: Pod): void {
    const name = `${pod.metadata.generateName}${this.#created++}`
    const metadata = { ...pod.metadata, name, uid: `uid-${name}`, creationTimestamp: toTime(this.nowMs) }
    this.pods.push({ ...pod, metadata, status: { phase: 'Running' } as Pod['status'] })
  }

  #change(pod: Pod, change: Partial<Pod['metadata']>): void {
    this.#replace(pod, { ...pod, metadata: { ...pod.metadata, ...change } })
  }

  #replace({ metadata: { uid } }: Pod, change: Pod): void {
    this.pods = this.pods.map((known) => {
      if (known.metadata.uid !== uid) return known
      return { ...known, status: change.status, metadata: { ...known.metadata, ...change.metadata } }
    })
  }
}

export const indexOfPod = ({ metadata }: Pod): string | undefined => metadata.annotations?.[COMPLETION_INDEX]
