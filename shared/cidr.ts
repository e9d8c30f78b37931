/** IPv4 ranges in CIDR notation, as numbers. */

/** A range of addresses, all of them counted: network and broadcast addresses too. */
export interface AddressRange {
  /** The first address as a number. */
  first: number
  /** How many addresses. */
  size: number
}

const toNumber = (ip: string) => ip.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)

/** The dotted form of an address. */
export const toAddress = (value: number): string =>
  [24, 16, 8, 0].map((bits) => Math.floor(value / 2 ** bits) % 256).join('.')

/** The range that a text such as `10.1.2.0/24` names; undefined where it is none, or has fewer than four addresses. */
export function parseCidr(cidr: string): AddressRange | undefined {
  const [ip, bits] = cidr.split('/')
  const prefix = Number(bits)
  const isRange = /^(\d{1,3}\.){3}\d{1,3}\/\d{1,2}$/.test(cidr) && prefix <= 30
  if (!isRange || ip!.split('.').some((part) => Number(part) > 255)) return undefined
  const size = 2 ** (32 - prefix)
  return { first: Math.floor(toNumber(ip!) / size) * size, size }
}
