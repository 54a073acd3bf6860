/** What Baton runs with, once defaults, file and environment are merged and checked. Times are seconds unless said otherwise. */
export interface Settings {
  sip: {
    /** Port 0 takes any free one. */
    listen: SipListener[]
    /** The address to put in Via, Contact and SDP. */
    externalIp?: string
    /** User-Agent and Server. */
    userAgent: string
    /** RFC 3261 17's timers, in milliseconds. */
    timers: { t1: number; t2: number; t4: number }
    /** Set when a listener needs it. */
    tls?: SipTls
    /** The shortest session interval that is agreed to, in seconds (RFC 4028). */
    minSession: number
    /** Bytes: a longer request goes by TCP instead of UDP where it can (RFC 3261 18.1.1). */
    udpMaximum: number
    /** Where requests over UDP without `rport` are answered when they come from elsewhere than their Via says. */
    answerTo: 'source' | 'auto' | 'via'
    /** Whether requests without a To tag, as RFC 2543 peers send, find the dialog that they continue. */
    missingToTag: 'accepted' | 'refused'
    /** Whether requests in a dialog, and responses, are taken from their peer alone. */
    dialogSources: 'peer' | 'any'
    /** Whether the other legs of a sips call, and the targets of its transfers, must be secure as well. */
    sips: 'secure' | 'any'
    /** Connections that one listener takes. */
    maxConnections: number
    /** Whether a peer of no trunk, or of one that says nothing of it, is reached where it sends from when its Contact is private. */
    nat: 'auto' | 'off'
    /** Whether a peer that was called by a connection, and whose Contact names no transport, is reached by it. */
    reusesConnections: boolean
    /** What a message may at most be; lengths are bytes. */
    limits: { messageSize: number; headerCount: number; headerLength: number; viaCount: number }
  }
  /** Set: run on that drachtio server instead of the embedded engine. */
  drachtio?: ServerAddress & { secret: string }
  /** Set: drachtio servers connect to us here, one connection for each call that they bring. */
  drachtioListen?: ListenAddress & { secret: string }
  /** Set: tables and state in Redis instead of files under `dataDir`. */
  redisUrl?: string
  /** What this process is called in call detail records. */
  nodeName: string
  /** Absolute. */
  dataDir: string
  /** `tokens` may do what `adminToken` may; their names stand in the history. */
  http: ListenAddress & { adminToken?: string; tokens: { name: string; token: string }[] }
  metrics: ListenAddress
  /** Of each HTTP listener: requests a second from one source, and connections at once, in all and from one source. */
  httpLimits: { rate: number; connections: number; connectionsBySource: number }
  /** Set: every event is POSTed there, signed with the secret. */
  webhook?: { url: string; secret: string }
  media: MediaSettings
  /** Set: a copy of every SIP message goes to that Homer, by HEP version 3. */
  hep?: ServerAddress & { transport: 'udp' | 'tcp'; captureId: number; password?: string }
  log: { level: LogLevel; format: LogFormat }
  trunks: Trunk[]
  /** Project files to import, publish and promote at start when their project does not exist yet; absolute. */
  projects: string[]
  /** How long an agent's INVITE may go without a final response before the next agent is tried. */
  agentTimeout: number
  /** How long a call may last, from its INVITE on; 0 for ever. */
  maxCallDuration: number
  /** How long calls may go on after SIGTERM before they are ended. */
  drainDeadline: number
  overload: Overload
  unknownSources: UnknownSourceSettings
  /** Ended calls that the API remembers. */
  recentCalls: number
  /** Bytes that the ladders of one call, and of all calls, may hold. */
  ladders: { perCall: number; total: number }
}

/** When new calls are refused for want of room; 0 for never. */
export interface Overload {
  /** Calls at once. */
  calls: number
  /** New calls a second. */
  rate: number
  /** How late the event loop may be, in milliseconds. */
  lag: number
  /** Numbers, as they are dialled, that are never refused. */
  emergencyNumbers: string[]
}

/** What becomes of requests from addresses that no trunk has. */
interface UnknownSourceSettings {
  /** How many INVITEs a minute are answered before their source is blocked; 0 for as many as come. */
  limit: number
  /** How long a source is blocked; 0 for never. */
  block: number
  /** Requests outside dialogs that are read in a second; 0 for as many as come. */
  requestRate: number
  /** Connections at once; 0 for as many as there are. */
  connections: number
  /** How long a connection may be idle; 0 for as long as that of a trunk. */
  idle: number
  /** Parts of the User-Agents that are not answered. */
  scanners: string[]
}

