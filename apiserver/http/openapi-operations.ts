/** What can be done with a kind, as OpenAPI describes it: verbs, parameters, media types, the names of operations. */
import type { Kind, Verb } from '../../shared/api/kind.ts'

const parameter = (name: string, description: string, type = 'string') => ({
  name,
  in: 'query',
  description,
  schema: { type, uniqueItems: true },
})

const PRETTY = parameter('pretty', 'Indent the answer for people to read.')
const DRY_RUN = parameter('dryRun', 'All: do everything but the write itself.')
/** kubectl looks for the last of these at PATCH, to know that it may leave validation to the server. */
const WRITE = [
  PRETTY,
  DRY_RUN,
  parameter('fieldManager', 'Who makes the change.'),
  parameter('fieldValidation', 'What to do about unknown and repeated fields: Ignore, Warn or Strict.'),
]
const FORCE = parameter('force', 'Take over the fields of other managers; for apply patches only.', 'boolean')
const SELECT = [
  PRETTY,
  parameter('labelSelector', 'Only objects with these labels.'),
  parameter('fieldSelector', 'Only objects with these values of fields.'),
  parameter('limit', 'At most this many objects; the answer then has a token for the next ones.', 'integer'),
  parameter('continue', 'The token of the next page.'),
  parameter('resourceVersion', 'The version that the answer is to show, or be newer than.'),
  parameter('resourceVersionMatch', 'How `resourceVersion` is meant: Exact or NotOlderThan.'),
  parameter('sendInitialEvents', 'Whether a watch begins with what there is.', 'boolean'),
  parameter('timeoutSeconds', 'After this long the server ends a watch.', 'integer'),
]
const LIST = [
  ...SELECT,
  parameter('watch', 'Stream changes instead of listing.', 'boolean'),
  parameter('allowWatchBookmarks', 'Whether a watch tells now and then how far it is.', 'boolean'),
]
const DELETION = [
  DRY_RUN,
  parameter('gracePeriodSeconds', 'Seconds until the object is removed; 0 removes it at once.', 'integer'),
  parameter('orphanDependents', 'Whether the dependents are left alone. Older form of `propagationPolicy`.', 'boolean'),
  parameter('propagationPolicy', 'What becomes of the dependents: Orphan, Background or Foreground.'),
]

export const JSON_TYPES = ['application/json', 'application/yaml']
const PATCH_TYPES = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
]

/** What a body is: the object itself, a list of them, a Status, options of a deletion, a patch. */
export type BodyRole = 'object' | 'list' | 'status' | 'deleteOptions' | 'patch'

export interface Action {
  verb: Verb
  method: 'get' | 'post' | 'put' | 'patch' | 'delete'
  /** Upstream's word for the verb, in `x-kubernetes-action`. */
  action: string
  /** Upstream's word for the verb, in names of operations. */
  named: string
  describe(kind: string): string
  parameters: readonly object[]
  body?: BodyRole
  bodyTypes?: readonly string[]
  answer: BodyRole
}

const read: Action = {
  verb: 'get',
  method: 'get',
  action: 'get',
  named: 'read',
  describe: (kind) => `Read one ${kind}.`,
  parameters: [PRETTY],
  answer: 'object',
}
const replace: Action = {
  verb: 'update',
  method: 'put',
  action: 'put',
  named: 'replace',
  describe: (kind) => `Replace one ${kind}.`,
  parameters: WRITE,
  body: 'object',
  answer: 'object',
}
const change: Action = {
  verb: 'patch',
  method: 'patch',
  action: 'patch',
  named: 'patch',
  describe: (kind) => `Change some fields of one ${kind}.`,
  parameters: [...WRITE, FORCE],
  body: 'patch',
  bodyTypes: PATCH_TYPES,
  answer: 'object',
}
const list: Action = {
  verb: 'list',
  method: 'get',
  action: 'list',
  named: 'list',
  describe: (kind) => `List or watch objects of kind ${kind}.`,
  parameters: LIST,
  answer: 'list',
}

export const COLLECTION_ACTIONS: readonly Action[] = [
  list,
  {
    verb: 'create',
    method: 'post',
    action: 'post',
    named: 'create',
    describe: (kind) => `Create one ${kind}.`,
    parameters: WRITE,
    body: 'object',
    answer: 'object',
  },
  {
    verb: 'deletecollection',
    method: 'delete',
    action: 'deletecollection',
    named: 'deleteCollection',
    describe: (kind) => `Delete all selected objects of kind ${kind}.`,
    parameters: [...SELECT, ...DELETION],
    body: 'deleteOptions',
    answer: 'status',
  },
]
/** Of a namespaced kind, over all namespaces. */
export const EVERYWHERE_ACTIONS: readonly Action[] = [list]
export const OBJECT_ACTIONS: readonly Action[] = [
  read,
  replace,
  change,
  {
    verb: 'delete',
    method: 'delete',
    action: 'delete',
    named: 'delete',
    describe: (kind) => `Delete one ${kind}.`,
    parameters: [PRETTY, ...DELETION],
    body: 'deleteOptions',
    answer: 'status',
  },
]
/** Of a part of an object: its status, its scale. */
export const PART_ACTIONS: readonly Action[] = [read, replace, change]

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)

/** A group in one word, as tags and names of operations have it: `core`, `apps`, `rbacAuthorization`. */
export function groupWord(group: string): string {
  if (group === '') return 'core'
  const [first = '', ...rest] = group.replace(/\.k8s\.io$/, '').split('.')
  return first + rest.map(capital).join('')
}

/** The name of an operation, from which generated clients take the names of their functions: `readCoreV1NamespacedPod`. */
export function operationId(
  { group, version, kind, namespaced }: Pick<Kind, 'group' | 'version' | 'kind' | 'namespaced'>,
  { named }: Pick<Action, 'named'>,
  { isEverywhere, part = '' }: { isEverywhere: boolean; part?: string },
): string {
  const scope = namespaced && !isEverywhere ? 'Namespaced' : ''
  const [, verb = named, collection = ''] = /^(delete)(Collection)$/.exec(named) ?? []
  const everywhere = isEverywhere ? 'ForAllNamespaces' : ''
  return `${verb}${capital(groupWord(group))}${capital(version)}${collection}${scope}${kind}${capital(part)}${everywhere}`
}
