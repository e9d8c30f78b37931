import { at, duplicate, type FieldError, invalid } from '../../field-errors.ts'
import { forEach, isIpAddress, isOneOf } from '../pod/validation/rules.ts'
import { FAMILY_POLICIES, IP_FAMILIES, type ServiceSpec } from './service-spec.ts'

const ADDRESSES_MAX = 2

function validateFamilies({ ipFamilies = [], ipFamilyPolicy }: ServiceSpec): FieldError[] {
  return [
    ...forEach(ipFamilies, 'spec.ipFamilies', (family, each, index) => [
      ...isOneOf(each, family, IP_FAMILIES),
      ...(ipFamilies.indexOf(family) < index ? [duplicate(each, family)] : []),
    ]),
    ...isOneOf('spec.ipFamilyPolicy', ipFamilyPolicy, FAMILY_POLICIES),
  ]
}

function validateClusterIPs({ clusterIP = '', clusterIPs = [] }: ServiceSpec): FieldError[] {
  const path = 'spec.clusterIPs'
  if (clusterIP === '' && clusterIPs.length > 0)
    return [invalid(path, clusterIPs, 'must be empty when `clusterIP` is not specified')]
  if (clusterIPs.length > 0 && clusterIPs[0] !== clusterIP)
    return [invalid(path, clusterIPs, 'first value must match `clusterIP`')]
  if (clusterIPs.length > ADDRESSES_MAX) return [invalid(path, clusterIPs, 'may only hold up to 2 values')]
  if (clusterIPs.length > 1 && clusterIPs.includes('None'))
    return [invalid(at(path, clusterIPs.indexOf('None')), 'None', "must not be 'None' if there is more than one value")]
  return forEach(clusterIPs, path, (address, each) => (address === 'None' ? [] : isIpAddress(each, address)))
}

/** Errors of a service's addresses, and of their families. */
export function validateAddresses(spec: ServiceSpec): FieldError[] {
  const external = forEach(spec.externalIPs, 'spec.externalIPs', (address, each) => isIpAddress(each, address))
  // What services of this type may not have has been refused.
  return spec.type === 'ExternalName' ? external : [...validateFamilies(spec), ...validateClusterIPs(spec), ...external]
}
