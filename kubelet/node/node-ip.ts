import { networkInterfaces } from 'node:os'
import { UsageError } from '../../shared/flags.ts'

/** As a flag's value: whatever address this machine is reached by (upstream's meaning of it, too). */
const ANY = '0.0.0.0'

/** The address that `--node-ip` stands for. Throws a UsageError where the machine has no IPv4 address but loopback. */
export function nodeIpOf(flag: string, interfaces = networkInterfaces()): string {
  if (flag !== ANY) return flag
  const addresses = Object.values(interfaces).flatMap((entries) => entries ?? [])
  const found = addresses.find(({ family, internal }) => family === 'IPv4' && !internal)
  if (found === undefined)
    throw new UsageError(`--node-ip: ${ANY} needs an IPv4 address of this machine, and it has none`)
  return found.address
}
