/** Where the API server listens: on loopback, or where other machines reach it. */
import { isIPv4 } from 'node:net'
import { networkInterfaces } from 'node:os'
import { UsageError } from '../shared/flags.ts'

/** Loopback: nothing there is reachable from another machine. */
export const LOOPBACK = '127.0.0.1'
/** Every address of this machine. */
const ANY = '0.0.0.0'

const isLoopback = (address: string) => address.startsWith('127.')

/** Checks what a flag says. Throws a UsageError. */
export function parseBindAddress(text: string): string {
  if (isIPv4(text)) return text
  throw new UsageError(
    `--bind-address: ${JSON.stringify(text)} is not an IPv4 address of this machine; ${ANY} is all of them`,
  )
}

/** Links to this machine's own pods, whose addresses lead nobody else here. */
const isPodLink = (name: string) => /^kp[0-9a-f]{8}$/.test(name)

/** By which addresses other machines may reach the API server, the most likely one first. */
export function reachableAddresses(bindAddress: string, interfaces = networkInterfaces()): string[] {
  if (bindAddress !== ANY) return isLoopback(bindAddress) ? [] : [bindAddress]
  const addresses = Object.entries(interfaces).flatMap(([name, entries = []]) => (isPodLink(name) ? [] : entries))
  return addresses.filter(({ family, internal }) => family === 'IPv4' && !internal).map(({ address }) => address)
}

/** Whether other machines may reach it. */
export const isExposed = (bindAddress: string): boolean => !isLoopback(bindAddress)

/** By which address this machine reaches it. */
export const localAddress = (bindAddress: string): string => (bindAddress === ANY ? LOOPBACK : bindAddress)

/** The names that its certificate needs for that, beside those that it always has. */
export const hostsOf = (bindAddress: string): string[] => [
  localAddress(bindAddress),
  ...reachableAddresses(bindAddress),
]

/** Who can reach the API server; undefined where that goes without saying. */
export function exposureWarning({ bindAddress, port }: { bindAddress: string; port: number }): string | undefined {
  if (!isExposed(bindAddress)) return undefined
  const addresses =
    bindAddress === ANY ? `every address of this machine (${reachableAddresses(ANY).join(', ')})` : bindAddress
  return (
    `warning: the API server listens on port ${port} of ${addresses}: every machine that reaches it there may knock, ` +
    `and whoever has credentials may start programs as you; "kubeproc up --bind-address ${LOOPBACK}" ends that`
  )
}
