import { type FieldError, forbidden, invalid, notSupported, required, tooLong } from '../../../field-errors.ts'
import { compareQuantities, isQuantity } from '../../../quantity.ts'
import { validateDnsLabel, validateSubdomain } from '../../names.ts'
import type { Volume } from '../pod.ts'
import { validateClaimTemplate } from './claim-template.ts'
import { validateDownwardFiles, validateItems, validateProjected } from './projections.ts'
import {
  hasNoBacksteps,
  ifPresent,
  isDescendingPath,
  isFileMode,
  isInRange,
  isOneOf,
  isSet,
  obeysIfSet,
} from './rules.ts'

export type SourceName = Exclude<keyof Volume, 'name'>

type Source<Name extends SourceName> = NonNullable<Volume[Name]>
type Validator<Value> = (source: Value, path: string) => readonly FieldError[]

const MAX_DRIVER_NAME = 63
const MAX_TENANT = 64
const MAX_LUN = 255
const MAX_PARTITION = 255

const HOST_PATH_TYPES = [
  '',
  'BlockDevice',
  'CharDevice',
  'Directory',
  'DirectoryOrCreate',
  'File',
  'FileOrCreate',
  'Socket',
]

const isEmpty = (value: unknown) => value === undefined || value === '' || (Array.isArray(value) && value.length === 0)

/** A source that only has to name certain things. */
const needs =
  <Value extends object>(...fields: (keyof Value & string)[]): Validator<Value> =>
  (source, path) =>
    fields.filter((field) => isEmpty(source[field])).map((field) => required(`${path}.${field}`))

const both =
  <Value>(...validators: Validator<Value>[]): Validator<Value> =>
  (source, path) =>
    validators.flatMap((validate) => validate(source, path))

const namesSecret: Validator<{ secretRef?: { name?: string } }> = ({ secretRef }, path) =>
  secretRef === undefined ? [] : isSet(`${path}.secretRef.name`, secretRef.name)

const hasPartition: Validator<{ partition?: number }> = ({ partition = 0 }, path) =>
  partition >= 0 && partition <= MAX_PARTITION
    ? []
    : [invalid(`${path}.partition`, partition, `must be between 0 and ${MAX_PARTITION}, inclusive`)]

const validateEmptyDir: Validator<Source<'emptyDir'>> = ({ sizeLimit }, path) =>
  sizeLimit !== undefined && isQuantity(sizeLimit) && compareQuantities(sizeLimit, '0') < 0
    ? [forbidden(`${path}.sizeLimit`, 'SizeLimit field must be a valid resource quantity')]
    : []

const validateHostPath: Validator<Source<'hostPath'>> = ({ path: hostPath, type }, path) =>
  hostPath
    ? [...hasNoBacksteps(`${path}.path`, hostPath), ...isOneOf(`${path}.type`, type, HOST_PATH_TYPES)]
    : [required(`${path}.path`)]

const validateSecret: Validator<Source<'secret'>> = ({ secretName, defaultMode, items }, path) => [
  ...isSet(`${path}.secretName`, secretName),
  ...isFileMode(`${path}.defaultMode`, defaultMode),
  ...validateItems(items, `${path}.items`),
]

const validateConfigMap: Validator<Source<'configMap'>> = ({ name, defaultMode, items }, path) => [
  ...isSet(`${path}.name`, name),
  ...isFileMode(`${path}.defaultMode`, defaultMode),
  ...validateItems(items, `${path}.items`),
]

const validateDownwardApi: Validator<Source<'downwardAPI'>> = ({ defaultMode, items }, path) => [
  ...isFileMode(`${path}.defaultMode`, defaultMode),
  ...validateDownwardFiles(items, path),
]

const validateNfs: Validator<Source<'nfs'>> = both(needs('server', 'path'), ({ path: exported = '' }, path) =>
  exported.startsWith('/') ? [] : [invalid(`${path}.path`, exported, 'must be an absolute path')],
)

/** The three kinds of names for iSCSI nodes, by their first letters. */
const ISCSI_NAMES: Readonly<Record<string, RegExp>> = {
  iqn: /^iqn\.\d{4}-\d{2}\.([a-z0-9.-]+)(:([^,;*&$|\s]+))$/i,
  eui: /^eui\.[a-z0-9]{16}$/i,
  naa: /^naa\.[a-z0-9]{32}$/i,
}

