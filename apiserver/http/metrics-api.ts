/**
 * `metrics.k8s.io`: what nodes and pods use, for `kubectl top`. Upstream has a server of its own for it; here the API
 * server asks the kubelets when it is asked. A node that does not answer has no figures, and that is no error.
 */
import type { KubeObject } from '../../shared/api/kind.ts'
import type { Node } from '../../shared/api/node/node.ts'
import type { Pod } from '../../shared/api/pod/pod.ts'
import type { Clock } from '../../shared/clock.ts'
import { notFound } from '../../shared/errors.ts'
import { listObjects } from '../registry/list.ts'
import { kubeletAddressOf } from '../registry/pod-log.ts'
import type { Resource } from '../registry/resource.ts'
import type { DiscoveredKind } from './discovery.ts'
import { type ApiRequest, type Endpoint, one } from './exchange.ts'
import type { KubeletProxy } from './kubelet-proxy.ts'
import { valueAnswer } from './render.ts'

const GROUP = 'metrics.k8s.io'
const VERSION = 'v1beta1'
const API_VERSION = `${GROUP}/${VERSION}`
const ROOT = `/apis/${API_VERSION}`

const READING = ['get', 'list'] as const
const VIRTUAL = { group: GROUP, version: VERSION, verbs: READING, singular: '' } as const

/** Its kinds, for discovery. */
export const metricsKinds: readonly DiscoveredKind[] = [
  { ...VIRTUAL, plural: 'nodes', kind: 'NodeMetrics', namespaced: false },
  { ...VIRTUAL, plural: 'pods', kind: 'PodMetrics', namespaced: true },
]

/** How long a kubelet may take to tell its figures. */
const ANSWER_TIMEOUT_MS = 5_000
/** How many kubelets are asked at once. */
const ASKED_MAX = 16
/** The time over which a rate is told; kubelets tell it since they were asked the last time. */
const WINDOW = '10s'

interface Figures {
  cpu: { time: string; usageNanoCores: number }
  memory: { workingSetBytes: number }
}

/** The part of a kubelet's summary that is of interest. */
interface Summary {
  node: Figures
  pods: (Figures & { podRef: { uid: string }; containers: (Figures & { name: string })[] })[]
}

export interface MetricsDeps {
  resources: Record<'nodes' | 'pods', Resource>
  kubelets: KubeletProxy
  clock: Clock
}

const usage = ({ cpu, memory }: Figures) => ({
  cpu: `${cpu.usageNanoCores}n`,
  memory: `${Math.round(memory.workingSetBytes / 1024)}Ki`,
})

const identityOf = ({ metadata: { name, namespace, labels } }: KubeObject, time: string) => ({
  name,
  ...(namespace !== undefined && { namespace }),
  creationTimestamp: time,
  ...(labels !== undefined && { labels }),
})

const isReady = ({ status }: Node) =>
  status.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') === true

async function askKubelet(node: Node, { kubelets, clock }: MetricsDeps): Promise<Summary | undefined> {
  const abort = new AbortController()
  const cancel = clock.after(ANSWER_TIMEOUT_MS, () => abort.abort())
  try {
    const { statusCode, body } = await kubelets.get(kubeletAddressOf(node), '/stats/summary', abort.signal)
    const text = await body.text()
    return statusCode === 200 ? JSON.parse(text) : undefined
  } catch {
    return undefined
  } finally {
    cancel()
  }
}

/** The summaries of these nodes that are Ready and answer. */
async function summariesOf(nodes: readonly Node[], deps: MetricsDeps): Promise<{ node: Node; summary: Summary }[]> {
  const found: { node: Node; summary: Summary }[] = []
  const ready = nodes.filter(isReady)
  for (let from = 0; from < ready.length; from += ASKED_MAX) {
    const some = ready.slice(from, from + ASKED_MAX)
    const summaries = await Promise.all(some.map((node) => askKubelet(node, deps)))
    for (const [index, summary] of summaries.entries()) if (summary) found.push({ node: some[index]!, summary })
  }
  return found
}

/** The objects that a request is about. */
async function selected<Object extends KubeObject>(resource: Resource, { query, namespace, name }: ApiRequest) {
  const [labelSelector, fieldSelector] = [one(query, 'labelSelector'), one(query, 'fieldSelector')]
  const { items } = await listObjects(resource, {
    ...(namespace !== undefined && { namespace }),
    ...(labelSelector !== undefined && { labelSelector }),
    ...(fieldSelector !== undefined && { fieldSelector }),
  })
  const objects = items.map(({ object }) => object as unknown as Object)
  return name === undefined ? objects : objects.filter(({ metadata }) => metadata.name === name)
}

function nodeMetrics({ node, summary }: { node: Node; summary: Summary }) {
  const { time: timestamp } = summary.node.cpu
  return { metadata: identityOf(node, timestamp), timestamp, window: WINDOW, usage: usage(summary.node) }
}

async function metricsOfNodes(request: ApiRequest, deps: MetricsDeps) {
  const nodes = await selected<Node>(deps.resources.nodes, request)
  return (await summariesOf(nodes, deps)).map(nodeMetrics)
}

async function metricsOfPods(request: ApiRequest, deps: MetricsDeps) {
  const pods = await selected<Pod>(deps.resources.pods, request)
  const hosts = new Set(pods.map(({ spec }) => spec.nodeName))
  const { items } = await listObjects(deps.resources.nodes, {})
  const nodes = items.map(({ object }) => object as Node).filter(({ metadata }) => hosts.has(metadata.name))
  const summaries = await summariesOf(nodes, deps)
  const byUid = new Map(
    summaries.flatMap(({ summary }) => summary.pods.map((figures) => [figures.podRef.uid, figures])),
  )
  return pods.flatMap((pod) => {
    const figures = byUid.get(pod.metadata.uid)
    if (figures === undefined) return []
    const { time: timestamp } = figures.cpu
    const containers = figures.containers.map((container) => ({ name: container.name, usage: usage(container) }))
    return [{ metadata: identityOf(pod, timestamp), timestamp, window: WINDOW, containers }]
  })
}

export function metricsEndpoints(deps: MetricsDeps): Endpoint[] {
  const endpoints = (
    plural: 'nodes' | 'pods',
    kind: string,
    { collections, one: path }: { collections: readonly string[]; one: string },
  ): Endpoint[] => {
    const find = plural === 'nodes' ? metricsOfNodes : metricsOfPods
    const resource = { group: GROUP, plural }
    const list = async (request: ApiRequest) =>
      valueAnswer(request, {
        kind: `${kind}List`,
        apiVersion: API_VERSION,
        metadata: {},
        items: await find(request, deps),
      })
    const get = async (request: ApiRequest) => {
      const [found] = await find(request, deps)
      if (found === undefined) throw notFound({ group: GROUP, resource: plural, name: request.name ?? '' })
      return valueAnswer(request, { kind, apiVersion: API_VERSION, ...found })
    }
    return [
      ...collections.map((collection) => ({ path: collection, resource, handlers: { GET: list } })),
      { path, resource, handlers: { GET: get } },
    ]
  }
  const inNamespace = `${ROOT}/namespaces/:namespace/pods`
  return [
    ...endpoints('nodes', 'NodeMetrics', { collections: [`${ROOT}/nodes`], one: `${ROOT}/nodes/:name` }),
    ...endpoints('pods', 'PodMetrics', { collections: [`${ROOT}/pods`, inNamespace], one: `${inNamespace}/:name` }),
  ]
}
