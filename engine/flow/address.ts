import { BlockList, isIP } from 'node:net'

export type Family = 4 | 6

/** The IP version of a text that is known to be an IP address. */
export const familyOf = (address: string): Family => (address.includes(':') ? 6 : 4)

export function isWildcard(address: string): boolean {
  return address === '0.0.0.0' || address === '::'
}

const privateNetworks = new BlockList()
for (const [network, bits] of [
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const) {
  privateNetworks.addSubnet(network, bits, 'ipv4')
}
for (const [network, bits] of [
  ['::1', 128],
  ['fc00::', 7],
  ['fe80::', 10],
] as const) {
  privateNetworks.addSubnet(network, bits, 'ipv6')
}

/** Whether a host is an IP address that belongs to another machine in each network: RFC 1918, 6598, 4193, 3927, loopback. */
export function isPrivateAddress(host: string): boolean {
  const version = isIP(host)

  return version !== 0 && privateNetworks.check(host, version === 4 ? 'ipv4' : 'ipv6')
}

/** The /64 of an IPv6 address, which is what one site gets (RFC 6177 2); an IPv4 address, mapped into IPv6 or not, as it is. */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped !== undefined) return mapped
  const [head = '', tail] = (address.split('%', 1)[0] ?? '').split('::')
  const before = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length)

  return [...before, ...Array<string>(zeros).fill('0'), ...after].slice(0, 4).join(':')
}
