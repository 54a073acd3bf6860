import type { Probe } from '../base/probe.ts'
import type { Choices, Limit } from '../base/choice.ts'

/** The settings of the process: defaults, file and environment, merged and checked. Times are seconds unless noted. */
export interface Settings {
  sip: {
    /** Port 0 takes a free port. */
    listen: SipListener[]
    /** The address to put in Via, Contact and SDP. */
    externalIp?: string
    /** The value of User-Agent and Server. */
    userAgent: string
    /** RFC 3261 17's timers, in milliseconds. */
    timers: { t1: number; t2: number; t4: number }
    /** Set when a listener needs certificates. */
    tls?: SipTls
    /** Min-SE, the shortest session interval that Baton accepts (RFC 4028 5). */
    minSession: number
    /** Bytes: a longer request goes by TCP instead of UDP where it can (RFC 3261 18.1.1). */
    udpMaximum: number
    /** The address to which a request over UDP without `rport` is answered when its source is not the address in its Via. */
    answerTo: 'source' | 'auto' | 'via'
    /** Whether requests without a To tag, as RFC 2543 peers send, find the dialog that they continue. */
    missingToTag: 'accepted' | 'refused'
    /** Whether requests in a dialog, and responses, are taken from their peer alone. */
    dialogSources: 'peer' | 'any'
    /** Whether the other legs of a sips call, and the targets of its transfers, must be secure as well. */
    sips: 'secure' | 'any'
    /** Connections of one listener at once. */
    maxConnections: number
    /** Whether a peer with a private Contact is reached at its source address, unless its trunk has `nat`. */
    nat: 'auto' | 'off'
    /** Whether later requests to a peer whose Contact names no transport use the connection of the INVITE. */
    reusesConnections: boolean
    /** Maxima of a message; lengths are bytes. */
    limits: { messageSize: number; headerCount: number; headerLength: number; viaCount: number }
  }
  /** When set, that drachtio server handles SIP instead of the embedded engine. */
  drachtio?: ServerAddress & { secret: string }
  /** When set, drachtio servers connect to Baton here, with one connection for each call. */
  drachtioListen?: ListenAddress & { secret: string }
  /** When set, tables and state are in Redis instead of files under `dataDir`. */
  redisUrl?: string
  /** 32 bytes in base64, which credentials of other services are encrypted with where they are kept. */
  secretsKey?: string
  /** When set, Twilio's requests to the voice webhook are answered. */
  twilioVoice?: TwilioVoice
  /** The name of this process in call detail records. */
  nodeName: string
  /** Absolute. */
  dataDir: string
  /** `tokens` have the rights of `adminToken`; the history shows their names. */
  http: ListenAddress & {
    adminToken?: string
    tokens: { name: string; token: string }[]
    /** `required`: a sign-in is needed though there are no people yet; `auto`: once there are people or tokens. */
    signIn: 'auto' | 'required'
    /** Seconds from a sign-in to the end of its session. */
    sessionLifetime: number
    /** Seconds without a request after which a session ends; 0: none. */
    sessionIdle: number
    /** Addresses of proxies whose X-Forwarded-For and X-Forwarded-Host are taken. */
    proxies: string[]
    /** The URL at which browsers reach the pages; by the request's Host when left out. */
    publicUrl?: string
    /** The URL at which the other Batons of one Redis reach the API; by `address` and `port` when left out. */
    peerUrl?: string
    /** When set, people may sign in with this OpenID provider. */
    oidc?: OidcSettings
  }
  metrics: ListenAddress
  /** Limits of each HTTP listener: requests a second from one source, and connections at once, in all and from one source. */
  httpLimits: { rate: number; connections: number; connectionsBySource: number }
  /** When set, every event is POSTed to the URL, signed with the secret. */
  webhook?: { url: string; secret: string }
  /** The secrets that requests to the resolvers of handoffs are signed with: tables have their names only. */
  resolverSecrets: { name: string; secret: string }[]
  media: MediaSettings
  /** When set, the texts of announcements are spoken. */
  speech?: SpeechSettings
  /** When set, a copy of every SIP message goes to that Homer, by HEP version 3. */
  hep?: ServerAddress & { transport: 'udp' | 'tcp'; captureId: number; password?: string }
  log: { level: LogLevel; format: LogFormat }
  trunks: Trunk[]
  /** Absolute paths of project files to import, publish and promote at start when their project does not exist yet. */
  projects: string[]
  /** Whether Baton plays the agents and destinations of those files on loopback where no program listens. */
  standIns: boolean
  /** Time for an agent's final response to the INVITE before the next agent is tried. */
  agentTimeout: number
  /** Seconds between two OPTIONS to a gateway or agent whose `probe` names no interval; 0: none. */
  probeInterval: number
  /** Duration of a call from its INVITE on; 0: no limit. */
  maxCallDuration: number
  /** Time after SIGTERM before calls are ended. */
  drainDeadline: number
  /** Whether calls that are up are kept for the process after this one. */
  recovery: boolean
  /** What SIGTERM does with the calls that are up: they may finish, or the next process takes them up. */
  drain: 'finish' | 'handover'
  overload: Overload
  unknownSources: UnknownSourceSettings
  /** Ended calls that the API keeps. */
  recentCalls: number
  /** Bounds of the ended calls under `dataDir`, in days and bytes; unset: none are kept. */
  history?: { days: number; bytes: number }
  /** Seconds for which what an agent gave along with a transfer is kept. */
  contextTtl: number
  /** Bytes that the ladders of one call, and of all calls, may hold. */
  ladders: { perCall: number; total: number }
}

