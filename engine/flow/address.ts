import { BlockList, isIP } from 'node:net'

const networks = new BlockList()
for (const [network, bits] of [
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const)
  networks.addSubnet(network, bits, 'ipv4')
for (const [network, bits] of [
  ['::1', 128],
  ['fc00::', 7],
  ['fe80::', 10],
] as const)
  networks.addSubnet(network, bits, 'ipv6')

/** Whether a host is an IP address that leads somewhere else in each network: RFC 1918, 6598, 4193, 3927, loopback. */
export function isPrivateAddress(host: string): boolean {
  const version = isIP(host)

  return version !== 0 && networks.check(host, version === 4 ? 'ipv4' : 'ipv6')
}

export type Family = 4 | 6

/** Of an IP address: that it is one is known by now. */
export const familyOf = (address: string): Family => (address.includes(':') ? 6 : 4)

export const isLoopback = (address: string): boolean => address.startsWith('127.') || address === '::1'

export function isWildcard(address: string): boolean {
  return address === '0.0.0.0' || address === '::'
}