function validateIscsiName(name: string, path: string): FieldError[] {
  const pattern = ISCSI_NAMES[name.slice(0, 3)]
  if (pattern === undefined) return [invalid(path, name, 'must be valid format starting with iqn, eui, or naa')]
  return pattern.test(name) ? [] : [invalid(path, name, 'must be valid format')]
}

const validateIscsi: Validator<Source<'iscsi'>> = (source, path) => {
  const { targetPortal, iqn, lun = 0, secretRef, initiatorName } = source
  const usesChap = source.chapAuthDiscovery || source.chapAuthSession
  return [
    ...isSet(`${path}.targetPortal`, targetPortal),
    ...(iqn ? validateIscsiName(iqn, `${path}.iqn`) : [required(`${path}.iqn`)]),
    ...isInRange(`${path}.lun`, lun, 0, MAX_LUN),
    ...(usesChap && secretRef === undefined ? [required(`${path}.secretRef`)] : []),
    ...(initiatorName === undefined ? [] : validateIscsiName(initiatorName, `${path}.initiatorname`)),
  ]
}

const validateFc: Validator<Source<'fc'>> = ({ targetWWNs = [], wwids = [], lun }, path) => {
  const errors: FieldError[] = []
  if (targetWWNs.length === 0 && wwids.length === 0)
    errors.push(required(`${path}.targetWWNs`, 'must specify either targetWWNs or wwids, but not both'))
  if (targetWWNs.length > 0 && wwids.length > 0) {
    const detail = 'targetWWNs and wwids can not be specified simultaneously'
    errors.push(invalid(`${path}.targetWWNs`, targetWWNs, detail))
  }
  if (targetWWNs.length === 0) return errors
  if (lun === undefined) return [...errors, required(`${path}.lun`, 'lun is required if targetWWNs is specified')]
  return [...errors, ...isInRange(`${path}.lun`, lun, 0, MAX_LUN)]
}

const validateGitRepo: Validator<Source<'gitRepo'>> = both(needs('repository'), ({ directory = '' }, path) =>
  isDescendingPath(`${path}.directory`, directory),
)

const validateFlocker: Validator<Source<'flocker'>> = ({ datasetName = '', datasetUUID = '' }, path) => {
  const errors: FieldError[] = []
  if (datasetName === '' && datasetUUID === '')
    errors.push(required(path, 'one of datasetName and datasetUUID is required'))
  if (datasetName !== '' && datasetUUID !== '') {
    const detail = 'datasetName and datasetUUID can not be specified simultaneously'
    errors.push(invalid(path, 'resource', detail))
  }
  if (datasetName.includes('/')) errors.push(invalid(`${path}.datasetName`, datasetName, "must not contain '/'"))
  return errors
}

const QUOBYTE_REGISTRY = 'must be a host:port pair or multiple pairs separated by commas'

function validateQuobyteRegistry({ registry, tenant = '' }: Source<'quobyte'>, path: string): FieldError[] {
  if (!registry) return [required(`${path}.registry`, QUOBYTE_REGISTRY)]
  if (tenant.length > MAX_TENANT)
    return [required(`${path}.tenant`, `must be a UUID and may not exceed a length of ${MAX_TENANT} characters`)]
  return registry
    .split(',')
    .filter((pair) => !/^([^:[\]]*|\[[^\]]*\]):[^:]*$/.test(pair))
    .map(() => invalid(`${path}.registry`, registry, QUOBYTE_REGISTRY))
}

/** The domains that Kubernetes keeps for itself. */
const isReservedOption = (key: string) => /\.(kubernetes|k8s)\.io$/.test(`.${key.split('/')[0]!.toLowerCase()}`)

const validateFlexVolume: Validator<Source<'flexVolume'>> = both(needs('driver'), ({ options = {} }, path) =>
  Object.keys(options)
    .filter(isReservedOption)
    .map((key) => invalid(`${path}.options[${key}]`, key, 'kubernetes.io and k8s.io namespaces are reserved')),
)

