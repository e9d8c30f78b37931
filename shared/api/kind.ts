import type { FieldError } from '../field-errors.ts'
import type { ObjectMeta, TemplateMeta } from './meta.ts'
import type { TObject } from './schema.ts'

/** What every stored object has. */
export interface KubeObject {
  apiVersion: string
  kind: string
  metadata: ObjectMeta
}

/** A value of which the server fills in what is left out. */
type Sparse<Value> = Value extends readonly (infer Item)[]
  ? Sparse<Item>[]
  : Value extends object
    ? { [Key in keyof Value]?: Sparse<Value[Key]> }
    : Value

/** An object as a client writes it, before the server has filled in identity, version and defaults. */
export type Draft<Object extends KubeObject> = {
  apiVersion: string
  kind: string
  metadata: TemplateMeta
} & Sparse<Omit<Object, keyof KubeObject>>

/** One column of a Table, as `kubectl get` prints it. */
export interface Column<Object extends KubeObject> {
  name: string
  type: 'string' | 'integer' | 'number' | 'boolean' | 'date'
  /** `name` for the column that holds the object's name. Default: empty. */
  format?: 'name'
  /** 0 (default): always shown; 1: with `-o wide`. */
  priority?: 0 | 1
  description: string
  /** The cell's value; ages are counted from `nowMs`. */
  cell(object: Object, nowMs: number): string | number | boolean | null
}

/** Where the `scale` subresource finds and puts its parts. */
export interface ScaleAccess<Object extends KubeObject> {
  replicas(object: Object): number
  statusReplicas(object: Object): number
  /** The selector of the scaled pods in its string form. */
  selector(object: Object): string
  /** The object with `spec.replicas` set. */
  withReplicas(object: Object, replicas: number): Object
}

/** Reads one selectable field of an object as a string; empty where it is unset. */
export type FieldOf<Object extends KubeObject> = { read(object: Object): string }['read']

/** Verbs of a resource, in discovery's order. */
export const ALL_VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'] as const
export type Verb = (typeof ALL_VERBS)[number]

/**
 * A kind as data: everything the generic registry needs to serve it. The hooks are pure but for the object that they
 * are handed, which belongs to the request: `defaults` and the `prepareFor…` hooks change it in place.
 */
export interface Kind<Object extends KubeObject = KubeObject> {
  /** API group; empty for core. */
  group: string
  version: string
  kind: string
  plural: string
  singular: string
  shortNames?: readonly string[]
  categories?: readonly string[]
  namespaced: boolean
  /** Default: all. */
  verbs?: readonly Verb[]
  schema: TObject
  /** Whether `status` is a subresource: then create and update leave the stored status alone, and only `/status` writes it. */
  hasStatus: boolean
  /** A write to `/status` sets the annotations as well, without counting as a change (a Deployment's revision). */
  isAnnotatedByStatus?: true
  scale?: ScaleAccess<Object>
  /** Whether `metadata.generation` counts changes of everything beside metadata and status. */
  hasGeneration: boolean
  /** The rule for `metadata.name`. Default: a lowercase RFC 1123 subdomain. */
  validateName?: NameRule
  /** Defaults that the schema's `default` annotations cannot express. Runs after them, on every write. */
  defaults?(object: Object): void
  /** Resets what a client may not set, fills in what the server decides. Runs before validation. */
  prepareForCreate?(object: Object): void
  prepareForUpdate?(object: Object, old: Object): void
  /** The same for a write to `/status`. */
  prepareForStatusUpdate?(object: Object, old: Object): void
  /** All errors of one object, by itself. */
  validate(object: Object): FieldError[]
  /** Errors of a new object that are none of a stored one (`validate` has run as well). */
  validateCreate?(object: Object): FieldError[]
  /** Errors of a change of everything but status (`validate` has run as well). */
  validateUpdate?(object: Object, old: Object): FieldError[]
  /** Errors of a write to `/status`. */
  validateStatusUpdate?(object: Object, old: Object): FieldError[]
  columns: readonly Column<Object>[]
  /** What `--field-selector` accepts beside `metadata.name` and, where namespaced, `metadata.namespace`. */
  selectableFields?: Readonly<Record<string, FieldOf<Object>>>
  /**
   * Graceful deletion (pods): the seconds to wait before removal for a delete that asked for `requested`;
   * 0 removes at once. Absent: the kind is always removed at once.
   */
  deletionGraceSeconds?(object: Object, requested: number | undefined): number
  /** Runs in place on an object that is being marked for deletion (a namespace turns Terminating). */
  prepareForDelete?(object: Object): void
  /** Whether something beside `metadata.finalizers` still keeps a deleted object (a namespace's `spec.finalizers`). */
  isHeld?(object: Object): boolean
  /** A delete that names no propagation policy leaves the dependents alone (ReplicationController). Default: it does not. */
  orphansByDefault?: true
  /** A delete answers with the object itself, not with a Status. */
  returnsDeleted?: true
  /** A PUT creates the object where there is none. Default: that is a NotFound. */
  createsOnUpdate?: true
  /** An update must name the `resourceVersion` that it was made from. Default: without one it overwrites. */
  requiresResourceVersion?: true
  /** What nothing in this cluster does with an object yet; told to whoever creates it, by a Warning header each. */
  warningsOnCreate?(object: Object): string[]
  /** Removed this many seconds after its last write (events). */
  ttlSeconds?: number
  /** `relaxed`: writes are not synced to disk one by one (leases, events); a power cut may lose the last ones. Default: `full`. */
  durability?: 'full' | 'relaxed'
}

/** What the codec needs to know of a kind. */
export interface Decodable<Body extends object = object> {
  /** API group; empty for core. */
  group: string
  version: string
  kind: string
  /** Bodies of any API version are taken, as those of DeleteOptions are. Default: of this one only. */
  anyApiVersion?: true
  schema: TObject
  /** Defaults that the schema's `default` annotations cannot express. Runs after them, in place. */
  defaults?(body: Body): void
}

/** A kind that travels in requests and is stored nowhere, such as Binding. */
export interface BodyKind<Body extends object = object> extends Decodable<Body> {
  /** All errors of one body. */
  validate(body: Body): FieldError[]
}

/** Returns what is wrong with a name, in upstream's words, or nothing. `isPrefix`: the name is a `generateName`. */
export type NameRule = (name: string, isPrefix: boolean) => string[]

export const apiVersionOf = ({ group, version }: Pick<Kind, 'group' | 'version'>): string =>
  group === '' ? version : `${group}/${version}`
