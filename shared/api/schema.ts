/**
 * The vocabulary in which `shared/api` writes its kinds: TypeBox types with the few annotations that the Kubernetes
 * API needs. One schema gives the TypeScript type, the OpenAPI document, the decoder's checks, the defaults and
 * the strategic-merge and apply strategies.
 */
import Type, { type Static, type TObject, type TOptional, type TProperties, type TSchema, type TUnsafe } from 'typebox'

export type { Static, TObject, TProperties, TSchema, TUnsafe }

/** What our own keywords add to a JSON Schema node; the `x-kubernetes-` names are upstream's OpenAPI extensions. */
export interface Annotations {
  /** Full model name of an object (`io.k8s.api.core.v1.Pod`): its key in OpenAPI. */
  'x-kubernetes-model'?: string
  /** What an object of the model is; `description` is what one is for where it is used. */
  'x-model-description'?: string
  /** How a list merges under server-side apply. Default: atomic. */
  'x-kubernetes-list-type'?: 'atomic' | 'set' | 'map'
  /** The fields that identify an element of a `map` list. */
  'x-kubernetes-list-map-keys'?: readonly string[]
  /** How strategic merge patch treats a list or object: `merge`, `replace`, `retainKeys`, or two of them with a comma. */
  'x-kubernetes-patch-strategy'?: string
  /** The element field by which strategic merge patch pairs elements of a `merge` list. */
  'x-kubernetes-patch-merge-key'?: string
  /** An object that merges as one value under server-side apply (`atomic`). Default: granular. */
  'x-kubernetes-map-type'?: 'atomic' | 'granular'
  /** A value that is a number or a string. */
  'x-kubernetes-int-or-string'?: true
  /** Any JSON is allowed below this node and kept as it is. */
  'x-kubernetes-preserve-unknown-fields'?: true
  /** Value filled in by defaulting where the field is absent. A function sees the object that holds the field. */
  'x-default'?: unknown
  /**
   * Defaulting takes an empty string or 0 as absent: upstream holds the field as a plain value, in which unset and
   * empty are the same, not behind a pointer.
   */
  'x-default-for-empty'?: true
}

/** A default that depends on the object holding the field, e.g. `imagePullPolicy` on `image`. Must be pure. */
export type DefaultOf<Value = unknown> = (holder: Readonly<Record<string, unknown>>) => Value | undefined

interface ScalarOptions<Value> {
  /** The value an absent field takes, or a pure function of the object that holds it. */
  default?: Value | DefaultOf<Value>
}

interface NumberOptions extends ScalarOptions<number> {
  /** 0 counts as absent, and takes the default. */
  zeroIsUnset?: true
}

const annotate = <Value>({ default: value }: ScalarOptions<Value>) =>
  value === undefined ? {} : { 'x-default': value }

/** An empty string always counts as absent where there is a default. */
const annotateText = <Value>(options: ScalarOptions<Value>) =>
  options.default === undefined ? {} : { ...annotate(options), 'x-default-for-empty': true }

const annotateNumber = (options: NumberOptions) => ({
  ...annotate(options),
  ...(options.zeroIsUnset && { 'x-default-for-empty': true }),
})

/** A string. */
export const text = (description: string, options: ScalarOptions<string> = {}) =>
  Type.String({ description, ...annotateText(options) })

/** A string that validation restricts to `values`; other strings decode, and are then refused as unsupported (422). */
export const choice = <const Values extends readonly string[]>(
  description: string,
  values: Values,
  options: ScalarOptions<Values[number]> = {},
) => Type.Unsafe<Values[number]>({ type: 'string', enum: values, description, ...annotateText(options) })

/** A whole number of 32 bits. */
export const int32 = (description: string, options: NumberOptions = {}) =>
  Type.Integer({ description, format: 'int32', ...annotateNumber(options) })

/** A whole number that upstream holds in 64 bits; beyond 2^53 it is refused, since JavaScript would round it. */
export const int64 = (description: string, options: NumberOptions = {}) =>
  Type.Integer({ description, format: 'int64', ...annotateNumber(options) })

/** A number with a fraction (`double`). */
export const float = (description: string) => Type.Number({ description, format: 'double' })

export const boolean = (description: string, options: ScalarOptions<boolean> = {}) =>
  Type.Boolean({ description, ...annotate(options) })

