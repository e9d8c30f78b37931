import {
  at,
  duplicate,
  type FieldError,
  forbidden,
  invalid,
  notFound,
  notSupported,
  required,
} from '../../../field-errors.ts'
import { canonicalQuantity, compareQuantities, isQuantity, milliUnits, parseQuantity } from '../../../quantity.ts'
import { validateDnsLabel, validateQualifiedName, validateSubdomain } from '../../names.ts'
import type { ResourceRequirements } from '../pod.ts'
import type { PodResourceClaim } from '../resources.ts'
import { forEach, isSetAndObeys, obeys, obeysIfSet } from './rules.ts'

const STANDARD = new Set(['cpu', 'memory', 'ephemeral-storage'])
const HUGE_PAGES_PREFIX = 'hugepages-'
const QUOTA_PREFIX = 'requests.'
const MILLI = 1000

/** What a pod as a whole may ask for. */
const POD_LEVEL = ['cpu', 'memory']

const isHugePages = (name: string) => name.startsWith(HUGE_PAGES_PREFIX)

/** Resources of Kubernetes itself: without a domain, or with its own. */
const isNative = (name: string) => !name.includes('/') || name.includes('kubernetes.io/')

/** Of other resources, and of huge pages, no more can be promised than there is. */
const canBeOvercommitted = (name: string) => isNative(name) && !isHugePages(name)

const isExtended = (name: string) =>
  !isNative(name) && !name.startsWith(QUOTA_PREFIX) && validateQualifiedName(`${QUOTA_PREFIX}${name}`).length === 0

function validateContainerResourceName(name: string, path: string): FieldError[] {
  const errors = obeys(path, name, validateQualifiedName)
  if (!name.includes('/')) {
    if (STANDARD.has(name) || isHugePages(name)) return errors
    // Upstream judges the name in general first, and then again for containers.
    if (errors.length === 0) errors.push(invalid(path, name, 'must be a standard resource type or fully qualified'))
    return [...errors, invalid(path, name, 'must be a standard resource for containers')]
  }
  if (isNative(name) || isExtended(name)) return errors
  return [...errors, invalid(path, name, "doesn't follow extended resource name standard")]
}

function validatePodResourceName(name: string, path: string): FieldError[] {
  const errors = obeys(path, name, validateQualifiedName)
  if (errors.length > 0 || POD_LEVEL.includes(name) || isHugePages(name)) return errors
  return [notSupported(path, name, POD_LEVEL)]
}

const show = (amount: string) => canonicalQuantity(amount) ?? amount

/** An amount that is no quantity has been refused by decoding; here it only must not break the rest. */
function validateAmount(name: string, amount: string, path: string): FieldError[] {
  if (!isQuantity(amount)) return []
  const errors: FieldError[] = []
  if (compareQuantities(amount, '0') < 0) errors.push(invalid(path, show(amount), 'must be greater than or equal to 0'))
  if (!isNative(name) && milliUnits(amount) % MILLI !== 0)
    errors.push(invalid(path, show(amount), 'must be an integer'))
  if (isHugePages(name) && !isWholePages(name, amount))
    errors.push(invalid(path, show(amount), `${show(amount)} is not positive integer multiple of ${name}`))
  return errors
}

function isWholePages(name: string, amount: string): boolean {
  const page = parseQuantity(name.slice(HUGE_PAGES_PREFIX.length)) ?? 0
  const bytes = parseQuantity(amount) ?? 0
  return page > 0 && bytes >= 0 && bytes % page === 0
}

/** How a request stands to the limit of the same resource. */
function validateRequest(
  name: string,
  amount: string,
  limit: string | undefined,
  { limits, requests }: { limits: string; requests: string },
): FieldError[] {
  if (limit === undefined)
    return canBeOvercommitted(name) ? [] : [required(limits, 'Limit must be set for non overcommitable resources')]
  if (!isQuantity(amount) || !isQuantity(limit)) return []
  const order = compareQuantities(amount, limit)
  if (order !== 0 && !canBeOvercommitted(name))
    return [invalid(requests, show(amount), `must be equal to ${name} limit of ${show(limit)}`)]
  return order > 0
    ? [invalid(requests, show(amount), `must be less than or equal to ${name} limit of ${show(limit)}`)]
    : []
}