const DISK_KINDS = ['Dedicated', 'Managed', 'Shared']
const CACHING_MODES = ['None', 'ReadOnly', 'ReadWrite']
const MANAGED_URI = '/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}'
const BLOB_URI = 'https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd'

const validateAzureDisk: Validator<Source<'azureDisk'>> = both(
  needs('diskName', 'diskURI'),
  ({ cachingMode, kind, diskURI = '' }, path) => {
    const [start, example] = kind === 'Managed' ? ['/subscriptions/', MANAGED_URI] : ['https://', BLOB_URI]
    return [
      ...isOneOf(`${path}.cachingMode`, cachingMode, CACHING_MODES),
      ...isOneOf(`${path}.kind`, kind, DISK_KINDS),
      ...(kind !== undefined && !diskURI.startsWith(start)
        ? [notSupported(`${path}.diskURI`, diskURI, [example])]
        : []),
    ]
  },
)

const validateStorageOs: Validator<Source<'storageos'>> = both<Source<'storageos'>>(
  needs('volumeName'),
  ({ volumeName, volumeNamespace }, path) => [
    ...obeysIfSet(`${path}.volumeName`, volumeName, validateDnsLabel),
    ...obeysIfSet(`${path}.volumeNamespace`, volumeNamespace, validateDnsLabel),
  ],
  namesSecret,
)

const validateCsi: Validator<Source<'csi'>> = ({ driver = '', nodePublishSecretRef: secret }, path) => [
  ...isSet(`${path}.driver`, driver),
  ...(driver.length > MAX_DRIVER_NAME ? [tooLong(`${path}.driver`, MAX_DRIVER_NAME)] : []),
  ...validateSubdomain(driver.toLowerCase()).map((detail) => invalid(`${path}.driver`, driver, detail)),
  ...ifPresent(secret, ({ name }) => isSet(`${path}.nodePublishSecretRef.name`, name)),
  ...obeysIfSet(`${path}.name`, secret?.name, validateSubdomain),
]

const validateImage: Validator<Source<'image'>> = ({ reference, pullPolicy }, path) => [
  ...isSet(`${path}.reference`, reference),
  ...isOneOf(`${path}.pullPolicy`, pullPolicy, ['Always', 'IfNotPresent', 'Never']),
]

/** Every source there is, in the order in which upstream looks at them; a source without a validator does not compile. */
export const SOURCE_VALIDATORS: { readonly [Name in SourceName]-?: Validator<Source<Name>> } = {
  emptyDir: validateEmptyDir,
  hostPath: validateHostPath,
  gitRepo: validateGitRepo,
  gcePersistentDisk: both<Source<'gcePersistentDisk'>>(needs('pdName'), hasPartition),
  awsElasticBlockStore: both<Source<'awsElasticBlockStore'>>(needs('volumeID'), hasPartition),
  secret: validateSecret,
  nfs: validateNfs,
  iscsi: validateIscsi,
  glusterfs: needs('endpoints', 'path'),
  flocker: validateFlocker,
  persistentVolumeClaim: needs('claimName'),
  rbd: needs('monitors', 'image'),
  cinder: both<Source<'cinder'>>(needs('volumeID'), namesSecret),
  cephfs: needs('monitors'),
  quobyte: both(validateQuobyteRegistry, needs('volume')),
  downwardAPI: validateDownwardApi,
  fc: validateFc,
  flexVolume: validateFlexVolume,
  configMap: validateConfigMap,
  azureFile: needs('secretName', 'shareName'),
  vsphereVolume: needs('volumePath'),
  photonPersistentDisk: needs('pdID'),
  portworxVolume: needs('volumeID'),
  azureDisk: validateAzureDisk,
  storageos: validateStorageOs,
  projected: validateProjected,
  scaleIO: needs('gateway', 'system', 'volumeName'),
  csi: validateCsi,
  ephemeral: ({ volumeClaimTemplate: template }, path) =>
    template === undefined
      ? [required(`${path}.volumeClaimTemplate`)]
      : validateClaimTemplate(template, `${path}.volumeClaimTemplate`),
  image: validateImage,
}
