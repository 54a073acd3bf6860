import { readFileSync } from 'node:fs'
import type { ListenOptions } from '../../transport/index.ts'
import { defaultSettings as transportDefaults } from '../../transport/index.ts'
import type { AdminPortOptions } from '../admin-port.ts'
import { maxPayload } from '../frames.ts'
import type { DrachtioServerOptions } from '../server.ts'
import { listenersOf, type Tls } from './listeners.ts'
import type { EngineSettings } from './settings.ts'

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
        limits: { ...transportDefaults.limits, messageSize: maxPayload },
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

function tlsOf(settings: EngineSettings): Tls | undefined {
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
