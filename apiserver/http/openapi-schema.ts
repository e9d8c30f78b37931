/** From the schemas of `shared/api` to the component schemas of OpenAPI 3, as `kubectl explain` reads them. Pure. */
import type { TSchema } from '../../shared/api/schema.ts'

/** A schema node with the annotations that matter here. */
type Node = Readonly<Record<string, unknown>> & {
  type?: string
  format?: string
  description?: string
  properties?: Readonly<Record<string, Node>>
  required?: readonly string[]
  items?: Node
  additionalProperties?: Node
}

export type Components = Record<string, object>

const INT_OR_STRING = 'io.k8s.apimachinery.pkg.util.intstr.IntOrString'

/** Scalars that upstream has models of their own for, by our format. */
const SCALAR_MODELS: Readonly<Record<string, { name: string; schema: object }>> = {
  'date-time': {
    name: 'io.k8s.apimachinery.pkg.apis.meta.v1.Time',
    schema: { type: 'string', format: 'date-time', description: 'An instant, RFC 3339 with whole seconds.' },
  },
  'micro-time': {
    name: 'io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime',
    schema: { type: 'string', format: 'date-time', description: 'An instant, RFC 3339 with microseconds.' },
  },
  quantity: {
    name: 'io.k8s.apimachinery.pkg.api.resource.Quantity',
    schema: {
      description: 'An amount such as 500m, 1.5 or 64Mi.',
      oneOf: [{ type: 'string' }, { type: 'number' }],
    },
  },
  'int-or-string': {
    name: INT_OR_STRING,
    schema: {
      description: 'A number or a string.',
      format: 'int-or-string',
      oneOf: [{ type: 'integer' }, { type: 'string' }],
    },
  },
}

/** Annotations that clients read as they are. */
const KEPT = [
  'x-kubernetes-list-type',
  'x-kubernetes-list-map-keys',
  'x-kubernetes-patch-strategy',
  'x-kubernetes-patch-merge-key',
  'x-kubernetes-map-type',
] as const

const describe = ({ description }: Node) => (description === undefined ? {} : { description })

const extensionsOf = (node: Node) =>
  Object.fromEntries(KEPT.filter((key) => key in node).map((key) => [key, node[key]]))

const defaultOf = ({ 'x-default': value }: Node) =>
  value === undefined || typeof value === 'function' ? {} : { default: value }

const refTo = (name: string) => ({ allOf: [{ $ref: `#/components/schemas/${name}` }] })

const formatOf = (node: Node) => (node['x-kubernetes-int-or-string'] === true ? 'int-or-string' : node.format)

/** A node where it is used: a reference where it has a model, else written out. Adds the models that it refers to. */
function usage(node: Node, components: Components): object {
  const shown = { ...describe(node), ...defaultOf(node), ...extensionsOf(node) }
  const scalar = SCALAR_MODELS[formatOf(node) ?? '']
  if (scalar !== undefined) {
    components[scalar.name] = scalar.schema
    return { ...shown, ...refTo(scalar.name) }
  }
  const model = node['x-kubernetes-model']
  if (typeof model === 'string') {
    addModel(model, node, components)
    return { ...shown, ...refTo(model) }
  }
  return {
    ...shown,
    ...(node.type !== undefined && { type: node.type }),
    ...(node.format !== undefined && { format: node.format }),
    ...(node.enum !== undefined && { enum: node.enum }),
    ...(node.items !== undefined && { items: element(node.items, components) }),
    ...(node.additionalProperties !== undefined && {
      additionalProperties: element(node.additionalProperties, components),
    }),
  }
}

/** An element of a list or map: the description of the whole says what it is, and explainers show one after the other. */
const element = ({ description: _, ...node }: Node, components: Components) => usage(node, components)

/** Fields that the server fills in without a default in the schema, or that clients may leave empty, by model. */
const FILLED_IN: Readonly<Record<string, readonly string[]>> = {
  'io.k8s.api.apps.v1.ControllerRevision': ['data'],
  'io.k8s.api.batch.v1.JobSpec': ['selector'],
  'io.k8s.api.core.v1.Container': ['image'],
  'io.k8s.api.core.v1.EphemeralContainer': ['image'],
  'io.k8s.api.core.v1.ReplicationControllerSpec': ['selector', 'template'],
  'io.k8s.api.discovery.v1.EndpointPort': ['name'],
  'io.k8s.api.discovery.v1.EndpointSlice': ['endpoints'],
  'io.k8s.api.policy.v1.PodDisruptionBudgetStatus': [
    'currentHealthy',
    'desiredHealthy',
    'disruptionsAllowed',
    'expectedPods',
  ],
  'io.k8s.api.scheduling.v1.PriorityClass': ['value'],
}

/** What a client must say. Our schemas require what a stored object has, and some of that the server fills in. */
const requiredOf = (model: string, { required = [], properties = {} }: Node): string[] =>
  required.filter((name) => properties[name]?.['x-default'] === undefined && !FILLED_IN[model]?.includes(name))

function addModel(name: string, node: Node, components: Components): void {
  if (name in components) return
  const description = node['x-model-description'] ?? node.description
  const component: Record<string, unknown> = { type: 'object', ...(description !== undefined && { description }) }
  // Known before its fields are looked at: a model may contain itself.
  components[name] = component
  component.properties = Object.fromEntries(
    Object.entries(node.properties ?? {}).map(([field, type]) => [field, usage(type, components)]),
  )
  const required = requiredOf(name, node)
  if (required.length > 0) component.required = required
}

/** Adds the model of a body to `components`, with all that it refers to. Returns its name. */
export function addBodyModel(schema: TSchema, components: Components): string {
  const node = schema as unknown as Node
  const name = String(node['x-kubernetes-model'])
  // The path says of what type a body is, so the body need not.
  const required = node.required?.filter((field) => field !== 'apiVersion' && field !== 'kind') ?? []
  addModel(name, { ...node, required }, components)
  return name
}

/** The same for a kind, with what is to be said of it besides. */
export function addKindModel(schema: TSchema, extensions: object, components: Components): string {
  const name = addBodyModel(schema, components)
  Object.assign(components[name]!, extensions)
  return name
}
