/** Private hosts, which an agent's URI must not reach through Baton unless an operator has named them. */
import { BlockList, isIP } from 'node:net'
import { parseRoute } from '../schema/uri.ts'
import { unescape } from '../schema/uri.ts'

/** IANA's special-purpose registry (RFC 6890): loopback, private, shared, link-local, benchmarking, multicast, reserved. */
const privateIpv4 = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const

/** The same for IPv6, with the prefixes of translators and tunnels (RFC 6052, 8215, 4380), which hide an IPv4 address. */
const privateIpv6 = [
  ['::', 96],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 32],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
] as const

// An IPv4 address in an IPv6 one (::ffff:10.0.0.1) is compared with the IPv4 ranges by BlockList itself.
const privateNets = new BlockList()
for (const [net, bits] of privateIpv4) {
  privateNets.addSubnet(net, bits, 'ipv4')
  privateNets.addSubnet(sixToFour(net), 16 + bits, 'ipv6')
}
for (const [net, bits] of privateIpv6) privateNets.addSubnet(net, bits, 'ipv6')

/** The 6to4 prefix of an IPv4 address (RFC 3056 2). */
function sixToFour(address: string): string {
  const [a = 0, b = 0, c = 0, d = 0] = address.split('.').map(Number)

  return `2002:${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}::`
}

/** The host of a SIP URI and its `maddr`, in lower case, without brackets or a trailing dot. */
export function hostsOf(uri: string): string[] {
  const { host, maddr } = hostAndPortOf(uri)

  return [host, maddr].filter((each) => each !== undefined)
}

/** The next hop of a SIP URI: `maddr` before the host (RFC 3263 4), and the port; undefined for other URIs. */
export function nextHopOf(uri: string): string | undefined {
  const { host, maddr, port } = hostAndPortOf(uri)
  const name = maddr ?? host

  return name === undefined ? undefined : `${name} ${port}`
}

/** Whether an entry such as `10.0.0.9`, or `10.0.0.9:5070` for one port only, names the next hop of this URI. */
export function isNamedBy(entry: string, uri: string): boolean {
  const { host, maddr, port } = hostAndPortOf(uri)
  const written = isIP(entry) === 6 ? `[${entry}]` : entry
  const [, name = '', only] = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(written) ?? []

  return plain(name) === (maddr ?? host) && (only === undefined || Number(only) === port)
}

/** Whether a host is a private address, or a name that stands for one without DNS. */
export function isPrivateHost(host: string): boolean {
  const name = plain(host)
  const version = isIP(name)
  if (version !== 0) return privateNets.check(name, version === 4 ? 'ipv4' : 'ipv6')

  // RFC 3261 25.1: the last label of a host name begins with a letter; some resolvers read `127.1` and `0x7f000001` as addresses.
  return name === 'localhost' || name.endsWith('.localhost') || /(?:^|\.)\d[^.]*$/.test(name)
}

interface HostAndPort {
  host: string | undefined
  maddr: string | undefined
  port: number
}

function hostAndPortOf(uri: string): HostAndPort {
  const route = parseRoute(uri)
  const params = route?.params ?? ''
  const maddr = paramOf(params, 'maddr')
  const isSecure = route?.kind === 'sips' || /^(?:tls|wss)$/i.test(paramOf(params, 'transport') ?? '')

  return {
    host: route?.host === undefined ? undefined : plain(route.host),
    maddr: maddr === undefined ? undefined : plain(maddr),
    port: route?.port ?? (isSecure ? 5061 : 5060),
  }
}

/** A parameter of a URI. RFC 3261 19.1.4: an escaped character in its name or value equals the character. */
function paramOf(params: string, name: string): string | undefined {
  for (const param of params.split(';')) {
    const [key = '', value = ''] = param.split('=', 2).map(unescape)
    if (key.toLowerCase() === name) return value
  }

  return undefined
}

function plain(host: string): string {
  return host.toLowerCase().replace(/^\[|\]$|\.$/g, '')
}