/** The voice webhook of Twilio's numbers. */
export interface TwilioVoice {
  /** Of the account: its requests are signed with it. */
  authToken: string
  /** Where Twilio reaches Baton by SIP; without a user part. */
  sipUri: string
  /** E.164: dialled for callers whom Baton does not answer. */
  disasterNumber?: string
}

/** The role that a value of the role claim stands for. */
export interface ClaimRole {
  value: string
  role: 'viewer' | 'operator' | 'publisher' | 'admin'
  /** Left out: in all projects. */
  project?: string
}

export interface OidcSettings {
  issuer: string
  clientId: string
  clientSecret: string
  /** With spaces between. */
  scopes: string
  /** The claim whose values stand for roles. */
  roleClaim: string
  roles: ClaimRole[]
  /** The role of people without such a value; left out: they may not sign in. */
  defaultRole?: 'viewer' | 'operator' | 'publisher' | 'admin'
}

/** Limits beyond which new calls are refused; 0: none. */
export interface Overload {
  /** Calls at once. */
  calls: number
  /** New calls a second. */
  rate: number
  /** Lag of the event loop, in milliseconds. */
  lag: number
  /** Dialled numbers that are never refused. */
  emergencyNumbers: string[]
}

/** The treatment of requests from addresses without a trunk. */
interface UnknownSourceSettings {
  /** INVITEs a minute before their source is blocked; 0: no limit. */
  limit: number
  /** Duration of the block; 0: sources are not blocked. */
  block: number
  /** Requests outside dialogs that are read in a second; 0: no limit. */
  requestRate: number
  /** Connections at once; 0: no limit. */
  connections: number
  /** Idle time of a connection; 0: that of a trunk's connection. */
  idle: number
  /** Parts of User-Agents whose requests get no response. */
  scanners: string[]
}

/** An IP address (IPv6 without brackets) and a port to listen on. */
export interface ListenAddress {
  address: string
  port: number
}

export interface SipListener extends ListenAddress {
  transport: SipTransport
  /** The address that peers see, when it is not `externalIp`; the listener's port unless set. */
  advertised?: { host: string; port?: number }
}

export type SipTransport = 'udp' | 'tcp' | 'tls' | 'ws' | 'wss'

/** Certificates of `tls` and `wss`: PEM files, absolute. */
export interface SipTls {
  /** The first is the default; the others are for clients that ask for their names (SNI). */
  certificates: [CertificatePair, ...CertificatePair[]]
  /** The authorities of peers' certificates; those of the system when left out. */
  authorities?: string
  /** Whether clients must present a certificate. */
  clients: 'none' | 'required'
  /** Whether the certificates of servers are verified. */
  servers: 'verified' | 'unverified'
}

interface CertificatePair {
  /** A PEM file with the chain. */
  certificate: string
  key: string
}

export interface ServerAddress {
  host: string
  port: number
}

