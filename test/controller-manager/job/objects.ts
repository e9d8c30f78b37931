/** Makers of Jobs and their pods for tables. */
import { COMPLETION_INDEX, INDEX_FAILURES, TRACKING_FINALIZER } from '../../../controller-manager/job/job-pod.ts'
import type { Job, JobStatus } from '../../../shared/api/job/job.ts'
import type { Pod } from '../../../shared/api/pod/pod.ts'
import { toTime } from '../../../shared/clock.ts'
import { controllerRef } from '../../../shared/controller/controller-refs.ts'
import { at, meta, START_MS, template } from '../objects.ts'

export const LABELS = { job: 'work' }

/** A Job of one pod that began at the start; `spec` and `status` over it. */
export function job(
  spec: Partial<Job['spec']> = {},
  status: JobStatus = {},
  metadata: Partial<Job['metadata']> = {},
): Job {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: meta('work', metadata),
    spec: {
      completions: 1,
      parallelism: 1,
      backoffLimit: 6,
      completionMode: 'NonIndexed',
      suspend: false,
      manualSelector: false,
      podReplacementPolicy: spec.podFailurePolicy === undefined ? 'TerminatingOrFailed' : 'Failed',
      selector: { matchLabels: LABELS },
      template: template(LABELS),
      ...spec,
    },
    status,
  }
}

export interface JobPodTraits {
  phase?: 'Failed' | 'Pending' | 'Running' | 'Succeeded'
  index?: number
  failures?: number
  /** Seconds from the start. */
  endedAt?: number
  deletedAt?: number
  isUntracked?: boolean
  exitCode?: number
  isReady?: boolean
  restarts?: number
  disruption?: boolean
  owner?: Job
}

export function jobPod(name: string, traits: JobPodTraits = {}): Pod {
  const { phase = 'Running', index, failures, endedAt = 0, deletedAt, owner = job() } = traits
  const hasEnded = phase === 'Failed' || phase === 'Succeeded'
  const exitCode = traits.exitCode ?? (phase === 'Failed' ? 1 : 0)
  const state = hasEnded ? { terminated: { exitCode, finishedAt: at(endedAt) } } : {}
  const conditions = [
    ...(traits.isReady === true ? [{ type: 'Ready', status: 'True' as const, lastTransitionTime: at(0) }] : []),
    ...(traits.disruption === true ? [{ type: 'DisruptionTarget', status: 'True' as const }] : []),
  ]
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: meta(name, {
      labels: LABELS,
      annotations: {
        ...(index !== undefined && { [COMPLETION_INDEX]: String(index) }),
        ...(failures !== undefined && { [INDEX_FAILURES]: String(failures) }),
      },
      finalizers: traits.isUntracked === true ? [] : [TRACKING_FINALIZER],
      ownerReferences: [controllerRef(owner)],
      ...(deletedAt !== undefined && { deletionTimestamp: at(deletedAt) }),
    }),
    spec: { containers: [] } as unknown as Pod['spec'],
    status: {
      phase,
      conditions,
      containerStatuses: [{ name: 'main', restartCount: traits.restarts ?? 0, state }],
    } as unknown as Pod['status'],
  }
}

export const time = (seconds: number): string => toTime(START_MS + seconds * 1_000)

/** A condition that holds, since a number of seconds after the start. */
export const condition = (type: string, reason: string, { message = 'why', since = 0, status = 'True' } = {}) => ({
  type,
  status: status as 'True',
  lastProbeTime: time(since),
  lastTransitionTime: time(since),
  reason,
  message,
})
