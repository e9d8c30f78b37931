/** Applies a namespace's limit ranges to new pods: first what they leave out is filled in, then the bounds are checked. */
import type { LimitRange } from '../../shared/api/limit-range.ts'
import type { Container } from '../../shared/api/pod/container.ts'
import type { Pod } from '../../shared/api/pod/pod.ts'
import { compareQuantities, isQuantity, parseQuantity } from '../../shared/quantity.ts'
import type { Amounts } from '../../shared/quota/amounts.ts'
import { podAmounts } from '../../shared/quota/pod-usage.ts'
import { type AdmissionPlugin, refuse, writes } from './admission.ts'

type Limit = NonNullable<LimitRange['spec']['limits']>[number]

const ANNOTATION = 'kubernetes.io/limit-ranger'

interface Asked {
  requests: Amounts
  limits: Amounts
}

const askedBy = ({ resources }: Container): Asked => ({
  requests: resources?.requests ?? {},
  limits: resources?.limits ?? {},
})

/** Fills in what a container leaves out; returns the names of what was filled in. */
function fillIn(container: Container, part: 'requests' | 'limits', defaults: Amounts): string[] {
  const given = container.resources?.[part] ?? {}
  const missing = Object.keys(defaults)
    .filter((name) => given[name] === undefined)
    .sort()
  if (missing.length === 0) return []
  const filled = Object.fromEntries(missing.map((name) => [name, defaults[name]!]))
  container.resources = { ...container.resources, [part]: { ...given, ...filled } }
  return missing
}

function applyDefaults(pod: Pod, { default: limits = {}, defaultRequest = {} }: Limit): string[] {
  const { containers = [], initContainers = [] } = pod.spec
  const fill = (what: string) => (container: Container) =>
    (
      [
        ['request', fillIn(container, 'requests', defaultRequest)],
        ['limit', fillIn(container, 'limits', limits)],
      ] as const
    )
      .filter(([, names]) => names.length > 0)
      .map(([part, names]) => `${names.join(', ')} ${part} for ${what} ${container.name}`)
  return [
    ...(containers as Container[]).flatMap(fill('container')),
    ...(initContainers as Container[]).flatMap(fill('init container')),
  ]
}

type Check = (resource: string, bound: string, asked: Asked) => string | undefined

const checkMin =
  (type: string): Check =>
  (resource, bound, { requests, limits }) => {
    const [request, limit] = [requests[resource], limits[resource]]
    const what = `minimum ${resource} usage per ${type} is ${bound}`
    if (request === undefined) return `${what}.  No request is specified`
    if (compareQuantities(request, bound) < 0) return `${what}, but request is ${request}`
    return limit !== undefined && compareQuantities(limit, bound) < 0 ? `${what}, but limit is ${limit}` : undefined
  }

const checkMax =
  (type: string): Check =>
  (resource, bound, { requests, limits }) => {
    const [request, limit] = [requests[resource], limits[resource]]
    const what = `maximum ${resource} usage per ${type} is ${bound}`
    if (limit === undefined) return `${what}.  No limit is specified`
    if (compareQuantities(limit, bound) > 0) return `${what}, but limit is ${limit}`
    return request !== undefined && compareQuantities(request, bound) > 0
      ? `${what}, but request is ${request}`
      : undefined
  }

const checkRatio =
  (type: string): Check =>
  (resource, bound, { requests, limits }) => {
    const what = `${resource} max limit to request ratio per ${type} is ${bound}`
    const [request, limit] = [parseQuantity(requests[resource] ?? '0')!, parseQuantity(limits[resource] ?? '0')!]
    if (request === 0) return `${what}, but no request is specified or request is 0`
    if (limit === 0) return `${what}, but no limit is specified or limit is 0`
    const ratio = limit / request
    return ratio > parseQuantity(bound)! ? `${what}, but provided ratio is ${ratio.toFixed(6)}` : undefined
  }

function checkBounds({ type, min = {}, max = {}, maxLimitRequestRatio = {} }: Limit, asked: Asked): string[] {
  const run = (bounds: Amounts, check: Check) =>
    Object.keys(bounds)
      .sort()
      .flatMap((resource) => check(resource, bounds[resource]!, asked) ?? [])
  return [...run(min, checkMin(type)), ...run(max, checkMax(type)), ...run(maxLimitRequestRatio, checkRatio(type))]
}

function violationsOf({ spec }: Pod, limit: Limit): string[] {
  if (limit.type === 'Pod')
    return checkBounds(limit, { requests: podAmounts(spec, 'requests'), limits: podAmounts(spec, 'limits') })
  if (limit.type !== 'Container') return []
  const containers = [...(spec.containers ?? []), ...(spec.initContainers ?? [])] as Container[]
  return containers.flatMap((container) => checkBounds(limit, askedBy(container)))
}

/** Whether all amounts are some: validation refuses others later, in better words. */
const isSound = ({ spec }: Pod) =>
  [...(spec.containers ?? []), ...(spec.initContainers ?? [])].every(({ resources = {} }) =>
    [resources.requests, resources.limits].every((list) => Object.values(list ?? {}).every(isQuantity)),
  )

export const limitRanger: AdmissionPlugin = {
  name: 'LimitRanger',
  admit(request, { limitRanges }) {
    if (request.operation !== 'create' || !writes(request, { group: '', kind: 'Pod' })) return
    const limits = limitRanges(request.namespace ?? '').flatMap(({ spec }) => spec.limits ?? [])
    const pod = request.object as Pod
    if (limits.length === 0 || !isSound(pod)) return
    const filled = limits.filter(({ type }) => type === 'Container').flatMap((limit) => applyDefaults(pod, limit))
    if (filled.length > 0) {
      const text = `LimitRanger plugin set: ${filled.join('; ')}`
      pod.metadata.annotations = { ...pod.metadata.annotations, [ANNOTATION]: text }
    }
    const violations = [...new Set(limits.flatMap((limit) => violationsOf(pod, limit)))]
    if (violations.length > 0)
      throw refuse(request, violations.length === 1 ? violations[0]! : `[${violations.join(', ')}]`)
  },
}
