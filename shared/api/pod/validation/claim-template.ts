import { type FieldError, forbidden, invalid, required } from '../../../field-errors.ts'
import { canonicalQuantity, compareQuantities, isQuantity } from '../../../quantity.ts'
import type { TemplateMeta } from '../../meta.ts'
import { validateDnsLabel, validateSubdomain } from '../../names.ts'
import { validateLabelSelector } from '../../validate-label-selector.ts'
import { validateAnnotations, validateLabels } from '../../validate-meta.ts'
import type { EphemeralVolumeSource, PersistentVolumeClaimSpec } from '../claim-template.ts'
import { ifPresent, isOneOf, isSet, obeysIfSet } from './rules.ts'

const ACCESS_MODES = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod']

/** Only labels and annotations of a claim can come from its template. */
function validateMeta({ labels, annotations, ...others }: TemplateMeta, path: string): FieldError[] {
  return [
    ...validateAnnotations(annotations, `${path}.annotations`),
    ...validateLabels(labels, `${path}.labels`),
    ...Object.entries(others)
      .filter(([, value]) => value !== undefined)
      .map(([name]) => forbidden(`${path}.${name}`, 'cannot be set')),
  ]
}

function validateAccessModes(modes: readonly string[], path: string): FieldError[] {
  if (modes.length === 0) return [required(path, 'at least 1 access mode is required')]
  const errors = modes.flatMap((mode) => isOneOf(path, mode, ACCESS_MODES))
  const others = modes.filter((mode) => mode !== 'ReadWriteOncePod' && ACCESS_MODES.includes(mode))
  if (modes.includes('ReadWriteOncePod') && others.length > 0)
    errors.push(forbidden(path, 'may not use ReadWriteOncePod with other access modes'))
  return errors
}

function validateStorage(amount: string | undefined, path: string): FieldError[] {
  if (amount === undefined) return [required(path)]
  if (!isQuantity(amount) || compareQuantities(amount, '0') > 0) return []
  return [invalid(path, canonicalQuantity(amount), 'must be greater than zero')]
}

interface DataSource {
  apiGroup?: string
  kind?: string
  name?: string
  namespace?: string
}

const validateDataSource = ({ apiGroup = '', kind = '', name, namespace }: DataSource, path: string): FieldError[] => [
  ...isSet(`${path}.name`, name),
  ...isSet(`${path}.kind`, kind),
  ...(apiGroup === '' && kind !== 'PersistentVolumeClaim'
    ? [invalid(path, kind, "must be 'PersistentVolumeClaim' when referencing the default apiGroup")]
    : []),
  ...obeysIfSet(`${path}.apiGroup`, apiGroup, validateSubdomain),
  ...obeysIfSet(`${path}.namespace`, namespace, validateDnsLabel),
]

const validateSpec = (spec: PersistentVolumeClaimSpec, path: string): FieldError[] => [
  ...validateAccessModes(spec.accessModes ?? [], `${path}.accessModes`),
  ...validateLabelSelector(spec.selector, `${path}.selector`),
  ...validateStorage(spec.resources?.requests?.storage, `${path}.resources[storage]`),
  ...obeysIfSet(`${path}.storageClassName`, spec.storageClassName, validateSubdomain),
  ...isOneOf(`${path}.volumeMode`, spec.volumeMode, ['Block', 'Filesystem']),
  ...ifPresent(spec.dataSource, (source) => validateDataSource(source, `${path}.dataSource`)),
  ...ifPresent(spec.dataSourceRef, (source) => validateDataSource(source, `${path}.dataSourceRef`)),
]

/** Errors of the claim that is made for an ephemeral volume. */
export const validateClaimTemplate = (
  { metadata, spec }: NonNullable<EphemeralVolumeSource['volumeClaimTemplate']>,
  path: string,
): FieldError[] => [...validateMeta(metadata ?? {}, `${path}.metadata`), ...validateSpec(spec ?? {}, `${path}.spec`)]
