import {
  anyObject,
  boolean,
  choice,
  field,
  int64,
  list,
  map,
  object,
  type Static,
  type TUnsafe,
  text,
  time,
} from './schema.ts'

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1'

export const OwnerReference = object(
  `${META}.OwnerReference`,
  'Names an object that this one belongs to: when all its owners are gone, the garbage collector removes it.',
  {
    apiVersion: text('API version of the owner.'),
    kind: text('Kind of the owner.'),
    name: text('Name of the owner, in the same namespace or cluster-scoped.'),
    uid: text('UID of the owner: an object of the same name with another UID is another object.'),
    controller: boolean('Whether the owner is the managing controller; at most one may be.'),
    blockOwnerDeletion: boolean('Whether a foreground deletion of the owner waits for this object to be gone.'),
  },
  { required: ['apiVersion', 'kind', 'name', 'uid'], mapType: 'atomic' },
)
export type OwnerReference = Static<typeof OwnerReference>

export const ManagedFieldsEntry = object(
  `${META}.ManagedFieldsEntry`,
  'The fields that one manager set, by one operation and API version.',
  {
    manager: text('Who set the fields: the field manager of the request.'),
    operation: choice('How the fields were set.', ['Apply', 'Update']),
    apiVersion: text('API version in which `fieldsV1` names the fields.'),
    time: time('When the entry was last changed.'),
    fieldsType: text('Format of the field set; always FieldsV1.'),
    fieldsV1: anyObject('The field set, as a tree of `f:`, `k:` and `v:` keys.'),
    subresource: text('Subresource through which the fields were set; empty for the object itself.'),
  },
)
export type ManagedFieldsEntry = Static<typeof ManagedFieldsEntry>

/** Metadata as a client or a template writes it: nothing is required. */
export const TemplateMeta = object(
  `${META}.ObjectMeta`,
  'What every stored object carries: identity, labels, ownership, versions.',
  {
    name: text('Name, unique among objects of the kind in a namespace. Cannot be changed.'),
    generateName: text('Prefix from which the server makes a unique name where `name` is empty.'),
    namespace: text('Namespace of the object; empty for cluster-scoped kinds. Cannot be changed.'),
    selfLink: text('No longer filled in.'),
    uid: text('Unique in time and space; set by the server.'),
    resourceVersion: text(
      'Version of the object in the store, opaque to clients; a write that names an older one is refused.',
    ),
    generation: int64('Counts the changes of the desired state.'),
    creationTimestamp: time('When the object was created; set by the server.'),
    deletionTimestamp: time('When the object will be, or should have been, removed; set by a graceful deletion.'),
    deletionGracePeriodSeconds: int64('Seconds that a graceful deletion allows before removal.'),
    labels: map(text('Label value.'), 'Key-value pairs by which selectors find the object.'),
    annotations: map(text('Annotation value.'), 'Key-value pairs for tools; not selectable.'),
    ownerReferences: list(OwnerReference, 'Objects that this one belongs to.', {
      type: 'map',
      keys: ['uid'],
      patch: 'merge',
      mergeKey: 'uid',
    }),
    finalizers: list(
      text('Finalizer name.'),
      'Must be empty before the object is removed; each entry is owned by one controller.',
      {
        type: 'set',
        patch: 'merge',
      },
    ),
    managedFields: list(ManagedFieldsEntry, 'Which manager set which fields.'),
  },
)
export type TemplateMeta = Static<typeof TemplateMeta>

/** Metadata of a stored object: the same schema, in which the server has filled in identity and version. */
export type ObjectMeta = TemplateMeta &
  Required<Pick<TemplateMeta, 'name' | 'uid' | 'resourceVersion' | 'creationTimestamp'>>
export const ObjectMeta = TemplateMeta as unknown as TUnsafe<ObjectMeta>

export const LabelSelectorRequirement = object(
  `${META}.LabelSelectorRequirement`,
  'One condition on a label.',
  {
    key: text('Label key.'),
    operator: text('In, NotIn, Exists or DoesNotExist.'),
    values: list(text('Label value.'), 'Values for In and NotIn; empty for the others.'),
  },
  { required: ['key', 'operator'] },
)
export type LabelSelectorRequirement = Static<typeof LabelSelectorRequirement>

export const LabelSelector = object(
  `${META}.LabelSelector`,
  'A query over labels: all its conditions must hold. An empty selector matches everything.',
  {
    matchLabels: map(text('Label value.'), 'Labels that must have exactly these values.'),
    matchExpressions: list(LabelSelectorRequirement, 'Conditions that must all hold.'),
  },
  { mapType: 'atomic' },
)
export type LabelSelector = Static<typeof LabelSelector>

export const Condition = object(
  `${META}.Condition`,
  'One aspect of an object’s current state.',
  {
    type: text('Name of the aspect.'),
    status: text('True, False or Unknown.'),
    observedGeneration: int64('The `metadata.generation` that the condition was computed from.'),
    lastTransitionTime: time('When `status` last changed.'),
    reason: text('Why, in one CamelCase word.'),
    message: text('Why, for people.'),
  },
  { required: ['type', 'status', 'lastTransitionTime', 'reason', 'message'] },
)

/** The fields that every kind begins with. */
export const typeMeta = {
  apiVersion: text('API group and version of this representation.'),
  kind: text('Kind of the object.'),
  metadata: field(ObjectMeta, 'Identity, labels and versions of the object.', { default: {} }),
}

export interface ListMeta {
  resourceVersion: string
  continue?: string
  remainingItemCount?: number
}

export interface DeleteOptions {
  apiVersion?: string
  kind?: string
  gracePeriodSeconds?: number
  preconditions?: { uid?: string; resourceVersion?: string }
  propagationPolicy?: 'Orphan' | 'Background' | 'Foreground'
  orphanDependents?: boolean
  dryRun?: string[]
}
