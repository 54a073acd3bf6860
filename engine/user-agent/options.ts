import type { Clock } from '../clock/index.ts'
import type { Additions, FlowReuse, InitialInvite, ServerRequest } from '../dialog/index.ts'
import type { CredentialsFor } from '../digest/index.ts'
import type { Flow, NextHopAddresses, Target } from '../flow/index.ts'
import type { Request } from '../message/index.ts'
import type { Dns } from '../next-hop/index.ts'
import type { OverloadBrake } from '../overload/index.ts'
import type { TimerValues } from '../transaction/index.ts'
import type {
  ListenOptions,
  SourcePolicy,
  TransportLayer,
  TransportSettings,
  TransportUser,
} from '../transport/index.ts'

/** The log for problems that the operator has to solve. */
export interface EngineLog {
  warn(message: string, fields: Readonly<Record<string, unknown>>): void
  error(message: string, fields: Readonly<Record<string, unknown>>): void
}

export interface UserAgentOptions {
  listen: readonly ListenOptions[]
  /** A timer wheel of its own when left out. */
  clock?: Clock | undefined
  timers?: Partial<TimerValues> | undefined
  transport?: Partial<TransportSettings> | undefined
  /** Transports to use instead of the machine's network. */
  transports?: ((user: TransportUser) => TransportLayer) | undefined
  /** The shortest session interval that is agreed to, in seconds; 90, RFC 4028's own, when left out. */
  minSession?: number | undefined
  /** Public addresses with the local ones to use instead, behind a NAT without hairpinning. */
  aliases?: ReadonlyMap<string, string> | undefined
  /** When a dialog's requests stay on the flow of its messages; when left out, where the peer was called by a connection. */
  reuse?: FlowReuse | undefined
  /** The owners and limits of source addresses; no limits when left out. */
  sources?: SourcePolicy | undefined
  /** The machine's name servers when left out. */
  dns?: Dns | undefined
  log?: EngineLog | undefined
  /** Refuses new calls during an overload, before they are parsed. */
  brake?: OverloadBrake | undefined
  /** User-Agent and Server; none when left out. */
  product?: string | undefined
  /** The supported methods; other known methods get 405, unknown ones 501. */
  methods?: readonly string[] | undefined
  /** Option tags that may be required of us (RFC 3261 8.2.2.3). */
  extensions?: readonly string[] | undefined
  /** Whether the engine or its user writes Allow and Supported, and refuses unsupported extensions. */
  capabilitiesBy?: 'engine' | 'user' | undefined
  /** Whether requests without a To tag, as RFC 2543 peers send, are matched to a dialog; accepted when left out. */
  missingToTag?: 'accepted' | 'refused' | undefined
  /** Whether the engine (with its capabilities) or its user answers OPTIONS outside dialogs. */
  optionsAnsweredBy?: 'engine' | 'user' | undefined
  /** Whether a 2xx that crosses our CANCEL is ended with ACK and BYE, or accepted for the user. */
  afterCancel?: 'end' | 'accept' | undefined
}

/** A request outside any dialog. Binary strings. */
export interface OutOfDialogOptions extends Additions {
  /** Request-URI. */
  uri: string
  /** A name-addr; it gets a tag if it has none. The host `localhost` stands for our own address, which is the default. */
  from?: string | undefined
  /** A name-addr; the Request-URI when left out. */
  to?: string | undefined
  callId?: string | undefined
  cseq?: number | undefined
  maxForwards?: number | undefined
  /** URI of the next hop, when it is not the Request-URI (RFC 3261 8.1.2). No Route is added for it. */
  nextHop?: string | undefined
  /** Says which resolved addresses of the next hop may be used; all when left out. */
  reachable?: ((address: string) => boolean) | undefined
  /** What the sender knows of the addresses of the next hop's name; when left out, those that have failed lately come last. */
  addresses?: NextHopAddresses | undefined
  /** The only address to send to, of those that `targetsOf` gave. */
  address?: Target | undefined
  credentials?: CredentialsFor | undefined
  /** Milliseconds after which a request other than INVITE ends with 408; Timer F when left out (RFC 3261 17.1.2.2). */
  timeoutMs?: number | undefined
}

/** The default methods, with those of the given extensions. */
export function methodsWith(extensions: readonly string[]): readonly string[] {
  return extensions.includes('100rel') ? [...defaultMethods, 'PRACK'] : defaultMethods
}

export const defaultMethods: readonly string[] = 'INVITE ACK BYE CANCEL OPTIONS INFO REFER NOTIFY UPDATE MESSAGE'.split(
  ' ',
)

/** The user of a user agent. */
export interface UserAgentUser {
  /** An INVITE outside any dialog. */
  invite(invite: InitialInvite): void
  /** Any other request outside a dialog; it must be responded to. */
  request(request: ServerRequest): void
  /** Whether a request outside any dialog gets no answer because of its source. */
  ignores?(request: Request, flow: Flow): boolean
  /** A request with a To tag of no known dialog; answered with 481 when this is left out. */
  stray?(request: ServerRequest): void
  /** An ACK of a 2xx for no known dialog. */
  strayAck?(ack: Request): void
}
