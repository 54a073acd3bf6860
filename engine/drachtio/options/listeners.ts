import { defaultPort, type ListenOptions, transportNamed } from '../../transport/index.ts'
import { addressesOf } from './addresses.ts'
import type { ContactSetting } from './settings.ts'

/** Certificates for listeners that need them. */
export type Tls = NonNullable<ListenOptions['tls']>

/**
 * The listeners that a contact asks for, such as `sip:*;transport=udp,tcp` or `sips:10.0.0.9;transport=tls`; else what is
 * wrong with it.
 */
export function listenersOf(contact: ContactSetting, tls: Tls | undefined): ListenOptions[] | string {
  const [, scheme, host, digits, params] =
    /^(sips?):(?:[^@]*@)?(\*|\[[0-9a-fA-F:.]+\]|[^:;[\]]+)(?::(\d{1,5}))?((?:;.*)?)$/.exec(contact.uri.trim()) ?? []
  if (scheme === undefined || host === undefined) return `${contact.uri} is no contact, such as sip:*;transport=udp,tcp`
  const named = /;transport=([^;]+)/i.exec(params ?? '')?.[1] ?? (scheme === 'sips' ? 'tls' : 'udp,tcp')
  const addresses = addressesOf(host.replace(/^\[|\]$/g, ''))
  if (addresses.length === 0) return `${contact.uri}: ${host} is no address of this machine`
  const listeners: ListenOptions[] = []
  for (const name of named.split(',')) {
    const transport = transportNamed(name.trim())
    if (!transport) return `${contact.uri}: there is no transport ${name}`
    const isSecure = transport === 'tls' || transport === 'wss'
    if (isSecure && !tls) return `${contact.uri}: ${transport} needs --key-file and --cert-file`
    const port = digits === undefined ? defaultPort(transport) : Number(digits)
    if (port > 65_535) return `${contact.uri}: there is no port ${digits ?? ''}`
    for (const address of addresses) {
      listeners.push({
        transport,
        address,
        port,
        ...(contact.externalIp !== undefined && { advertised: { host: contact.externalIp } }),
        ...(isSecure && tls && { tls }),
      })
    }
  }

  return listeners
}
