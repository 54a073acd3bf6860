import type { RequestHandler } from '../request-handlers.ts'
import type { ServerLogLevel } from '../server-log.ts'

/** A listener for SIP. */
export interface ContactSetting {
  /** `sip:*;transport=udp,tcp`, `sips:10.0.0.9:5061;transport=tls` … */
  uri: string
  /** The advertised address. */
  externalIp?: string | undefined
  dnsNames?: readonly string[] | undefined
}

/** The server that gets copies of all SIP messages, in HEP version 3 over UDP. */
export interface HomerSetting {
  host: string
  port: number
  /** The capture id in the copies: 32 bits. */
  captureId: number
}

/** The settings of drachtio-server, and this engine's own. */
export interface EngineSettings {
  contacts: ContactSetting[]
  adminAddress: string
  adminPort: number
  /** 0: no port with TLS. */
  adminTlsPort: number
  secret: string
  tcpKeepAliveSeconds: number
  logLevel: ServerLogLevel
  /** The log file, and whether the log goes to the console as well. */
  log: { file: string | undefined; fileMode: number; onConsole: boolean }
  keyFile: string
  certFile: string
  chainFile: string
  /** 1.2 or 1.3. */
  minTlsVersion: number
  tlsCipherList: string
  /** The certificates that are verified on TLS and WSS for SIP. */
  tlsVerifies: { clients: boolean; servers: boolean }
  /** PEM file of their authorities; '' for the system's. */
  caFile: string
  prometheus: { address: string; port: number } | undefined
  /** Milliseconds. */
  timers: { t1: number; t2: number; t4: number }
  outboundProxy: string
  cdrs: boolean
  spammers: { userAgents: string[]; toUsers: string[]; fromUsers: string[] }
  defaultRefresher: 'none' | 'uac' | 'uas'
  requestHandlers: RequestHandler[]
  rejectRegisterWithNoRealm: boolean
  alwaysSend180: boolean
  userAgentOptionsAutoRespond: string
  udpBufferSize: number
  /** Bytes of the longest request over UDP; longer ones go by TCP where there is a listener for TCP. 0 for no limit. */
  udpMtu: number
  natDetection: boolean
  /** The address to which requests over UDP without `rport` are answered when their source is not the address in their Via. */
  answerTo: 'source' | 'auto' | 'via'
  /** Whether requests without a To tag, as RFC 2543 peers send, belong to the dialog that they continue. */
  missingToTag: 'accepted' | 'refused'
  localDomains: string[]
  /** The host is '' when no copies are made. */
  homer: HomerSetting
}

/** Well-known secrets, which are accepted on loopback addresses only. */
export const publicSecrets: ReadonlySet<string> = new Set(['admin', 'cymru'])

export const defaultEngineSettings = (): EngineSettings => ({
  contacts: [],
  adminAddress: '127.0.0.1',
  adminPort: 9022,
  adminTlsPort: 0,
  secret: 'admin',
  tcpKeepAliveSeconds: 45,
  logLevel: 'info',
  log: { file: undefined, fileMode: 0o640, onConsole: false },
  keyFile: '',
  certFile: '',
  chainFile: '',
  minTlsVersion: 1.2,
  tlsCipherList: '',
  tlsVerifies: { clients: false, servers: false },
  caFile: '',
  prometheus: undefined,
  timers: { t1: 500, t2: 4000, t4: 5000 },
  outboundProxy: '',
  cdrs: false,
  spammers: { userAgents: [], toUsers: [], fromUsers: [] },
  defaultRefresher: 'none',
  requestHandlers: [],
  rejectRegisterWithNoRealm: false,
  alwaysSend180: false,
  userAgentOptionsAutoRespond: '',
  udpBufferSize: 0,
  udpMtu: 0,
  natDetection: true,
  answerTo: 'source',
  missingToTag: 'accepted',
  localDomains: [],
  homer: { host: '', port: 9060, captureId: 0 },
})
