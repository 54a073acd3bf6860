import type { Clock } from '../clock/index.ts'
import type { Additions, FlowReuse, InitialInvite, ServerRequest } from '../dialog/index.ts'
import type { CredentialsFor } from '../digest/index.ts'
import type { Flow } from '../flow/index.ts'
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

/** Where the engine tells what only its operator can act on. */
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
  /** What messages are sent and taken by in the place of the machine's network. */
  transports?: ((user: TransportUser) => TransportLayer) | undefined
  /** The shortest session interval that is agreed to, in seconds; 90, RFC 4028's own, when left out. */
  minSession?: number | undefined
  /** Addresses that are reached at another one: those of a NAT that does not turn packets round. */
  aliases?: ReadonlyMap<string, string> | undefined
  /** When requests stay on the flow that a dialog's messages come by; where a peer was called by a connection when left out. */
  reuse?: FlowReuse | undefined
  /** What is known of the addresses that messages come from, and what each may ask of us; without it none is bounded. */
  sources?: SourcePolicy | undefined
  /** The machine's name servers when left out. */
  dns?: Dns | undefined
  log?: EngineLog | undefined
  /** Refuses new calls that there is no room for, before they are parsed. */
  brake?: OverloadBrake | undefined
  /** User-Agent and Server; none when left out. */
  product?: string | undefined
  /** What we take; the others get 405, unknown ones 501. */
  methods?: readonly string[] | undefined
  /** Option tags that may be required of us (RFC 3261 8.2.2.3). */
  extensions?: readonly string[] | undefined
  /** Who tells peers what we take (Allow, Supported) and refuses what is required of us and is not: the engine, or its user. */
  capabilitiesBy?: 'engine' | 'user' | undefined
  /** Whether requests without a To tag, as RFC 2543 peers send, find the dialog that they continue; accepted when left out. */
  missingToTag?: 'accepted' | 'refused' | undefined
  /** Who answers OPTIONS outside dialogs: the engine, with what we are able to do, or its user. */
  optionsAnsweredBy?: 'engine' | 'user' | undefined
  /** What becomes of a 2xx that crosses our CANCEL: ACKed and BYEd here, or handed to the user. */
  afterCancel?: 'end' | 'accept' | undefined
}

/** A request outside any dialog. Binary strings. */
export interface OutOfDialogOptions extends Additions {
  /** Request-URI. */
  uri: string
  /** A name-addr; a tag is made up unless it has one. The host `localhost` stands for our own address, which is the default. */
  from?: string | undefined
  /** A name-addr; the Request-URI when left out. */
  to?: string | undefined
  callId?: string | undefined
  cseq?: number | undefined
  maxForwards?: number | undefined
  /** URI of the next hop, when it is not the Request-URI (RFC 3261 8.1.2). No Route is added for it. */
  nextHop?: string | undefined
  /** Which of the next hop's addresses may be sent to, once its name is resolved; all when left out. */
  reachable?: ((address: string) => boolean) | undefined
  credentials?: CredentialsFor | undefined
}

/** What we take when nothing else is said: what these extensions bring with them is in it. */
export function methodsWith(extensions: readonly string[]): readonly string[] {
  return extensions.includes('100rel') ? [...defaultMethods, 'PRACK'] : defaultMethods
}

export const defaultMethods: readonly string[] = 'INVITE ACK BYE CANCEL OPTIONS INFO REFER NOTIFY UPDATE MESSAGE'.split(
  ' ',
)

/** Whom the user agent serves. */
export interface UserAgentUser {
  /** An INVITE outside any dialog. */
  invite(invite: InitialInvite): void
  /** Any other request outside a dialog; it must be responded to. */
  request(request: ServerRequest): void
  /** Whether a request outside any dialog, such as an INVITE, gets no answer, because of who sent it. */
  ignores?(request: Request, flow: Flow): boolean
  /** A request with a To tag that no dialog of ours has; answered with 481 when this is left out. */
  stray?(request: ServerRequest): void
  /** An ACK of a 2xx that no dialog of ours has. */
  strayAck?(ack: Request): void
}
