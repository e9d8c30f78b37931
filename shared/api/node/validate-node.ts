import { isIP } from 'node:net'
import { at, duplicate, type FieldError, forbidden, invalid, notSupported, required } from '../../field-errors.ts'
import { validateLabelValue, validateQualifiedName } from '../names.ts'
import type { Node } from './node-model.ts'
import type { NodeSpec, Taint } from './node-spec.ts'

const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute']

function validateTaint({ key = '', value = '', effect = '' }: Partial<Taint>, field: string): FieldError[] {
  const errors = validateQualifiedName(key).map((detail) => invalid(`${field}.key`, key, detail))
  const wrongValue = validateLabelValue(value)
  if (wrongValue.length > 0) errors.push(invalid(`${field}.value`, value, wrongValue.join(';')))
  if (effect === '') errors.push(required(`${field}.effect`))
  else if (!EFFECTS.includes(effect)) errors.push(notSupported(`${field}.effect`, effect, EFFECTS))
  return errors
}

function validateTaints(taints: readonly Taint[]): FieldError[] {
  const seen = new Set<string>()
  return taints.flatMap((taint, index) => {
    const field = at('spec.taints', index)
    const errors = validateTaint(taint, field)
    const identity = `${taint.effect}/${taint.key}`
    if (seen.has(identity)) {
      const error = duplicate(field, taint)
      errors.push({ ...error, message: `${error.message}: taints must be unique by key and effect pair` })
    }
    seen.add(identity)
    return errors
  })
}

/** The IP family of an address range; 0 where it is none. */
function familyOf(cidr: string): number {
  const [, address = '', length = ''] = /^([^/]+)\/(\d{1,3})$/.exec(cidr) ?? []
  const family = isIP(address)
  return Number(length) <= (family === 4 ? 32 : 128) ? family : 0
}

function validatePodCidrs(cidrs: readonly string[]): FieldError[] {
  const families = cidrs.map(familyOf)
  const errors = cidrs.flatMap((cidr, index) =>
    families[index] === 0
      ? [invalid(at('spec.podCIDRs', index), cidr, 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)')]
      : [],
  )
  if (errors.length === 0 && new Set(families).size < cidrs.length) {
    errors.push(invalid('spec.podCIDRs', cidrs, 'may specify no more than one CIDR for each IP family'))
  }
  return errors
}

const isNegative = (quantity: string) => quantity.startsWith('-')

/** All errors of a node by itself. */
export function validateNode({ spec, status }: Node): FieldError[] {
  const errors = [...validateTaints(spec.taints ?? []), ...validatePodCidrs(spec.podCIDRs ?? [])]
  for (const list of ['capacity', 'allocatable'] as const) {
    for (const [name, amount] of Object.entries(status[list] ?? {})) {
      if (!isNegative(amount)) continue
      errors.push(invalid(at(`status.${list}`, name), amount, 'must be greater than or equal to 0'))
    }
  }
  return errors
}

function validatePodCidrsUpdate({ podCIDRs = [] }: NodeSpec, { podCIDRs: old = [] }: NodeSpec): FieldError[] {
  if (old.length === 0 || (podCIDRs.length === old.length && podCIDRs.every((cidr, index) => cidr === old[index]))) {
    return []
  }
  return [forbidden('spec.podCIDRs', 'node updates may not change podCIDR except from "" to valid')]
}

/** Errors of a change of metadata and spec. */
export function validateNodeUpdate({ spec }: Node, { spec: old }: Node): FieldError[] {
  const errors = validatePodCidrsUpdate(spec, old)
  const { providerID = '' } = old
  if (providerID !== '' && spec.providerID !== providerID) {
    errors.push(forbidden('spec.providerID', 'node updates may not change providerID except from "" to valid'))
  }
  if (spec.configSource !== undefined && JSON.stringify(spec.configSource) !== JSON.stringify(old.configSource)) {
    errors.push(forbidden('spec.configSource', 'update must remove the existing configSource or leave it unchanged'))
  }
  if ((spec.externalID ?? '') !== (old.externalID ?? '')) {
    errors.push(forbidden('', 'node updates may only change labels, taints, or capacity'))
  }
  return errors
}

/** Errors of a change of status. */
export function validateNodeStatusUpdate({ status }: Node): FieldError[] {
  const seen = new Set<string>()
  return (status.addresses ?? []).flatMap((address, index) => {
    const identity = `${address.type} ${address.address}`
    if (seen.has(identity)) return [duplicate(at('status.addresses', index), address)]
    seen.add(identity)
    return []
  })
}