/** An instant, RFC 3339 in UTC with whole seconds (`metav1.Time`). */
export const time = (description: string) => Type.String({ description, format: 'date-time' })

/** An instant, RFC 3339 in UTC with microseconds (`metav1.MicroTime`). */
export const microTime = (description: string) => Type.String({ description, format: 'micro-time' })

/** Bytes in standard base64. */
export const bytes = (description: string) => Type.String({ description, format: 'byte' })

/** An amount such as `500m`, `1.5` or `64Mi` (`resource.Quantity`). A bare number decodes to its string. */
export const quantity = (description: string, options: ScalarOptions<string> = {}) =>
  Type.String({ description, format: 'quantity', ...annotateText(options) })

/** A number or a string, such as a port number or its name (`intstr.IntOrString`). */
export const intOrString = (description: string, options: ScalarOptions<number | string> = {}) =>
  Type.Unsafe<number | string>({ 'x-kubernetes-int-or-string': true, description, ...annotate(options) })

/** Any JSON object, kept unchanged and unchecked. */
export const anyObject = (description: string) =>
  Type.Unsafe<Record<string, unknown>>({ type: 'object', 'x-kubernetes-preserve-unknown-fields': true, description })

/** A string-keyed map whose values all have one schema. */
export const map = <Value extends TSchema>(values: Value, description: string, options: { mapType?: 'atomic' } = {}) =>
  Type.Unsafe<Record<string, Static<Value>>>({
    type: 'object',
    additionalProperties: values,
    description,
    ...(options.mapType !== undefined && { 'x-kubernetes-map-type': options.mapType }),
  })

interface ListOptions {
  /** `map` needs `keys`. Default: `atomic`. */
  type?: 'atomic' | 'set' | 'map'
  keys?: readonly string[]
  /** Strategic merge patch merges elements; by `mergeKey`, or as a set of scalars without one. */
  patch?: 'merge' | 'merge,retainKeys'
  mergeKey?: string
}

/** A list of `items`, with its merge behaviour under apply (`type`, `keys`) and under strategic merge (`patch`, `mergeKey`). */
export const list = <Item extends TSchema>(items: Item, description: string, options: ListOptions = {}) =>
  Type.Array(items, {
    description,
    ...(options.type !== undefined && { 'x-kubernetes-list-type': options.type }),
    ...(options.keys !== undefined && { 'x-kubernetes-list-map-keys': options.keys }),
    ...(options.patch !== undefined && { 'x-kubernetes-patch-strategy': options.patch }),
    ...(options.mergeKey !== undefined && { 'x-kubernetes-patch-merge-key': options.mergeKey }),
  })

type Shape<Properties extends TProperties, Required extends keyof Properties> = {
  [Key in keyof Properties]: Key extends Required ? Properties[Key] : TOptional<Properties[Key]>
}

/**
 * An object type. `model` is its full upstream name; its last two parts (`v1.PodSpec`) name it in decoding errors.
 * Fields are optional unless listed in `required`. Required describes stored objects: a client may leave a field out
 * where a default or validation speaks for it.
 */
export const object = <Properties extends TProperties, const Required extends keyof Properties = never>(
  model: string,
  description: string,
  properties: Properties,
  options: { required?: readonly Required[]; mapType?: 'atomic' } = {},
): TObject<Shape<Properties, Required>> => {
  const required: readonly PropertyKey[] = options.required ?? []
  const shape = Object.fromEntries(
    Object.entries(properties).map(([name, type]) => [name, required.includes(name) ? type : Type.Optional(type)]),
  )
  return Type.Object(shape, {
    description,
    'x-kubernetes-model': model,
    'x-model-description': description,
    ...(options.mapType !== undefined && { 'x-kubernetes-map-type': options.mapType }),
  }) as unknown as TObject<Shape<Properties, Required>>
}

/** A shared object type as the type of one field, with the field's own description and options. */
export const field = <Model extends TSchema>(
  model: Model,
  description: string,
  options: { default?: unknown; patch?: 'retainKeys' | 'replace' } = {},
): Model => ({
  ...model,
  description,
  ...annotate(options),
  ...(options.patch !== undefined && { 'x-kubernetes-patch-strategy': options.patch }),
})
