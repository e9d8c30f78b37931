import { type FieldError, forbidden, invalid, required } from '../../../field-errors.ts'
import { validateDnsLabel, validateSubdomain } from '../../names.ts'
import { validateLabelSelector } from '../../validate-label-selector.ts'
import type { DownwardAPIVolumeFile, KeyToPath, ProjectedVolumeSource, VolumeProjection } from '../pod.ts'
import { validateFileFieldRef, validateResourceFieldRef } from './environment.ts'
import { forEach, ifPresent, isFileMode, isSet, isUnreservedPath, obeys } from './rules.ts'

const MIN_TOKEN_SECONDS = 600
const MAX_TOKEN_SECONDS = 2 ** 32
const MAX_SIGNER_NAME = 571
const KEY_TYPES = ['ECDSAP256', 'ECDSAP384', 'ECDSAP521', 'ED25519', 'RSA3072', 'RSA4096']

const validateItem = ({ key, path: file = '', mode }: KeyToPath, path: string): FieldError[] => [
  ...isSet(`${path}.key`, key),
  ...isSet(`${path}.path`, file),
  ...isUnreservedPath(`${path}.path`, file),
  ...isFileMode(`${path}.mode`, mode),
]

export const validateItems = (items: readonly KeyToPath[] | undefined, path: string): FieldError[] =>
  forEach(items, path, validateItem)

function validateDownwardFile(file: DownwardAPIVolumeFile, path: string): FieldError[] {
  const { fieldRef, resourceFieldRef, mode } = file
  const errors = [
    ...isSet(`${path}.path`, file.path),
    ...isUnreservedPath(`${path}.path`, file.path ?? ''),
    ...isFileMode(`${path}.mode`, mode),
  ]
  if (fieldRef === undefined && resourceFieldRef === undefined)
    return [...errors, required(path, 'one of fieldRef and resourceFieldRef is required')]
  if (fieldRef === undefined)
    return [
      ...errors,
      ...ifPresent(resourceFieldRef, (ref) =>
        validateResourceFieldRef(ref, `${path}.resourceFieldRef`, { needsContainer: true }),
      ),
    ]
  errors.push(...validateFileFieldRef(fieldRef, `${path}.fieldRef`))
  if (resourceFieldRef !== undefined) {
    const detail = 'fieldRef and resourceFieldRef can not be specified simultaneously'
    errors.push(invalid(path, 'resource', detail))
  }
  return errors
}

/** Upstream names the volume, not the single file, in these errors. */
export const validateDownwardFiles = (files: readonly DownwardAPIVolumeFile[] | undefined, path: string) =>
  (files ?? []).flatMap((file) => validateDownwardFile(file, path))

function validateToken({ expirationSeconds, path: file }: Projection<'serviceAccountToken'>, path: string, at: string) {
  const errors: FieldError[] = []
  const field = `${at}.expirationSeconds`
  if (expirationSeconds !== undefined && expirationSeconds < MIN_TOKEN_SECONDS)
    errors.push(invalid(field, expirationSeconds, 'may not specify a duration less than 10 minutes'))
  if (expirationSeconds !== undefined && expirationSeconds > MAX_TOKEN_SECONDS)
    errors.push(invalid(field, expirationSeconds, 'may not specify a duration larger than 2^32 seconds'))
  return [...errors, ...(file ? isUnreservedPath(`${path}.path`, file) : [required(`${path}.path`)])]
}

type Projection<Name extends keyof VolumeProjection> = NonNullable<VolumeProjection[Name]>

/** `example.com/my-signer`: a domain and one path segment. */
function validateSignerName(name: string | undefined, path: string): FieldError[] {
  if (!name) return [required(path)]
  const [domain = '', segment, ...rest] = name.split('/')
  if (segment === undefined || rest.length > 0)
    return [invalid(path, name, "must be a fully qualified domain and path of the form 'example.com/signer-name'")]
  if (name.length > MAX_SIGNER_NAME) return [invalid(path, name, `must be no more than ${MAX_SIGNER_NAME} characters`)]
  return [
    ...(domain.includes('.')
      ? []
      : [invalid(path, domain, 'should be a domain with at least two segments separated by dots')]),
    ...obeys(path, domain, validateSubdomain),
    ...segment.split('.').flatMap((label) => obeys(path, label, validateDnsLabel)),
  ]
}

