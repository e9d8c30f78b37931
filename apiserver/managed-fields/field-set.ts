/**
 * Sets of fields, in the form in which they travel: the tree of `fieldsV1`. A key names one step down: `f:NAME` a field
 * or entry, `k:JSON` an element by its keys, `v:JSON` an element of a set, `i:N` one by position. A node without keys
 * is a field of the set; so is one with the key `.`, which has fields below it besides. All others only lead to fields.
 * Nothing here changes a set that it is given: results share what they take over.
 */

export interface FieldSet {
  readonly [step: string]: FieldSet
}

/** A field that is in a set, with nothing below it. */
export const LEAF: FieldSet = Object.freeze({})

/** The key that says that a node with fields below it is in the set itself. */
export const SELF = '.'

/** Sets under construction are plain objects of their maker's own. */
export type FieldSetBuilder = Record<string, FieldSet>

const isEmptyNode = (node: FieldSet): boolean => {
  for (const _ in node) return false
  return true
}

const isMember = (node: FieldSet): boolean => SELF in node || isEmptyNode(node)

/** A node of the fields below it and of whether it is in the set itself; undefined where there is neither. */
function nodeOf(children: FieldSetBuilder, member: boolean): FieldSet | undefined {
  if (isEmptyNode(children)) return member ? LEAF : undefined
  if (member) children[SELF] = LEAF
  return children
}

/** The root of a set, which is no field itself; undefined is the empty set. */
const rootOf = (children: FieldSetBuilder): FieldSet | undefined => (isEmptyNode(children) ? undefined : children)

type Combine = (a: FieldSet, b: FieldSet) => FieldSet | undefined

function uniteChildren(a: FieldSet, b: FieldSet): FieldSetBuilder {
  const united: FieldSetBuilder = {}
  for (const step in a) if (step !== SELF) united[step] = a[step]!
  for (const step in b) {
    if (step === SELF) continue
    const there = united[step]
    united[step] = there === undefined ? b[step]! : uniteNodes(there, b[step]!)
  }
  return united
}

const uniteNodes = (a: FieldSet, b: FieldSet): FieldSet =>
  a === b ? a : nodeOf(uniteChildren(a, b), isMember(a) || isMember(b))!

/** The fields that are in either set. */
export function union(a: FieldSet | undefined, b: FieldSet | undefined): FieldSet | undefined {
  if (a === undefined || b === undefined) return a ?? b
  return rootOf(uniteChildren(a, b))
}

function subtractChildren(a: FieldSet, b: FieldSet): FieldSetBuilder {
  const left: FieldSetBuilder = {}
  for (const step in a) {
    if (step === SELF) continue
    const other = b[step]
    const node = other === undefined ? a[step] : subtractNodes(a[step]!, other)
    if (node !== undefined) left[step] = node
  }
  return left
}

const subtractNodes: Combine = (a, b) => nodeOf(subtractChildren(a, b), isMember(a) && !isMember(b))

/** The fields of `a` that are not in `b`; `a` itself where they have none in common. */
export function difference(a: FieldSet | undefined, b: FieldSet | undefined): FieldSet | undefined {
  if (a === undefined || b === undefined || !intersects(a, b)) return a
  return rootOf(subtractChildren(a, b))
}

function commonChildren(a: FieldSet, b: FieldSet): FieldSetBuilder {
  const common: FieldSetBuilder = {}
  for (const step in a) {
    const other = step === SELF ? undefined : b[step]
    const node = other === undefined ? undefined : commonNodes(a[step]!, other)
    if (node !== undefined) common[step] = node
  }
  return common
}

const commonNodes: Combine = (a, b) => nodeOf(commonChildren(a, b), isMember(a) && isMember(b))

/** The fields that are in both sets. */
export const intersection = (a: FieldSet | undefined, b: FieldSet | undefined): FieldSet | undefined =>
  a === undefined || b === undefined ? undefined : rootOf(commonChildren(a, b))

const nodesIntersect = (a: FieldSet, b: FieldSet): boolean => (isMember(a) && isMember(b)) || intersects(a, b)

/** Whether two sets have a field in common. */
function intersects(a: FieldSet, b: FieldSet): boolean {
  for (const step in a) {
    const other = step === SELF ? undefined : b[step]
    if (other !== undefined && nodesIntersect(a[step]!, other)) return true
  }
  return false
}

function sameNodes(a: FieldSet, b: FieldSet): boolean {
  if (a === b) return true
  if (isMember(a) !== isMember(b)) return false
  for (const step in a) {
    if (step === SELF) continue
    const other = b[step]
    if (other === undefined || !sameNodes(a[step]!, other)) return false
  }
  for (const step in b) if (step !== SELF && a[step] === undefined) return false
  return true
}

/** Whether two sets have the same fields. */
export const sameFields = (a: FieldSet | undefined, b: FieldSet | undefined): boolean =>
  a === undefined || b === undefined ? a === b : sameNodes(a, b)

/** The fields of a set, each as the steps that lead to it, in order of the steps' texts. */
export function* pathsOf(set: FieldSet | undefined, above: readonly string[] = []): Generator<readonly string[]> {
  if (set === undefined) return
  for (const step of Object.keys(set).sort()) {
    if (step === SELF) continue
    const node = set[step]!
    const path = [...above, step]
    if (isMember(node)) yield path
    yield* pathsOf(node, path)
  }
}

const STEP = /^([fkv]:|i:\d+$)/s
/** Deeper than the fields of any object that could be read. */
const DEPTH_MAX = 1000

/** Whether a value that a client sent is a tree of fields. */
export function isFieldSet(value: unknown, depthMax: number = DEPTH_MAX): value is FieldSet {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || depthMax === 0) return false
  return Object.entries(value).every(
    ([step, node]) =>
      isFieldSet(node, depthMax - 1) && (step === SELF ? isEmptyNode(node) : STEP.test(step) && isReadable(step)),
  )
}

/** Whether the JSON in a step can be read. */
function isReadable(step: string): boolean {
  if (step.startsWith('f:') || step.startsWith('i:')) return true
  try {
    const value: unknown = JSON.parse(step.slice(2))
    return step.startsWith('v:') || (typeof value === 'object' && value !== null && !Array.isArray(value))
  } catch {
    // Not JSON: the one thing that parsing can find.
    return false
  }
}
