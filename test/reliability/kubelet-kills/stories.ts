/**
 * Pods that stand still in one phase of their life until they are let go on, so that a kubelet can be killed just there.
 * Their programs write what happens to them into a ledger of their own; a story says what must then be in it.
 */
import type { Pod, PodSpec } from '../../../shared/api/pod/pod.ts'
import type { Partly } from '../../support/pods.ts'

export interface Story {
  name: string
  /** The spec; `say` is the shell's `say WORD` for the ledger, `hold` waits for the moment at which the pods go on. */
  spec(shell: { say: string; hold: string }): Partly<PodSpec>
  /** Deleted before the kubelet is killed, or while it is away. */
  deleted?: 'before' | 'away' | 'awayByForce'
  /** The kubelet is killed once this word is in the ledger, or the pod is so; otherwise at any moment after its creation. */
  reached?: string | ((pod: Pod) => unknown)
  /** How the pod is in the end, with the words of its ledger; gone if it was deleted. */
  settled?(pod: Pod, words: readonly string[]): unknown
  /** All words of the ledger in their order, each maybe repeated where a `+` follows it. */
  ledger: readonly string[]
  /** It is restarted again and again. */
  restarts?: true
  /** With what the container of a deleted pod ended, where it was seen. */
  exitCode?: number
}

const sh = (script: string) => ['sh', '-c', script]
const FOREVER = 'while :; do sleep 0.1; done'
const c = { name: 'c', image: 'none' }

const phaseIs =
  (phase: string) =>
  ({ status }: Pod) =>
    status.phase === phase
const isReady = ({ status }: Pod) =>
  status.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True')
const waits =
  (reason: string) =>
  ({ status }: Pod) =>
    status.containerStatuses?.[0]?.state.waiting?.reason === reason

export const STORIES: readonly Story[] = [
  {
    name: 'fresh',
    spec: ({ say }) => ({ containers: [{ ...c, command: sh(`${say} start; ${FOREVER}`) }] }),
    settled: isReady,
    ledger: ['start'],
  },
  {
    name: 'initialising',
    spec: ({ say, hold }) => ({
      initContainers: [
        { name: 'one', image: 'none', command: sh(`${say} one; ${hold}; ${say} one-done`) },
        { name: 'two', image: 'none', command: sh(`${say} two`) },
      ],
      containers: [{ ...c, command: sh(`${say} start; ${FOREVER}`) }],
    }),
    reached: 'one',
    settled: isReady,
    ledger: ['one', 'one-done', 'two', 'start'],
  },
  {
    name: 'post-start',
    spec: ({ say, hold }) => ({
      containers: [
        {
          ...{ ...c, command: sh(`${say} start; ${FOREVER}`) },
          // The hook waits for the program, so that their order is known.
          lifecycle: { postStart: { exec: { command: sh(`sleep 0.2; ${say} hook; ${hold}; ${say} hook-done`) } } },
        },
      ],
    }),
    reached: 'hook',
    settled: isReady,
    ledger: ['start', 'hook', 'hook-done'],
  },
  {
    name: 'probing',
    spec: ({ say, hold }) => ({
      containers: [
        {
          ...{ ...c, command: sh(`${say} start; ${FOREVER}`) },
          readinessProbe: {
            ...{ periodSeconds: 1, timeoutSeconds: 60, initialDelaySeconds: 1 },
            exec: { command: sh(`${say} probe; ${hold}`) },
          },
        },
      ],
    }),
    reached: 'probe',
    settled: isReady,
    ledger: ['start', 'probe+'],
  },
  {
    name: 'back-off',
    spec: ({ say }) => ({ containers: [{ ...c, command: sh(`${say} start; exit 7`) }] }),
    reached: waits('CrashLoopBackOff'),
    // Each start is one that the status counts: with one too many this never comes true.
    settled: ({ status }, words) => status.containerStatuses?.[0]?.restartCount === words.length - 1,
    ledger: ['start+'],
    restarts: true,
  },
  {
    name: 'ends-while-away',
    spec: ({ say, hold }) => ({
      restartPolicy: 'Never',
      containers: [{ ...c, command: sh(`${say} start; ${hold}; ${say} end; exit 3`) }],
    }),
    reached: phaseIs('Running'),
    settled: ({ status }) =>
      status.phase === 'Failed' && status.containerStatuses?.[0]?.state.terminated?.exitCode === 3,
    ledger: ['start', 'end'],
  },
  {
    name: 'sidecar',
    spec: ({ say, hold }) => ({
      restartPolicy: 'Never',
      initContainers: [
        {
          ...{ name: 'side', image: 'none', restartPolicy: 'Always' },
          command: sh(`trap '${say} side-term; exit 0' TERM; ${say} side; ${FOREVER}`),
        },
      ],
      containers: [{ ...c, command: sh(`sleep 0.2; ${say} start; ${hold}; ${say} end`) }],
    }),
    reached: 'start',
    settled: phaseIs('Succeeded'),
    ledger: ['side', 'start', 'end', 'side-term'],
  },
  {
    name: 'pre-stop',
    spec: ({ say, hold }) => ({
      terminationGracePeriodSeconds: 60,
      containers: [
        {
          ...{ ...c, command: sh(`trap '${say} term; exit 5' TERM; ${say} start; ${FOREVER}`) },
          lifecycle: { preStop: { exec: { command: sh(`${say} hook; ${hold}`) } } },
        },
      ],
    }),
    deleted: 'before',
    reached: 'hook',
    ledger: ['start', 'hook+', 'term'],
    exitCode: 5,
  },
  {
    name: 'terminating',
    spec: ({ say }) => ({
      terminationGracePeriodSeconds: 2,
      containers: [{ ...c, command: sh(`trap '${say} term' TERM; ${say} start; ${FOREVER}`) }],
    }),
    deleted: 'before',
    reached: 'term',
    ledger: ['start', 'term+'],
    exitCode: 137,
  },
  {
    name: 'deleted-while-away',
    spec: ({ say }) => ({
      containers: [{ ...c, command: sh(`trap '${say} term; exit 5' TERM; ${say} start; ${FOREVER}`) }],
    }),
    deleted: 'away',
    reached: phaseIs('Running'),
    ledger: ['start', 'term'],
    exitCode: 5,
  },
  {
    name: 'forced-while-away',
    spec: ({ say }) => ({
      containers: [{ ...c, command: sh(`trap '${say} term; exit 5' TERM; ${say} start; ${FOREVER}`) }],
    }),
    deleted: 'awayByForce',
    reached: phaseIs('Running'),
    ledger: ['start', 'term'],
  },
]

/** Whether the words of a ledger are those of the story. */
export function fits(wanted: readonly string[], words: readonly string[]): boolean {
  const pattern = wanted.map((word) => (word.endsWith('+') ? `(${word.slice(0, -1)} )+` : `${word} `)).join('')
  return new RegExp(`^${pattern}$`).test(words.map((word) => `${word} `).join(''))
}
