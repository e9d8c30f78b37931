/** What one rule of a role allows. Pure. */
import type { PolicyRule } from '../api/rbac/policy-rule.ts'

const ALL = '*'

const includes = (allowed: readonly string[] | undefined, value: string): boolean =>
  allowed?.some((each) => each === ALL || each === value) ?? false

export interface AskedResource {
  group: string
  plural: string
  subresource?: string
  /** Absent or empty where the request is about no single object. */
  name?: string
}

/** `*` stands for all resources and their parts, `x/y` for one part, and `*` before a slash for a part of all. */
function isResourceIn(resources: readonly string[] | undefined, { plural, subresource = '' }: AskedResource): boolean {
  const whole = subresource === '' ? plural : `${plural}/${subresource}`
  const ofAll = `*/${subresource}`
  return resources?.some((each) => each === ALL || each === whole || (subresource !== '' && each === ofAll)) ?? false
}

/** Whether a rule is about a verb and a resource, whatever its name. */
export const isAbout = ({ verbs, apiGroups, resources }: PolicyRule, verb: string, asked: AskedResource): boolean =>
  includes(verbs, verb) && includes(apiGroups, asked.group) && isResourceIn(resources, asked)

/** Whether a rule that is about a resource takes in an object of that name. */
export const isNamed = ({ resourceNames = [] }: PolicyRule, name: string): boolean =>
  resourceNames.length === 0 || resourceNames.includes(name)

/** Whether a rule allows a verb on a resource. */
export const allowsResource = (rule: PolicyRule, verb: string, asked: AskedResource): boolean =>
  isAbout(rule, verb, asked) && isNamed(rule, asked.name ?? '')

const isPathIn = (patterns: readonly string[] | undefined, path: string): boolean =>
  patterns?.some(
    (each) => each === ALL || each === path || (each.endsWith(ALL) && path.startsWith(each.slice(0, -1))),
  ) ?? false

/** Whether a rule allows a verb on a path that is no resource. */
export const allowsPath = ({ verbs, nonResourceURLs }: PolicyRule, verb: string, path: string): boolean =>
  includes(verbs, verb) && isPathIn(nonResourceURLs, path)
