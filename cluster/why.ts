import { existsSync } from 'node:fs'
import { type Explanation, explainScheduling, type NodeExplanation } from '../scheduler/explain.ts'
import type { Pod } from '../shared/api/pod/pod-model.ts'
import { createClient } from '../shared/client/http-client.ts'
import { namespaces, nodes, pods } from '../shared/client/resources.ts'
import { UsageError } from '../shared/flags.ts'
import { ClusterError } from './cluster-error.ts'
import type { ComponentState } from './component.ts'
import { askLauncher } from './control.ts'
import { DATA_DIR_FLAG } from './launcher.ts'
import { layoutOf } from './layout.ts'
import type { Command } from './main.ts'
import { formatTable } from './status.ts'

const SCHEDULER = 'default-scheduler'

const SCHEDULER_PROBLEMS: Readonly<Partial<Record<ComponentState, string>>> = {
  dead: 'no scheduler runs: start it with "kubeproc start scheduler"',
  stopped: 'no scheduler runs: start it with "kubeproc start scheduler"',
  frozen: 'the scheduler is frozen: let it go on with "kubeproc thaw scheduler"',
  starting: 'the scheduler is only starting',
  restarting: 'the scheduler has died and is about to be started again',
}

interface WhyFlags {
  'data-dir': string
  namespace: string
  output: string
}

/** Reads what the scheduler would look at, and decides as it would. */
async function explain(flags: WhyFlags, name: string): Promise<{ pod: Pod; explanation: Explanation }> {
  const { root, kubeconfig } = layoutOf(flags['data-dir'])
  if (!existsSync(kubeconfig)) throw new ClusterError(`there is no cluster in ${root}: name another with --data-dir`)
  const client = createClient({ kubeconfig, userAgent: 'kubeproc' })
  try {
    const [pod, ...lists] = await Promise.all([
      client.get(pods, { name, namespace: flags.namespace }),
      client.list(nodes),
      client.list(pods),
      client.list(namespaces),
    ])
    const [{ items: allNodes }, { items: allPods }, { items: allNamespaces }] = lists
    return { pod, explanation: explainScheduling(pod, { nodes: allNodes, pods: allPods, namespaces: allNamespaces }) }
  } finally {
    await client.close()
  }
}

/** What keeps the cluster's own scheduler from placing anything; undefined where nothing does, or no launcher can tell. */
async function schedulerProblem(dataDir: string): Promise<string | undefined> {
  const reply = await askLauncher(layoutOf(dataDir).controlSocket, { do: 'status' })
  if (reply?.ok !== true) return undefined
  const state = reply.status!.components.find(({ name }) => name === 'scheduler')?.state
  return state === undefined ? undefined : SCHEDULER_PROBLEMS[state]
}

/** What keeps the scheduler from trying the pod at all; undefined where nothing does. */
function heldBack({ metadata, spec }: Pod): string | undefined {
  const gates = (spec.schedulingGates ?? []).map(({ name }) => name)
  if (metadata.deletionTimestamp !== undefined) return 'is being deleted'
  if (spec.schedulerName !== SCHEDULER) return `waits for another scheduler, ${spec.schedulerName}`
  if (gates.length > 0) return `is held back by its scheduling gates (${gates.join(', ')})`
  return undefined
}

/** One sentence on how the pod stands. */
function verdict(pod: Pod, { nodeName, message, nodes }: Explanation, problem: string | undefined): string {
  const { name, namespace } = pod.metadata
  const subject = `pod ${namespace}/${name}`
  const best = nodes.find((node) => node.name === nodeName)
  const outcome = best === undefined ? message! : `${best.name} is the best node for it, with ${best.total} points.`
  const place = pod.spec.nodeName ?? ''
  if (place !== '') return `${subject} is on ${place}. Were it to be placed now: ${outcome}`
  const hold = heldBack(pod)
  if (hold !== undefined) return `${subject} ${hold}. Were it not: ${outcome}`
  if (best === undefined) return `${subject} fits nowhere: ${outcome}`
  return problem === undefined
    ? `${subject} is about to be placed: ${outcome}`
    : `${subject} fits, but ${problem}. Then: ${outcome}`
}

/** The filters or scores that say anything of any node. */
const columnsOf = (rows: readonly (Readonly<Record<string, unknown>> | undefined)[]) => [
  ...new Set(rows.flatMap((row) => Object.keys(row ?? {}))),
]

function filterTable(nodes: readonly NodeExplanation[]): string {
  const columns = columnsOf(nodes.map(({ filters }) => filters))
  const cell = (reasons: readonly string[] = []) => (reasons.length === 0 ? 'ok' : reasons.join(', '))
  return formatTable([
    ['NODE', 'POSSIBLE', ...columns],
    ...nodes.map(({ name, isPossible, filters }) => [
      name,
      isPossible ? 'yes' : 'no',
      ...columns.map((column) => cell(filters[column])),
    ]),
  ])
}

/** The best first. */
function scoreTable(nodes: readonly NodeExplanation[], weights: Explanation['weights']): string {
  const columns = Object.keys(weights)
  const possible = nodes.filter(({ total }) => total !== undefined).sort((a, b) => b.total! - a.total!)
  return formatTable([
    ['NODE', 'POINTS', ...columns.map((column) => `${column} x${weights[column]}`)],
    ...possible.map(({ name, total, scores }) => [
      name,
      String(total),
      ...columns.map((column) => String(scores![column])),
    ]),
  ])
}

function format(pod: Pod, explanation: Explanation, problem: string | undefined): string {
  const { nodes, weights } = explanation
  const parts = [verdict(pod, explanation, problem)]
  if (nodes.length > 0) parts.push(filterTable(nodes))
  if (nodes.some(({ isPossible }) => isPossible)) parts.push(scoreTable(nodes, weights))
  return parts.join('\n\n')
}

/** `pod/NAME`, `pods/NAME`, `po/NAME`, or the name alone. */
function podNameOf(word: string | undefined): string {
  const name = /^(?:(?:pods?|po)\/)?([^/]+)$/.exec(word ?? '')?.[1]
  if (name === undefined) throw new UsageError('usage: kubeproc why pod/NAME [-n NAMESPACE] [-o text|json]')
  return name
}

export const why: Command = {
  usage: 'why pod/NAME [-n NAMESPACE]',
  description: 'Tell where a pod may go, and why it waits or is where it is.',
  wordsMax: 1,
  flags: {
    ...DATA_DIR_FLAG,
    namespace: { type: 'string', short: 'n', default: 'default', description: 'Namespace of the pod.' },
    output: {
      type: 'string',
      short: 'o',
      choices: ['text', 'json'],
      default: 'text',
      description: 'Form of the answer.',
    },
  },
  async run(flags: WhyFlags, [word]) {
    const [{ pod, explanation }, problem] = await Promise.all([
      explain(flags, podNameOf(word)),
      schedulerProblem(flags['data-dir']),
    ])
    const { name, namespace } = pod.metadata
    const { nodeName: boundTo } = pod.spec
    const answer = {
      pod: { name, namespace, nodeName: boundTo, heldBack: heldBack(pod) },
      schedulerProblem: problem,
      ...explanation,
    }
    console.log(flags.output === 'json' ? JSON.stringify(answer, null, 2) : format(pod, explanation, problem))
    return 0
  },
}
