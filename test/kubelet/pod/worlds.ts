/** Worlds for the tables of plan and status: a pod of one container `c`, and what differs from it. */

import { planPod } from '../../../kubelet/pod/plan.ts'
import type {
  ContainerRun,
  PodWorld,
  PostStart,
  ProbeVerdicts,
  StartFailure,
  Stop,
} from '../../../kubelet/pod/world.ts'
import { NO_VOLUMES } from '../../../kubelet/volumes/volumes-state.ts'
import type { Container, Pod, PodSpec } from '../../../shared/api/pod/pod.ts'

export const NOW = Date.parse('2026-01-01T00:10:00Z')
export const UID = 'f1f1f1f1-0000-4000-8000-000000000001'
export const SECOND = 1_000

export const container = (name = 'c', fields: Partial<Container> = {}): Container => ({
  name,
  image: 'busybox',
  resources: {},
  terminationMessagePath: '/dev/termination-log',
  terminationMessagePolicy: 'File',
  imagePullPolicy: 'IfNotPresent',
  ...fields,
})

export const probe = { timeoutSeconds: 1, periodSeconds: 1, successThreshold: 1, failureThreshold: 3 }

export function pod(spec: Partial<PodSpec> = {}, metadata: Partial<Pod['metadata']> = {}, status: Pod['status'] = {}) {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'crash',
      namespace: 'default',
      uid: UID,
      resourceVersion: '1',
      creationTimestamp: '2026-01-01T00:00:00Z',
      ...metadata,
    },
    spec: { restartPolicy: 'Always', terminationGracePeriodSeconds: 30, containers: [container()], ...spec },
    status,
  } as Pod
}

/** A run of container `name` that began `ageMs` ago; ended at once with `exitCode` if there is one. */
export function run(
  name: string,
  attempt: number,
  fields: Partial<ContainerRun> & { ageMs?: number } = {},
): ContainerRun {
  const { ageMs = 5 * SECOND, ...rest } = fields
  const ended = rest.exitCode !== undefined
  return {
    id: `${name}-${attempt}`,
    podUid: UID,
    name,
    attempt,
    logPath: '',
    annotations: { image: 'busybox', imageID: 'sha256:1' },
    state: ended ? 'exited' : 'running',
    pid: 100 + attempt,
    startedAtMs: NOW - ageMs,
    ...(ended && { finishedAtMs: NOW - ageMs }),
    ...rest,
  }
}

type Mapped = 'probes' | 'stops' | 'postStarts' | 'failures' | 'backOffs' | 'announced'

interface Given extends Partial<Omit<PodWorld, Mapped>> {
  probes?: Record<string, ProbeVerdicts>
  stops?: Record<string, Partial<Stop>>
  postStarts?: Record<string, PostStart>
  failures?: Record<string, StartFailure>
  backOffs?: Record<string, { delayMs: number; sinceMs: number }>
  announced?: string[]
}

export const world = ({ probes, stops, postStarts, failures, backOffs, announced, ...rest }: Given = {}): PodWorld => ({
  pod: pod(),
  isGone: false,
  rejection: undefined,
  shutdown: undefined,
  runtimeVersion: 'process://0.1.0',
  generation: 'now',
  runs: [],
  sandbox: { podUid: UID, ip: '127.1.1.2' },
  volumes: NO_VOLUMES,
  lastStatus: undefined,
  firstSeenMs: NOW - 10 * SECOND,
  limits: { initialMs: 10 * SECOND, maxMs: 300 * SECOND },
  nowMs: NOW,
  probes: new Map(Object.entries(probes ?? {})),
  stops: new Map(
    Object.entries(stops ?? {}).map(([id, stop]) => [
      id,
      { why: 'podEnds', graceEndsMs: NOW, isInHook: false, ...stop },
    ]),
  ),
  postStarts: new Map(Object.entries(postStarts ?? {})),
  failures: new Map(Object.entries(failures ?? {})),
  backOffs: new Map(Object.entries(backOffs ?? {})),
  announced: new Set(announced),
  ...rest,
})

/** What a plan says, in short: `start c 1`, `stop c-0 30s podEnds`, `wait 10s`. */
export function shown(given: PodWorld): string[] {
  const { actions, requeueAfterMs } = planPod(given)
  const lines = actions.map((action) => {
    switch (action.do) {
      case 'startContainer':
        return `start ${action.name} ${action.attempt}${action.backOff ? ` then ${action.backOff.delayMs / 1000}s` : ''}`
      case 'beginStop':
        return `stop ${action.id} ${action.graceMs / 1000}s ${action.why}: ${action.message}`
      case 'shortenGrace':
        return `shorten ${action.id} ${action.graceMs / 1000}s`
      case 'terminate':
        return `terminate ${action.id} ${action.graceMs / 1000}s`
      case 'removeContainer':
        return `forget ${action.id}`
      case 'announceBackOff':
        return `announce ${action.message}`
      default:
        return action.do
    }
  })
  return requeueAfterMs === undefined ? lines : [...lines, `wait ${requeueAfterMs / 1000}s`]
}
