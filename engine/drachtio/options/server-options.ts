import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { networkInterfaces } from 'node:os'
import { defined } from '../../../base/defined.ts'
import { defaultPort, isSecure, transportNamed } from '../../flow/index.ts'
import { defaultSettings as transportDefaults, type ListenOptions } from '../../transport/index.ts'
import type { DrachtioServerOptions } from '../drachtio-server.ts'
import type { AdminPortOptions } from '../protocol/admin-port.ts'
import { maxPayloadBytes } from '../protocol/frames.ts'
import type { ContactSetting, EngineSettings } from './engine-settings.ts'

/** The server's options from the settings, or all problems. */
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
    keepAliveMs: settings.tcpKeepAliveSeconds * 1000,
    sip: {
      listen,
      timers,
      missingToTag: settings.missingToTag,
      transport: defined({
        // An application may send a message as large as a frame.
        limits: { ...transportDefaults.limits, messageSize: maxPayloadBytes },
        udpReceiveBuffer: udpBufferSize > 0 ? udpBufferSize : undefined,
        answerTo: settings.answerTo,
        // drachtio-server sends requests of any size by UDP unless an MTU is set.
        udpMaximum: udpMtu === 0 ? 65_535 : udpMtu,
      }),
    },
    network: {
      spammers,
      rejectRegisterWithNoRealm: settings.rejectRegisterWithNoRealm,
      alwaysSend180: settings.alwaysSend180,
      optionsAutoRespond: textOrNone(userAgentOptionsAutoRespond),
    },
    outboundProxy: textOrNone(outboundProxy),
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

  return defined({
    certificates: [defined({ certificate: certFile, key: keyFile, chain: textOrNone(chainFile) })] as const,
    oldest: minVersionOf(minTlsVersion),
    ciphers: textOrNone(tlsCipherList),
    clients: tlsVerifies.clients ? ('required' as const) : ('none' as const),
    servers: tlsVerifies.servers ? ('verified' as const) : ('unverified' as const),
    authorities: textOrNone(caFile),
  })
}

function textOrNone(text: string): string | undefined {
  return text === '' ? undefined : text
}

function minVersionOf(version: number) {
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
    const minVersion = minVersionOf(settings.minTlsVersion)
    const tls = defined({ key: readFileSync(keyFile), cert, minVersion, ciphers: textOrNone(settings.tlsCipherList) })
    ports.push({ address, port: adminTlsPort, tls })
  } catch (error) {
    problems.push(`--tls-port: ${error instanceof Error ? error.message : String(error)}`)
  }

  return ports
}

/** Certificates of TLS listeners. */
type ListenerTls = NonNullable<ListenOptions['tls']>

const contactUri = /^(sips?):(?:[^@]*@)?(\*|\[[0-9a-fA-F:.]+\]|[^:;[\]]+)(?::(\d{1,5}))?((?:;.*)?)$/

/** The listeners of a contact, such as `sip:*;transport=udp,tcp` or `sips:10.0.0.9;transport=tls`, or its problem. */
function listenersOf({ uri, externalIp }: ContactSetting, tls: ListenerTls | undefined): ListenOptions[] | string {
  const parsed = contactUri.exec(uri.trim())
  if (!parsed) return `${uri} is no contact, such as sip:*;transport=udp,tcp`
  const [, scheme, host = '', digits, params = ''] = parsed
  const addresses = addressesOf(host.replace(/^\[|\]$/g, ''))
  if (addresses.length === 0) return `${uri}: ${host} is no address of this machine`
  const advertised = externalIp === undefined ? undefined : { host: externalIp }
  const listeners: ListenOptions[] = []
  for (const name of transportNames(scheme, params)) {
    const transport = transportNamed(name.trim())
    if (!transport) return `${uri}: there is no transport ${name}`
    if (isSecure(transport) && !tls) return `${uri}: ${transport} needs --key-file and --cert-file`
    const port = digits === undefined ? defaultPort(transport) : Number(digits)
    if (port > 65_535) return `${uri}: there is no port ${port}`
    for (const address of addresses) {
      listeners.push(defined({ transport, address, port, advertised, tls: isSecure(transport) ? tls : undefined }))
    }
  }

  return listeners
}

function transportNames(scheme: string | undefined, params: string): string[] {
  const named = /;transport=([^;]+)/i.exec(params)?.[1] ?? (scheme === 'sips' ? 'tls' : 'udp,tcp')

  return named.split(',')
}

/** The addresses that a contact's host stands for: `*` is every IPv4 address of this machine. */
function addressesOf(host: string): string[] {
  if (host === 'localhost') return ['127.0.0.1']
  if (host !== '*') return isIP(host) === 0 ? [] : [host]

  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ family }) => family === 'IPv4')
    .map(({ address }) => address)
}
