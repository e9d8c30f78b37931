/** The network of a node's pods: which addresses and links there are, as commands for `ip -batch`. Pure. */
import { parseCidr, toAddress } from '../../../../shared/cidr.ts'

export interface NodeNetwork {
  /** The pods' addresses. */
  podCidr: string
  /** Length of the range's prefix. */
  prefix: number
  /** The node's own address among its pods': their way out, and whom they see when the node talks to them. */
  gateway: string
  /** The host's end of the link to the pods' bridge. */
  link: string
}

/** The network for a range of pod addresses. Throws where the text is no range. */
export function nodeNetwork(podCidr: string): NodeNetwork {
  const range = parseCidr(podCidr)
  if (range === undefined) throw new Error(`the pod CIDR ${JSON.stringify(podCidr)} is not an IPv4 range`)
  return {
    podCidr,
    prefix: 32 - Math.log2(range.size),
    gateway: toAddress(range.first + 1),
    // The name of a link has at most 15 characters; the range's first address is what no other node has.
    link: `kp${range.first.toString(16).padStart(8, '0')}`,
  }
}

/** In the node's namespace: the bridge. Not of the host, so that it goes when the last process in there goes. */
export const bridgeCommands = (): string[] => [
  'link set lo up',
  'link add br0 type bridge',
  'link set up0 master br0',
  'link set up0 up',
  'link set br0 up',
]

/** On the host: the link to the bridge, whose other end goes to the namespace of a process. */
export const uplinkCommands = ({ link, gateway, prefix }: NodeNetwork, holderPid: number): string[] => [
  `link add ${link} type veth peer name up0 netns ${holderPid}`,
  `addr add ${gateway}/${prefix} dev ${link}`,
  `link set ${link} up`,
]

/**
 * In a pod's namespace: its link, whose other end goes to the bridge's namespace, where the node's first process is
 * number 1. One address always has the same hardware address, so that nobody remembers a wrong one.
 */
export const podCommands = ({ prefix, gateway }: NodeNetwork, ip: string, port: string): string[] => [
  'link set lo up',
  `link add eth0 address ${hardwareAddress(ip)} type veth peer name ${port} netns 1`,
  `addr add ${ip}/${prefix} dev eth0`,
  'link set eth0 up',
  `route add default via ${gateway}`,
]

/** In the node's namespace: a pod's link joins the bridge. */
export const portCommands = (port: string): string[] => [`link set ${port} master br0`, `link set ${port} up`]

/** A locally administered one. */
const hardwareAddress = (ip: string): string =>
  ['0a', '6b', ...ip.split('.').map((part) => Number(part).toString(16).padStart(2, '0'))].join(':')
