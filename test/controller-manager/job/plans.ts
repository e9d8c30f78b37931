/** What the tables of the Job controller are written with. */
import { type JobAction, reconcileJob } from '../../../controller-manager/job/reconcile.ts'
import type { Job } from '../../../shared/api/job/job.ts'
import type { Pod } from '../../../shared/api/pod/pod.ts'
import { selectorFromLabelSelector } from '../../../shared/labels.ts'
import { START_MS } from '../objects.ts'
import { condition, jobPod, time } from './objects.ts'

/** The moment of the plans, in seconds from the start. */
export const NOW = 100

export function plan(owner: Job, candidates: Pod[], { isCacheFresh = true, maySetPopulation = true } = {}) {
  return reconcileJob(owner, {
    selector: selectorFromLabelSelector(owner.spec.selector),
    candidates,
    isCacheFresh,
    maySetPopulation,
    nowMs: START_MS + NOW * 1_000,
  })
}

/** Actions in a form that a table can hold: pods by name, requests by what distinguishes them. */
export const shown = (actions: readonly JobAction[]): Record<string, unknown> =>
  Object.fromEntries(
    actions.map((action) => {
      if (action.do === 'createPods') return [action.do, action.requests]
      if (action.do === 'updateStatus') {
        const { uncountedTerminatedPods = {}, conditions = [], startTime: _, ready: __, ...rest } = action.status
        const told = action.events.map(({ reason, message }) => `${reason}: ${message}`)
        return [
          action.do,
          {
            ...rest,
            ...(Object.keys(uncountedTerminatedPods).length > 0 && { uncounted: uncountedTerminatedPods }),
            ...(conditions.length > 0 && { conditions: conditions.map(({ type, reason }) => `${type} ${reason}`) }),
            ...(told.length > 0 && { told }),
          },
        ]
      }
      return [action.do, action.pods.map(({ metadata }) => metadata.name)]
    }),
  )

export const started = { startTime: time(0), terminating: 0, ready: 0, uncountedTerminatedPods: {} }
export const running = { ...started, active: 1 }
export const succeeded = (name: string, more = {}) => jobPod(name, { phase: 'Succeeded', endedAt: 50, ...more })
export const failed = (name: string, more = {}) => jobPod(name, { phase: 'Failed', endedAt: 50, ...more })
export const counted = { isUntracked: true }
export const over = (type: 'SuccessCriteriaMet' | 'FailureTarget', reason: string) => ({
  ...started,
  conditions: [condition(type, reason)],
})

export type Case = [title: string, job: Job, pods: Pod[], wanted: Record<string, unknown>]
