import { isIP } from 'node:net'
import { networkInterfaces } from 'node:os'

/** Only this machine reaches it. */
export function isLoopback(address: string): boolean {
  return address === 'localhost' || address === '::1' || address.startsWith('127.')
}

/** The addresses that a contact's host stands for: `*` is every IPv4 address of this machine. */
export function addressesOf(host: string): string[] {
  if (host === 'localhost') return ['127.0.0.1']
  if (host !== '*') return isIP(host) === 0 ? [] : [host]

  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ family }) => family === 'IPv4')
    .map(({ address }) => address)
}