export interface RtpengineSettings {
  kind: 'rtpengine'
  /** The ng addresses. */
  servers: ServerAddress[]
  /** Milliseconds after which a command without an answer has failed. */
  timeoutMs: number
  /** `refuse`: a call that needs a media server fails while none answers. `direct`: its media goes between the parties then. */
  fallback: 'direct' | 'refuse'
  /** Where the rtpengines send the digits that parties press (their `--dtmf-log-dest`). */
  digits?: ListenAddress
}

/** An endpoint with the contract of OpenAI's `POST /v1/audio/speech`. */
export interface SpeechSettings {
  url: string
  /** The bearer token of its requests. */
  key?: string
  model: string
  voice: string
  format: 'mp3' | 'wav'
  /** Seconds after which a text that is not spoken is left out. */
  timeout: number
}

export type MediaSettings =
  { kind: 'direct' } | RtpengineSettings | ({ kind: 'freeswitch'; secret: string } & ServerAddress)

type LogLevel = 'error' | 'warn' | 'info' | 'debug'
export type LogFormat = 'json' | 'pretty'

interface TrunkAuthentication {
  realm: string
  users: { username: string; password: string }[]
  /** The algorithms of the challenge (RFC 8760). */
  algorithms: ('SHA-256' | 'MD5')[]
}

/** A peer that sends and receives calls. */
export interface Trunk {
  name: string
  /** CIDR ranges whose requests belong to this trunk. */
  peers: string[]
  /** SIP URIs that numbers are sent to, in order of preference. */
  gateways: string[]
  /** The gateways with their priorities, weights and limits; in the order of `gateways` when left out. */
  choices?: Choices
  credentials?: { username: string; password: string; realm?: string }
  /** Digest authentication of its requests outside dialogs. */
  authenticate?: TrunkAuthentication
  /** The format of numbers to this trunk. */
  numberFormat: 'as_written' | 'e164' | 'without_plus' | 'national' | 'prefix_00'
  /** ISO 3166 country of the national numbers that this trunk sends. */
  defaultCountry?: string
  /** Whether callers of this trunk can be moved by REFER. */
  refer: boolean
  /** Time for which callers are bridged at once after the trunk has refused REFER. */
  referMemory: number
  /** Whether callers are put on hold before REFER. */
  holdBeforeRefer: boolean
  /** The outcome of a BYE after the 202 without a NOTIFY. */
  byeAfterRefer: 'unknown' | 'success'
  /** Whether a peer with a private Contact is reached at its source address; `sip.nat` when left out. */
  nat?: 'auto' | 'off'
  /** Requests outside dialogs in a second; 0: no limit. */
  requestRate: number
  /** Connections at once; 0: no limit. */
  connections: number
  /** `sip_phone`: a `tel:` route goes into Refer-To as `sip:+n@gateway;user=phone`. */
  referTo: 'as_written' | 'sip_phone'
  /** Whether its identity headers are trusted: P-Asserted-Identity, Diversion and others (RFC 3325 5). */
  trust: boolean
  /** Whether a caller hears a destination of this trunk before it has answered. */
  earlyMedia: 'hold' | 'pass'
  /** The treatment of a 300, 301 or 302 from a destination that is called by INVITE. */
  redirects: 'follow' | 'refuse'
  /** Time for which a destination that refused SRTP is offered plain RTP at once, where the handoff allows it. */
  srtpMemory: number
  /** Session-Expires of calls to this trunk; 0: none (RFC 4028). */
  sessionExpires: number
  /** Seconds without a message after which a party is probed by OPTIONS; 0: never. */
  keepalive: number
  /** Seconds in which a gateway must send a response to an INVITE, 100 included, before the next is tried; 0: no limit. */
  progressTimeout: number
  /** How its gateways are asked by OPTIONS whether they are well. */
  probe: Probe
  /** The calls that Baton may send to it. */
  limit?: Limit
  /** How many calls a day it is sent to numbers that begin so; the longest prefix comes first. None when left out. */
  caps?: { prefix: string; callsPerDay: number }[]
  /** Beginnings of the premium-rate numbers that it may be sent; none when left out. */
  allowPremium?: string[]
  /** Size limits of a handoff's headers. */
  headerLimits: { count: number; bytesEach: number; bytesTotal: number }
}
