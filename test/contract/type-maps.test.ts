/**
 * Our schemas have exactly the fields of Kubernetes, with the same types. The list of them is in the type maps of a real
 * client library; it is walked from every kind that the API server serves, through all the models below it.
 */
import * as client from '@kubernetes/client-node'
import t from 'tap'
import type { Kind } from '../../shared/api/kind.ts'
import { builtInKinds } from '../../shared/api/kinds.ts'
import type { Annotations } from '../../shared/api/schema.ts'

/** One field as the client library knows it. */
interface Attribute {
  baseName: string
  /** `string`, `Array<V1Container>`, `{ [key: string]: string; }` … */
  type: string
  format: string
}

interface SchemaNode extends Annotations {
  type?: string
  format?: string
  items?: SchemaNode
  properties?: Readonly<Record<string, SchemaNode>>
  additionalProperties?: SchemaNode
}

const models = client as unknown as Readonly<Record<string, { attributeTypeMap?: readonly Attribute[] } | undefined>>

const LIST = /^Array<(.+)>$/
const MAP = /^\{ \[key: string\]: (.+); \}$/

/** Formats of ours that travel as plain strings. */
const PLAIN = new Set([undefined, 'quantity'])

/** Names that the library gives a model: by version alone, or with the group where others have the same name. */
function modelOf({ kind, group, version }: Kind): string {
  const upper = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)
  const name = [version, `${(group || 'core').split('.')[0]}${upper(version)}`]
    .map((prefix) => `${upper(prefix)}${kind}`)
    .find((candidate) => models[candidate]?.attributeTypeMap !== undefined)
  if (name === undefined) throw new Error(`the client library has no model for ${kind}`)
  return name
}

const isAnything = (schema: SchemaNode) => schema['x-kubernetes-preserve-unknown-fields'] === true

/** What a type without parts looks like in our schemas. */
const SCALARS: Readonly<Record<string, (schema: SchemaNode, format: string) => boolean>> = {
  string: ({ type, format }, wanted) => type === 'string' && (wanted === '' ? PLAIN.has(format) : format === wanted),
  number: ({ type, format }, wanted) =>
    (wanted === 'double' ? type === 'number' : type === 'integer') && (wanted === '' || format === wanted),
  boolean: ({ type }) => type === 'boolean',
  Date: ({ type, format }) => type === 'string' && format === 'date-time',
  V1MicroTime: ({ type, format }) => type === 'string' && format === 'micro-time',
  IntOrString: (schema) => schema['x-kubernetes-int-or-string'] === true,
  any: isAnything,
  object: isAnything,
}

const shown = ({ type, format }: SchemaNode) => [type ?? 'something', format].filter(Boolean).join(' ')

/** The name of a model without group and version, in the library (`CoreV1Event`) and in our schemas (`io.k8s.api.core.v1.Event`). */
const plainName = (model: string) => model.replace(/^(.*\.|[A-Z]?[a-z]*V\d+)/, '')

/** Every difference of one value, and of all below it. `seen`: the fields that are judged already; models repeat, and may be recursive. */
function differences(
  schema: SchemaNode,
  { type, format }: Omit<Attribute, 'baseName'>,
  path: string,
  seen: Set<unknown>,
): string[] {
  const [, element] = LIST.exec(type) ?? []
  const [, value] = MAP.exec(type) ?? []
  const wrong = [`${path}: is ${shown(schema)}, should be ${type} ${format}`.trimEnd()]
  if (element !== undefined)
    return schema.items === undefined ? wrong : differences(schema.items, { type: element, format }, `${path}[]`, seen)
  if (value !== undefined)
    return schema.additionalProperties === undefined
      ? wrong
      : differences(schema.additionalProperties, { type: value, format }, `${path}{}`, seen)
  const isScalar = SCALARS[type]
  if (isScalar !== undefined) return isScalar(schema, format) ? [] : wrong
  return schema.properties === undefined ? wrong : modelDifferences(schema, type, path, seen)
}

function modelDifferences(schema: SchemaNode, model: string, path: string, seen: Set<unknown>): string[] {
  const ownName = schema['x-kubernetes-model'] ?? ''
  if (plainName(ownName) !== plainName(model)) return [`${path}: is called ${ownName}, should be ${model}`]
  if (seen.has(schema.properties)) return []
  seen.add(schema.properties)
  const attributes = models[model]?.attributeTypeMap
  if (attributes === undefined) return [`${path}: the client library has no model ${model}`]
  const fields = new Map(Object.entries(schema.properties ?? {}))
  const found = attributes.flatMap(({ baseName, ...attribute }) => {
    const field = fields.get(baseName)
    fields.delete(baseName)
    return field === undefined
      ? [`${path}.${baseName}: is missing`]
      : differences(field, attribute, `${path}.${baseName}`, seen)
  })
  return [...found, ...[...fields.keys()].map((name) => `${path}.${name}: is unknown to Kubernetes`)]
}

for (const kind of builtInKinds) {
  t.test(`${kind.kind} has the fields of Kubernetes`, async (t) => {
    t.strictSame(modelDifferences(kind.schema as unknown as SchemaNode, modelOf(kind), kind.kind, new Set()), [])
  })
}

t.test('differences are found', async (t) => {
  const pod = builtInKinds.find(({ kind }) => kind === 'Pod')!.schema as unknown as SchemaNode
  const { spec, metadata, ...others } = pod.properties!
  const changed = { ...pod, properties: { ...others, status: spec!, metadata: { type: 'string' }, extra: metadata! } }
  t.strictSame(modelDifferences(changed, 'V1Pod', 'Pod', new Set()), [
    'Pod.metadata: is string, should be V1ObjectMeta',
    'Pod.spec: is missing',
    'Pod.status: is called io.k8s.api.core.v1.PodSpec, should be V1PodStatus',
    'Pod.extra: is unknown to Kubernetes',
  ])
})
