import type { ServerLogLevel } from '../server-log.ts'

/** An address to listen on for SIP. */
export interface ContactSetting {
  /** `sip:*;transport=udp,tcp`, `sips:10.0.0.9:5061;transport=tls` … */
  uri: string
  /** The address that peers are told. */
  externalIp?: string | undefined
  dnsNames?: readonly string[] | undefined
}

/** Whom to ask by HTTP what becomes of requests. */
export interface RequestHandlerSetting {
  /** In upper case, or `*`. */
  sipMethod: string
  httpMethod: 'GET' | 'POST'
  verifyPeer: boolean
  url: string
}

/** Where copies of all SIP messages go, in HEP version 3 over UDP. */
export interface HomerSetting {
  host: string
  port: number
  /** How Homer knows us: 32 bits. */
  captureId: number
}

/** What an operator may say, as drachtio-server takes it. Whatever is left out has its default. */
export interface EngineSettings {
  contacts: ContactSetting[]
  adminAddress: string
  adminPort: number
  /** 0: no port with TLS. */
  adminTlsPort: number
  secret: string
  /** Seconds. */
  tcpKeepAlive: number
  logLevel: ServerLogLevel
  /** The file, if there is one, and whether the console has the log beside it. */
  log: { file: string | undefined; fileMode: number; onConsole: boolean }
  keyFile: string
  certFile: string
  chainFile: string
  /** 1.2 or 1.3. */
  minTlsVersion: number
  tlsCipherList: string
  /** Whose certificates are verified on TLS and WSS for SIP. */
  tlsVerifies: { clients: boolean; servers: boolean }
  /** PEM file of the authorities of those certificates; '' for the system's. */
  caFile: string
  prometheus: { address: string; port: number } | undefined
  /** Milliseconds. */
  timers: { t1: number; t2: number; t4: number }
  outboundProxy: string
  cdrs: boolean
  spammers: { userAgents: string[]; toUsers: string[]; fromUsers: string[] }
  defaultRefresher: 'none' | 'uac' | 'uas'
  requestHandlers: RequestHandlerSetting[]
  rejectRegisterWithNoRealm: boolean
  alwaysSend180: boolean
  userAgentOptionsAutoRespond: string
  udpBufferSize: number
  /** Requests that are longer go by TCP, where there is a listener for TCP; 0 for none. Bytes. */
  udpMtu: number
  natDetection: boolean
  /** Where requests over UDP without `rport` are answered when they come from elsewhere than their Via says. */
  answerTo: 'source' | 'auto' | 'via'
  /** Whether requests without a To tag, as RFC 2543 peers send, find the dialog that they continue. */
  missingToTag: 'accepted' | 'refused'
  localDomains: string[]
  /** Its host is '' where there is none. */
  homer: HomerSetting
}

/** Everybody knows these: they are taken on loopback alone. */
export const publicSecrets: ReadonlySet<string> = new Set(['admin', 'cymru'])

export const defaultEngineSettings = (): EngineSettings => ({
  contacts: [],
  adminAddress: '127.0.0.1',
  adminPort: 9022,
  adminTlsPort: 0,
  secret: 'admin',
  tcpKeepAlive: 45,
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