function validateAmounts(
  { limits = {}, requests = {} }: ResourceRequirements,
  path: string,
  validateName: (name: string, path: string) => FieldError[],
): FieldError[] {
  const paths = { limits: `${path}.limits`, requests: `${path}.requests` }
  const errors: FieldError[] = []
  for (const [name, amount] of Object.entries(limits)) {
    const each = at(paths.limits, name)
    errors.push(...validateName(name, each), ...validateAmount(name, amount, each))
  }
  for (const [name, amount] of Object.entries(requests)) {
    const each = at(paths.requests, name)
    const limit = Object.hasOwn(limits, name) ? limits[name] : undefined
    errors.push(...validateName(name, each), ...validateAmount(name, amount, each))
    errors.push(...validateRequest(name, amount, limit, paths))
  }
  const names = [...Object.keys(limits), ...Object.keys(requests)]
  if (names.some(isHugePages) && !names.includes('cpu') && !names.includes('memory'))
    errors.push(forbidden(path, 'HugePages require cpu or memory'))
  return errors
}

/** Whether a claim is used already: as a whole, by the same request, or by any request where it is now used as a whole. */
function isUsed(used: ReadonlySet<string>, name: string, request: string): boolean {
  if (used.has(name) || used.has(`${name}/${request}`)) return true
  return request === '' && [...used].some((key) => key.startsWith(`${name}/`))
}

function validateClaims(
  claims: ResourceRequirements['claims'],
  path: string,
  podClaims: ReadonlySet<string>,
): FieldError[] {
  const used = new Set<string>()
  return forEach(claims, path, ({ name, request = '' }, each) => {
    if (!name) return [required(each)]
    const key = request === '' ? name : `${name}/${request}`
    const errors = isUsed(used, name, request) ? [duplicate(each, used.has(name) ? name : key)] : []
    errors.push(...obeysIfSet(`${each}.request`, request, validateDnsLabel))
    used.add(key)
    if (!podClaims.has(name)) errors.push(unknownClaim(each, name, podClaims))
    return errors
  })
}

function unknownClaim(path: string, name: string, podClaims: ReadonlySet<string>): FieldError {
  const known = podClaims.size === 0 ? ' which is empty' : `: ${[...podClaims].sort().join(', ')}`
  const error = notFound(path, name)
  return { ...error, message: `${error.message}: must be one of the names in pod.spec.resourceClaims${known}` }
}

/** Errors of what one container needs. `podClaims`: the names in `spec.resourceClaims`. */
export const validateContainerResources = (
  resources: ResourceRequirements | undefined,
  path: string,
  podClaims: ReadonlySet<string>,
): FieldError[] => [
  ...validateAmounts(resources ?? {}, path, validateContainerResourceName),
  ...validateClaims(resources?.claims, `${path}.claims`, podClaims),
]

/** Errors of what the pod needs as a whole. */
export const validatePodResources = (resources: ResourceRequirements, path: string): FieldError[] => [
  ...(resources.claims === undefined
    ? []
    : [forbidden(`${path}.claims`, 'claims cannot be set for Resources at pod-level')]),
  ...validateAmounts(resources, path, validatePodResourceName),
]

/** Errors of what the RuntimeClass adds; judged, and reported, as if it were limits. */
export const validateOverhead = (overhead: Record<string, string>, path: string): FieldError[] =>
  validateAmounts({ limits: overhead }, path, validateContainerResourceName)

function validatePodClaim(claim: PodResourceClaim, path: string): FieldError[] {
  const { resourceClaimName: name, resourceClaimTemplateName: template } = claim
  const errors: FieldError[] = []
  if (name !== undefined && template !== undefined)
    errors.push(
      invalid(path, claim, 'at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified'),
    )
  if (name === undefined && template === undefined)
    errors.push(invalid(path, claim, 'must specify one of: `resourceClaimName`, `resourceClaimTemplateName`'))
  if (name !== undefined) errors.push(...obeys(`${path}.resourceClaimName`, name, validateSubdomain))
  if (template !== undefined) errors.push(...obeys(`${path}.resourceClaimTemplateName`, template, validateSubdomain))
  return errors
}

export function validatePodClaims(claims: readonly PodResourceClaim[] | undefined, path: string): FieldError[] {
  const seen = new Set<string>()
  return forEach(claims, path, (claim, each) => {
    const nameErrors = seen.has(claim.name)
      ? [duplicate(`${each}.name`, claim.name)]
      : isSetAndObeys(`${each}.name`, claim.name, validateDnsLabel)
    if (claim.name) seen.add(claim.name)
    return [...nameErrors, ...validatePodClaim(claim, each)]
  })
}
