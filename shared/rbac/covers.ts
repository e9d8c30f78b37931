/** Which rules go beyond others: who gives rights away must have them. Pure; upstream's `Covers`. */
import type { PolicyRule } from '../api/rbac/policy-rule.ts'

/** A rule for one verb on one resource and one name, or on one path. */
function breakDown(rule: PolicyRule): PolicyRule[] {
  const { verbs, apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] } = rule
  const names = resourceNames.length === 0 ? [{}] : resourceNames.map((name) => ({ resourceNames: [name] }))
  const onResources = apiGroups.flatMap((group) =>
    resources.flatMap((resource) =>
      verbs.flatMap((verb) =>
        names.map((name) => ({ apiGroups: [group], resources: [resource], verbs: [verb], ...name })),
      ),
    ),
  )
  const onPaths = nonResourceURLs.flatMap((url) => verbs.map((verb) => ({ nonResourceURLs: [url], verbs: [verb] })))
  return [...onResources, ...onPaths]
}

const hasAll = (owned: readonly string[] = [], asked: readonly string[] = []) =>
  owned.includes('*') || asked.every((each) => owned.includes(each))

function hasResources(owned: readonly string[] = [], asked: readonly string[] = []): boolean {
  if (owned.includes('*')) return true
  return asked.every(
    (each) => owned.includes(each) || (each.includes('/') && owned.includes(`*/${each.slice(each.indexOf('/') + 1)}`)),
  )
}

const hasNames = (owned: readonly string[] = [], asked: readonly string[] = []) =>
  owned.length === 0 || (asked.length > 0 && asked.every((each) => owned.includes(each)))

const hasPaths = (owned: readonly string[] = [], asked: readonly string[] = []) =>
  asked.every((path) =>
    owned.some(
      (pattern) =>
        pattern === '*' || pattern === path || (pattern.endsWith('*') && path.startsWith(pattern.slice(0, -1))),
    ),
  )

/** Whether an owned rule takes in all of a broken-down one. */
function takesIn(owned: PolicyRule, asked: PolicyRule): boolean {
  if (!hasAll(owned.verbs, asked.verbs)) return false
  if (asked.nonResourceURLs !== undefined) return hasPaths(owned.nonResourceURLs, asked.nonResourceURLs)
  return (
    hasAll(owned.apiGroups, asked.apiGroups) &&
    hasResources(owned.resources, asked.resources) &&
    hasNames(owned.resourceNames, asked.resourceNames)
  )
}

/** What of `asked` none of `owned` takes in, as rules for one verb on one thing each. */
export function uncovered(owned: readonly PolicyRule[], asked: readonly PolicyRule[]): PolicyRule[] {
  return asked.flatMap(breakDown).filter((each) => !owned.some((rule) => takesIn(rule, each)))
}

/** Puts together rules that differ in their verb alone. */
export function compact(rules: readonly PolicyRule[]): PolicyRule[] {
  const byThing = new Map<string, PolicyRule>()
  for (const { verbs, ...thing } of rules) {
    const key = JSON.stringify(thing)
    const known = byThing.get(key)
    if (known === undefined) byThing.set(key, { ...thing, verbs: [...verbs] })
    else known.verbs.push(...verbs.filter((verb) => !known.verbs.includes(verb)))
  }
  return [...byThing.values()]
}

/** Texts as Go prints a list of them. */
export const quotedList = (texts: readonly string[]): string =>
  `[${texts.map((text) => JSON.stringify(text)).join(' ')}]`

const PARTS = [
  ['APIGroups', 'apiGroups'],
  ['Resources', 'resources'],
  ['NonResourceURLs', 'nonResourceURLs'],
  ['ResourceNames', 'resourceNames'],
  ['Verbs', 'verbs'],
] as const

/** A rule as upstream shows it in errors. */
export const describeRule = (rule: PolicyRule): string =>
  `{${PARTS.flatMap(([shown, part]) => (rule[part]?.length ? [`${shown}:${quotedList(rule[part])}`] : [])).join(', ')}}`