/** An IP address (IPv6 without brackets) and a port to listen on. */
export interface ListenAddress {
  address: string
  port: number
}

export interface SipListener extends ListenAddress {
  transport: SipTransport
  /** Where others see it, when that is not `externalIp`; the port is its own unless said. */
  advertised?: { host: string; port?: number }
}

export type SipTransport = 'udp' | 'tcp' | 'tls' | 'ws' | 'wss'

/** Certificates of `tls` and `wss`: PEM files, absolute. */
export interface SipTls {
  /** The first is the default; of the others, the one for the name that a client asks for is shown. */
  certificates: [CertificateFiles, ...CertificateFiles[]]
  /** The authorities that peers' certificates must come from; the system's when left out. */
  authorities?: string
  /** Whether clients must show a certificate. */
  clients: 'none' | 'required'
  /** Whether servers that we connect to must prove who they are. */
  servers: 'verified' | 'unverified'
}

interface CertificateFiles {
  /** With its chain. */
  certificate: string
  key: string
}

export interface ServerAddress {
  host: string
  port: number
}

export type MediaSettings =
  | { kind: 'direct' }
  | { kind: 'rtpengine'; servers: ServerAddress[] }
  | ({ kind: 'freeswitch'; secret: string } & ServerAddress)

type LogLevel = 'error' | 'warn' | 'info' | 'debug'
export type LogFormat = 'json' | 'pretty'
type NumberFormat = 'as_written' | 'e164' | 'without_plus' | 'national' | 'prefix_00'

interface TrunkAuthentication {
  realm: string
  users: { username: string; password: string }[]
  /** What it is challenged with (RFC 8760). */
  algorithms: ('SHA-256' | 'MD5')[]
}

/** A peer that sends and takes calls. */
export interface Trunk {
  name: string
  /** CIDR ranges whose requests belong to this trunk. */
  peers: string[]
  /** SIP URIs that numbers are sent to, in order of preference. */
  gateways: string[]
  credentials?: { username: string; password: string; realm?: string }
  /** Its requests outside dialogs must prove, by digest, to come from one of these users. */
  authenticate?: TrunkAuthentication
  /** How numbers are written towards this trunk. */
  numberFormat: NumberFormat
  /** ISO 3166 country whose national numbers this trunk sends. */
  defaultCountry?: string
  /** Whether callers of this trunk can be moved by REFER. */
  refer: boolean
  /** How long a trunk that refused REFER is bridged at once. */
  referMemory: number
  /** Whether callers are put on hold before REFER. */
  holdBeforeRefer: boolean
  /** What a BYE right after the 202, without any NOTIFY, means. */
  byeAfterRefer: 'unknown' | 'success'
  /** Whether it is reached where it sends from when its Contact is a private address; `sip.nat` when left out. */
  nat?: 'auto' | 'off'
  /** Requests outside dialogs that it may send in a second; 0 for as many as it likes. */
  requestRate: number
  /** Connections that it may hold at once; 0 for as many as it likes. */
  connections: number
  /** `sip_phone`: a `tel:` route goes into Refer-To as `sip:+n@gateway;user=phone`. */
  referTo: 'as_written' | 'sip_phone'
  /** Whether the headers are believed in which it says who calls and why: P-Asserted-Identity, Diversion and their like. */
  trust: boolean
  /** Whether a caller hears a destination of this trunk before it has answered. */
  earlyMedia: 'hold' | 'pass'
  /** What becomes of a 300, 301 or 302 of a destination that is called by INVITE. */
  redirects: 'follow' | 'refuse'
  /** How long a destination that took no SRTP is offered plain RTP at once, where the handoff allows it. */
  srtpMemory: number
  /** The session interval asked for in calls to this trunk; 0 asks for none. */
  sessionExpires: number
  /** After so many seconds without a message, a party is asked by OPTIONS whether it is still there; 0: never. */
  keepalive: number
  /** Seconds in which a gateway must send a response to an INVITE, 100 included, before the next is tried; 0: no limit. */
  progressTimeout: number
  /** What this peer takes of a handoff's headers. */
  headerLimits: { count: number; bytesEach: number; bytesTotal: number }
}
