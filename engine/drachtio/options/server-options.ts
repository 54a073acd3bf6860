import { defaultPort, transportNamed } from '../../flow/index.ts'
import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { networkInterfaces } from 'node:os'

import { type ListenOptions, defaultSettings as transportDefaults } from '../../transport/index.ts'
import type { AdminPortOptions } from '../protocol/admin-port.ts'
import { maxPayloadBytes } from '../protocol/frames.ts'
import type { DrachtioServerOptions } from '../drachtio-server.ts'
import type { EngineSettings, ContactSetting } from './engine-settings.ts'

/** The server that the settings ask for; else everything that cannot be. */
export function serverOptions(settings: EngineSettings): DrachtioServerOptions | readonly string[] {
  const problems: string[] = []
  const tls = tlsOf(settings)
  const listen = settings.contacts.flatMap((contact): ListenOptions[] => {
    const listeners = listenersOf(contact, tls)
    if (typeof listeners !== 'string') return listeners
    problems.push(listeners)

    return []
  })
  const admin = adminPorts(settings, problems)
  if (problems.length > 0) return problems
  const { timers, udpBufferSize, udpMtu, spammers, userAgentOptionsAutoRespond, outboundProxy } = settings

  return {
    admin,
    secret: settings.secret,
    keepAlive: settings.tcpKeepAlive * 1000,
    sip: {
      listen,
      timers,
      missingToTag: settings.missingToTag,
      transport: {
        // An application may send as much in a message.
        limits: { ...transportDefaults.limits, messageSize: maxPayloadBytes },
        ...(udpBufferSize > 0 && { udpReceiveBuffer: udpBufferSize }),
        answerTo: settings.answerTo,
        // drachtio-server never turns from UDP to TCP by itself, unless it is given an MTU.
        udpMaximum: udpMtu === 0 ? 65_535 : udpMtu,
      },
    },
    network: {
      spammers,
      rejectRegisterWithNoRealm: settings.rejectRegisterWithNoRealm,
      alwaysSend180: settings.alwaysSend180,
      optionsAutoRespond: userAgentOptionsAutoRespond === '' ? undefined : userAgentOptionsAutoRespond,
    },
    outboundProxy: outboundProxy === '' ? undefined : outboundProxy,
    dnsNames: settings.contacts.flatMap(({ dnsNames }) => dnsNames ?? []),
    localDomains: settings.localDomains,
    defaultRefresher: settings.defaultRefresher,
    callRecords: settings.cdrs,
    detectsNat: settings.natDetection,
    requestHandlers: settings.requestHandlers,
    metrics: settings.prometheus,
  }
}

function tlsOf(settings: EngineSettings): ListenerTls | undefined {
  const { keyFile, certFile, chainFile, minTlsVersion, tlsCipherList, tlsVerifies, caFile } = settings
  if (keyFile === '' || certFile === '') return undefined

  return {
    certificates: [{ certificate: certFile, key: keyFile, ...(chainFile !== '' && { chain: chainFile }) }],
    oldest: oldestOf(minTlsVersion),
    ...(tlsCipherList !== '' && { ciphers: tlsCipherList }),
    clients: tlsVerifies.clients ? 'required' : 'none',
    servers: tlsVerifies.servers ? 'verified' : 'unverified',
    ...(caFile !== '' && { authorities: caFile }),
  }
}

function oldestOf(version: number) {
  return version === 1.3 ? ('TLSv1.3' as const) : ('TLSv1.2' as const)
}

function adminPorts(settings: EngineSettings, problems: string[]): AdminPortOptions[] {
  const { adminAddress: address, adminPort, adminTlsPort, keyFile, certFile, chainFile } = settings
  const ports: AdminPortOptions[] = adminPort === 0 && adminTlsPort !== 0 ? [] : [{ address, port: adminPort }]
  if (adminTlsPort === 0) return ports
  if (keyFile === '' || certFile === '') {
    problems.push('--tls-port: it needs --key-file and --cert-file')
    return ports
  }
  try {
    const chain = chainFile === '' ? '' : readFileSync(chainFile, 'utf8')
    const cert = `${readFileSync(certFile, 'utf8')}\n${chain}`
    const minVersion = oldestOf(settings.minTlsVersion)
    const ciphers = settings.tlsCipherList === '' ? undefined : settings.tlsCipherList
    const tls = { key: readFileSync(keyFile), cert, minVersion, ...(ciphers !== undefined && { ciphers }) }
    ports.push({ address, port: adminTlsPort, tls })
  } catch (error) {
    problems.push(`--tls-port: ${error instanceof Error ? error.message : String(error)}`)
  }

  return ports
}

/** Certificates for listeners that need them. */
export type ListenerTls = NonNullable<ListenOptions['tls']>

/**
 * The listeners that a contact asks for, such as `sip:*;transport=udp,tcp` or `sips:10.0.0.9;transport=tls`; else what is
 * wrong with it.
 */
export function listenersOf(contact: ContactSetting, tls: ListenerTls | undefined): ListenOptions[] | string {
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