function validateTrustBundleChoice(bundle: Projection<'clusterTrustBundle'>, path: string): FieldError[] {
  const { name, signerName, labelSelector } = bundle
  if (name !== undefined && signerName !== undefined)
    return [invalid(path, bundle, 'only one of name and signerName may be used')]
  if (name !== undefined)
    return [
      ...isSet(`${path}.name`, name, 'must be a valid object name'),
      ...(labelSelector === undefined
        ? []
        : [invalid(`${path}.labelSelector`, labelSelector, 'labelSelector must be unset if name is specified')]),
    ]
  if (signerName !== undefined)
    return [
      ...validateSignerName(signerName, `${path}.signerName`),
      ...validateLabelSelector(labelSelector, `${path}.labelSelector`),
    ]
  return [required(path, 'either name or signerName must be specified')]
}

const validateTrustBundle = (bundle: Projection<'clusterTrustBundle'>, path: string): FieldError[] => [
  ...validateTrustBundleChoice(bundle, path),
  ...isSet(`${path}.path`, bundle.path),
  ...isUnreservedPath(`${path}.path`, bundle.path ?? ''),
]

function validatePodCertificate(certificate: Projection<'podCertificate'>, path: string): FieldError[] {
  const { signerName, keyType = '', credentialBundlePath, keyPath, certificateChainPath } = certificate
  const files = { credentialBundlePath, keyPath, certificateChainPath }
  const errors = validateSignerName(signerName, `${path}.signerName`)
  if (!KEY_TYPES.includes(keyType))
    errors.push(invalid(`${path}.keyType`, keyType, `must be one of ${KEY_TYPES.join(', ')}`))
  for (const [field, file] of Object.entries(files)) {
    if (file) errors.push(...isUnreservedPath(`${path}.${field}`, file))
  }
  if (Object.values(files).every((file) => !file))
    errors.push(required(path, 'specify at least one of credentialBundlePath, keyPath, and certificateChainPath'))
  return errors
}

/** The files that a projection puts into the volume, as far as it names them; each with the name that a clash is reported on. */
function filesOf({ secret, configMap, downwardAPI, clusterTrustBundle, podCertificate }: VolumeProjection) {
  const named = (name: string, files: readonly (string | undefined)[]) =>
    files.filter((file) => file !== undefined && file !== '').map((file) => ({ name: name || file!, file: file! }))
  const paths = (items: readonly { path?: string }[] | undefined) => (items ?? []).map(({ path }) => path)
  const certificateFiles = [
    podCertificate?.credentialBundlePath,
    podCertificate?.keyPath,
    podCertificate?.certificateChainPath,
  ]
  return [
    ...named(secret?.name ?? '', paths(secret?.items)),
    ...named(configMap?.name ?? '', paths(configMap?.items)),
    ...named('', paths(downwardAPI?.items)),
    ...named('', [clusterTrustBundle?.path]),
    ...named('', certificateFiles),
  ]
}

const validateEntries = ({ name, items }: Projection<'secret'>, path: string): FieldError[] => [
  ...isSet(`${path}.name`, name),
  ...validateItems(items, `${path}.items`),
]

/** `volumePath`: upstream reports some errors of a source on the volume as a whole. */
function validateProjection(source: VolumeProjection, path: string, volumePath: string): FieldError[] {
  const errors = [
    ...ifPresent(source.secret, (secret) => validateEntries(secret, `${path}.secret`)),
    ...ifPresent(source.configMap, (configMap) => validateEntries(configMap, `${path}.configMap`)),
    ...ifPresent(source.downwardAPI, ({ items }) => validateDownwardFiles(items, `${path}.downwardAPI`)),
    ...ifPresent(source.serviceAccountToken, (token) =>
      validateToken(token, volumePath, `${path}.serviceAccountToken`),
    ),
    ...ifPresent(source.clusterTrustBundle, (bundle) => validateTrustBundle(bundle, `${path}.clusterTrustBundle`)),
    ...ifPresent(source.podCertificate, (each) => validatePodCertificate(each, `${path}.podCertificate`)),
  ]
  const count = Object.values(source).filter((value) => value !== undefined).length
  return count > 1 ? [...errors, forbidden(path, 'may not specify more than 1 volume type per source')] : errors
}

export function validateProjected({ defaultMode, sources }: ProjectedVolumeSource, path: string): FieldError[] {
  const taken = new Set<string>()
  const clashes = (source: VolumeProjection) =>
    filesOf(source).flatMap(({ name, file }) => {
      if (taken.has(file)) return [invalid(path, name, 'conflicting duplicate paths')]
      taken.add(file)
      return []
    })
  return [
    ...isFileMode(`${path}.defaultMode`, defaultMode),
    ...forEach(sources, `${path}.sources`, (source, each) => [
      ...validateProjection(source, each, path),
      ...clashes(source),
    ]),
  ]
}
