import type { NetworkInterfaceInfo } from 'node:os'

/** An IPv4 address of a network interface, as `networkInterfaces` of node:os gives it. */
export const interfaceAddress = (address: string, internal = false): NetworkInterfaceInfo => ({
  address,
  netmask: '255.255.255.0',
  mac: '00:00:00:00:00:00',
  cidr: `${address}/24`,
  internal,
  family: 'IPv4',
})
