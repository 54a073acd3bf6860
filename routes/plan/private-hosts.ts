/** Hosts that only those who run the network should name: an agent must not reach what stands behind Baton. */
import { BlockList, isIP } from 'node:net'
import { parseRoute } from '../project/uri.ts'

const privateNets = new BlockList()
for (const [net, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const) {
  privateNets.addSubnet(net, bits, 'ipv4')
}
for (const [net, bits] of [
  ['::', 127],
  ['fc00::', 7],
  ['fe80::', 10],
] as const) {
  privateNets.addSubnet(net, bits, 'ipv6')
}

/** The hosts that a SIP URI leads to, its `maddr` included; in lower case, without brackets or a last dot. */
export function hostsOf(uri: string): string[] {
  const route = parseRoute(uri)
  const maddr = /;maddr=([^;]*)/i.exec(route?.params ?? '')?.[1]

  return [route?.host, maddr].filter((host) => host !== undefined).map(plain)
}

/** Whether a host is a loopback, link-local or private address, or a name for one as it stands. */
export function isPrivateHost(host: string): boolean {
  const name = plain(host)
  const version = isIP(name)
  if (version !== 0) return privateNets.check(name, version === 4 ? 'ipv4' : 'ipv6')

  // RFC 3261 25.1: the last label of a name begins with a letter; `127.1` and `0x7f000001` are addresses in disguise.
  return name === 'localhost' || name.endsWith('.localhost') || /(?:^|\.)\d[^.]*$/.test(name)
}

function plain(host: string): string {
  return host.toLowerCase().replace(/^\[|\]$|\.$/g, '')
}
