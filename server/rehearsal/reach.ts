import type { SipAddress } from '../sip/stack.ts'

const wildcards = new Set(['0.0.0.0', '::'])

/**
 * Where a program on this machine reaches Baton: UDP when it listens on that. Undefined when it does not listen.
 * @param addresses as others see them, with real ports
 * @param listen what Baton was told to listen on, in the same order; it may be known to others by another address
 */
export function reachable(
  addresses: readonly SipAddress[],
  listen: readonly Pick<SipAddress, 'address'>[] = [],
): SipAddress | undefined {
  const own = addresses.map((known, at) => ({ ...known, ...listen[at], port: known.port }))
  const address = own.find(({ transport }) => transport === 'udp') ?? own[0]
  if (!address || !wildcards.has(address.address)) return address

  return { ...address, address: address.address === '::' ? '::1' : '127.0.0.1' }
}

/** `sip:user@address:port`, with the transport where it is not UDP. */
export function uriAt(user: string, { address, port, transport }: SipAddress): string {
  const host = address.includes(':') ? `[${address}]` : address

  return `sip:${user}@${host}:${port}${transport === 'udp' ? '' : `;transport=${transport}`}`
}
