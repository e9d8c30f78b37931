/** Validation of ObjectMeta, the same for every kind (`apimachinery/pkg/api/validation`). */
import { at, type FieldError, forbidden, invalid, required, tooLong } from '../field-errors.ts'
import type { Kind } from './kind.ts'
import type { OwnerReference, TemplateMeta } from './meta.ts'
import {
  subdomainName,
  validateDnsLabel,
  validateLabelValue,
  validatePathSegment,
  validateQualifiedName,
} from './names.ts'

/** Limit for the keys and values of all annotations of one object together. */
export const MAX_ANNOTATION_BYTES = 256 * 1024

/** Finalizers whose names may lack a domain. */
const STANDARD_FINALIZERS = ['kubernetes', 'orphan', 'foregroundDeletion']

const IMMUTABLE = 'field is immutable'

/** How many errors of labels are looked for. */
const LABEL_ERRORS_MAX = 100

/** Errors of labels that an object, or a template, carries. All are reported on the whole map, as upstream does. */
export function validateLabels(labels: Readonly<Record<string, string>> | undefined, field: string): FieldError[] {
  const errors: FieldError[] = []
  for (const [key, value] of Object.entries(labels ?? {})) {
    errors.push(...validateQualifiedName(key).map((detail) => invalid(field, key, detail)))
    errors.push(...validateLabelValue(value).map((detail) => invalid(field, value, detail)))
    if (errors.length >= LABEL_ERRORS_MAX) break
  }
  return errors
}

/** Errors of annotations: keys are qualified names whose case does not matter; values may be anything, up to a total size. */
export function validateAnnotations(
  annotations: Readonly<Record<string, string>> | undefined,
  field: string,
): FieldError[] {
  const entries = Object.entries(annotations ?? {})
  const errors = entries.flatMap(([key]) =>
    validateQualifiedName(key.toLowerCase()).map((detail) => invalid(field, key, detail)),
  )
  const size = entries.reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value), 0)
  return size > MAX_ANNOTATION_BYTES ? [...errors, tooLong(field, MAX_ANNOTATION_BYTES)] : errors
}

function validateOwnerReference(reference: OwnerReference, field: string): FieldError[] {
  const errors: FieldError[] = []
  const version = reference.apiVersion.split('/').at(-1)
  if (version === '') errors.push(invalid(`${field}.apiVersion`, reference.apiVersion, 'version must not be empty'))
  for (const part of ['kind', 'name', 'uid'] as const) {
    if (reference[part] === '') errors.push(invalid(`${field}.${part}`, '', 'must not be empty'))
  }
  if (reference.apiVersion === 'v1' && reference.kind === 'Event') {
    errors.push(invalid(field, reference, '/v1, Kind=Event is disallowed from being an owner'))
  }
  return errors
}

function validateOwnerReferences(references: readonly OwnerReference[], field: string): FieldError[] {
  const complete = references.map((reference) => ({ ...EMPTY_REFERENCE, ...reference }))
  const errors = complete.flatMap((reference) => validateOwnerReference(reference, field))
  const [first, ...others] = complete.filter(({ controller }) => controller === true)
  for (const other of others) {
    const found = `${first!.kind}/${first!.name} and ${other.kind}/${other.name}`
    const detail = `Only one reference can have Controller set to true. Found "true" in references for ${found}`
    errors.push(invalid(field, references, detail))
  }
  return errors
}

/** What a client left out of an owner reference counts as empty. */
const EMPTY_REFERENCE = { apiVersion: '', kind: '', name: '', uid: '' }

/** Errors of one finalizer's name, in metadata or in a Namespace's spec. */
export function validateFinalizer(name: string, field: string): FieldError[] {
  const errors = validateQualifiedName(name).map((detail) => invalid(field, name, detail))
  if (!name.includes('/') && !STANDARD_FINALIZERS.includes(name)) {
    errors.push(invalid(field, name, 'name is neither a standard finalizer name nor is it fully qualified'))
  }
  return errors
}

function validateFinalizers(finalizers: readonly string[], field: string): FieldError[] {
  const errors = finalizers.flatMap((name, index) => validateFinalizer(name, at(field, index)))
  if (finalizers.includes('orphan') && finalizers.includes('foregroundDeletion')) {
    errors.push(invalid(field, finalizers, 'finalizer orphan and foregroundDeletion cannot be both set'))
  }
  return errors
}

/** What may be wrong with metadata at any time, beside name and namespace. */
const validateContent = ({
  labels,
  annotations,
  ownerReferences = [],
  finalizers = [],
}: TemplateMeta): FieldError[] => [
  ...validateLabels(labels, 'metadata.labels'),
  ...validateAnnotations(annotations, 'metadata.annotations'),
  ...validateOwnerReferences(ownerReferences, 'metadata.ownerReferences'),
  ...validateFinalizers(finalizers, 'metadata.finalizers'),
]

function validateNames(meta: TemplateMeta, { namespaced, validateName = subdomainName }: MetaRules): FieldError[] {
  const { name = '', generateName = '', namespace = '' } = meta
  const errors: FieldError[] = []
  const rule = (value: string, isPrefix: boolean) => {
    const details = validateName(value, isPrefix)
    return details.length > 0 ? details : validatePathSegment(value)
  }
  if (generateName !== '') {
    errors.push(...rule(generateName, true).map((detail) => invalid('metadata.generateName', generateName, detail)))
  }
  if (name === '') errors.push(required('metadata.name', 'name or generateName is required'))
  else errors.push(...rule(name, false).map((detail) => invalid('metadata.name', name, detail)))
  if (!namespaced) {
    if (namespace !== '') errors.push(forbidden('metadata.namespace', 'not allowed on this type'))
  } else if (namespace === '') errors.push(required('metadata.namespace'))
  else errors.push(...validateDnsLabel(namespace).map((detail) => invalid('metadata.namespace', namespace, detail)))
  return errors
}

type MetaRules = Pick<Kind, 'namespaced' | 'validateName'>

/** All errors of a new object's metadata. A name from `generateName` has been made before. */
export const validateMeta = (meta: TemplateMeta, rules: MetaRules): FieldError[] => [
  ...validateNames(meta, rules),
  ...validateContent(meta),
]

/** Fields that no update may change. An absent value cannot be given, and a present one cannot be taken away. */
const FIXED = [
  'name',
  'namespace',
  'uid',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
] as const

/** All errors of changed metadata. The registry has kept what a client may leave out (uid, creationTimestamp …). */
export function validateMetaUpdate(meta: TemplateMeta, old: TemplateMeta): FieldError[] {
  const errors: FieldError[] = []
  if (old.deletionTimestamp !== undefined) {
    const added = (meta.finalizers ?? []).filter((name) => !(old.finalizers ?? []).includes(name))
    if (added.length > 0) errors.push(forbidden('metadata.finalizers', newFinalizersDetail(added)))
  }
  if ((meta.generation ?? 0) < (old.generation ?? 0)) {
    errors.push(invalid('metadata.generation', meta.generation ?? 0, 'must not be decremented'))
  }
  for (const field of FIXED) {
    if (meta[field] !== old[field]) errors.push(invalid(`metadata.${field}`, meta[field], IMMUTABLE))
  }
  return [...errors, ...validateContent(meta)]
}

function newFinalizersDetail(added: readonly string[]): string {
  const shown = [...added].sort().map((name) => JSON.stringify(name))
  return `no new finalizers can be added if the object is being deleted, found new finalizers []string{${shown.join(', ')}}`
}
