import { duplicate, type FieldError, forbidden, invalid, required } from '../../../field-errors.ts'
import { validateDnsLabel, validateSubdomain } from '../../names.ts'
import type { Volume } from '../pod.ts'
import { forEach, isSetAndObeys } from './rules.ts'
import { SOURCE_VALIDATORS, type SourceName } from './volume-sources.ts'

/** Names of volumes with their sources, to look mounts up in. Holds only volumes without errors. */
export type VolumesByName = ReadonlyMap<string, Volume>

const SOURCE_NAMES = Object.keys(SOURCE_VALIDATORS) as SourceName[]

/** iSCSI names a file after volume and portal where the initiator is given. */
const MAX_ISCSI_NAME = 64

function validateSource(volume: Volume, name: SourceName, path: string): readonly FieldError[] {
  // The table pairs each name with the validator of its source, which a lookup by a name among many cannot say.
  const validate = SOURCE_VALIDATORS[name] as (source: unknown, path: string) => readonly FieldError[]
  return validate(volume[name], `${path}.${name}`)
}

/** The name that a claim gets which is made for a volume. */
const claimNameOf = (podName: string, volume: Volume) => `${podName}-${volume.name}`

function validateOwnClaim(volume: Volume, path: string, podName: string | undefined): FieldError[] {
  if (volume.ephemeral === undefined || !podName || !volume.name) return []
  const claimName = claimNameOf(podName, volume)
  return validateSubdomain(claimName).map((detail) =>
    invalid(`${path}.name`, volume.name, `PVC name ${JSON.stringify(claimName)}: ${detail}`),
  )
}

/** Exactly one source: the first is judged, the others are refused. */
function validateSources(volume: Volume, path: string, podName: string | undefined): FieldError[] {
  const [first, ...others] = SOURCE_NAMES.filter((name) => volume[name] !== undefined)
  if (first === undefined) return [required(path, 'must specify a volume type')]
  const errors = [
    ...validateSource(volume, first, path),
    ...others.map((name) => forbidden(`${path}.${name}`, 'may not specify more than 1 volume type')),
    ...validateOwnClaim(volume, path, podName),
  ]
  const { iscsi } = volume
  if (iscsi?.initiatorName !== undefined && `${volume.name}:${iscsi.targetPortal}`.length > MAX_ISCSI_NAME) {
    const detail = `Total length of <volume name>:<iscsi.targetPortal> must be under ${MAX_ISCSI_NAME} characters if iscsi.initiatorName is specified.`
    errors.push(invalid(`${path}.name`, volume.name, detail))
  }
  return errors
}

/** Errors of all volumes. `podName`: of a pod, whose ephemeral volumes bring claims of known names; not of a template. */
export function validateVolumes(
  volumes: readonly Volume[] | undefined,
  path: string,
  podName: string | undefined,
): { errors: FieldError[]; byName: VolumesByName } {
  const byName = new Map<string, Volume>()
  const ownClaims = new Set(
    podName
      ? (volumes ?? []).filter(({ ephemeral }) => ephemeral !== undefined).map((v) => claimNameOf(podName, v))
      : [],
  )
  const errors = forEach(volumes, path, (volume, each) => {
    const own = [
      ...validateSources(volume, each, podName),
      ...isSetAndObeys(`${each}.name`, volume.name, validateDnsLabel),
      ...(byName.has(volume.name) ? [duplicate(`${each}.name`, volume.name)] : []),
    ]
    if (own.length === 0) byName.set(volume.name, volume)
    const claimName = volume.persistentVolumeClaim?.claimName
    if (claimName !== undefined && ownClaims.has(claimName)) {
      const detail = 'must not reference a PVC that gets created for an ephemeral volume'
      own.push(invalid(`${each}.persistentVolumeClaim.claimName`, claimName, detail))
    }
    return own
  })
  return { errors, byName }
}
