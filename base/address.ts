import { BlockList, isIP } from 'node:net'

// BlockList compares an IPv4 address inside an IPv6 one (::ffff:127.0.0.1) with the IPv4 ranges.
const loopbackIpv6 = new BlockList()
loopbackIpv6.addAddress('::1', 'ipv6')
loopbackIpv6.addSubnet('127.0.0.0', 8, 'ipv4')

/** Whether a host is reached from this machine alone (RFC 1122 3.2.1.3, RFC 4291 2.5.3; RFC 6761 6.3 for `localhost`). */
export function isLoopback(host: string): boolean {
  if (host === 'localhost' || host.startsWith('127.')) return true

  return isIP(host) === 6 && loopbackIpv6.check(host, 'ipv6')
}

/** `address:port`, IPv6 in brackets (RFC 3986 3.2.2). */
export function formatEndpoint({ address, port }: { readonly address: string; readonly port: number }): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}
