/**
 * The SIP port, through which the server sends and receives SIP. Two adapters implement it and pass the same tests:
 * `embedded/` (our engine, in this process) and `drachtio/` (drachtio-srf on a drachtio server).
 *
 * Header values are text (UTF-8 decoded). Bodies are binary strings, one character a byte, passed through untouched.
 * Nothing here throws or rejects because of what a peer does: time-outs and transport errors are responses that the
 * stack made itself (`local: true`), as RFC 3261 8.1.3.1 says.
 */

import type { CredentialsFor, KeptDialog, KeptInvite, NextHopAddresses, Target, Transport } from '../../engine/index.ts'
import type { EngineStats } from '../../metrics/index.ts'

/** An IP address (IPv6 without brackets) and port on a transport. */
export interface SipAddress {
  transport: Transport
  address: string
  port: number
}

interface ReceivedMessage {
  readonly callId: string
  /** The body, one character a byte; '' without one. */
  readonly body: string
  /** The first value of a header, whatever its case or compact form. */
  header(name: string): string | undefined
  /** All values of a header, one for each line, in order. */
  headers(name: string): readonly string[]
  /** Every header line in order, names in canonical form; with `isWanted`, those of the names that it takes. */
  entries(isWanted?: (name: string) => boolean): readonly SipHeader[]
  /** Malformed header lines that were ignored (RFC 3261 8.2.2), with the reason. */
  readonly passedOver?: readonly string[]
}

export interface SipRequest extends ReceivedMessage {
  readonly method: string
  readonly uri: string
  readonly source: SipAddress
  /** The request's bytes, one character a byte; undefined where only a drachtio server has them. */
  readonly bytes?: string | undefined
}

export interface SipResponse extends ReceivedMessage {
  readonly status: number
  readonly reason: string
  /** Made by our own stack: 408 (nothing came in time), 503 (transport error), 487/481 (the dialog ended first). */
  readonly local: boolean
}

/** One header line: its name and its value. */
export type SipHeader = readonly [name: string, value: string]

/**
 * Headers to send, one for each line, in order. The stack owns Via, From/To tags, Call-ID, CSeq, Contact, Max-Forwards,
 * Route and Content-Length.
 */
export type HeadersToSend = readonly SipHeader[]

export interface SendOptions {
  headers?: HeadersToSend | undefined
  /** A body; its type is `application/sdp` unless the headers say otherwise. */
  body?: string | undefined
  /** Reason phrase of a response. */
  reason?: string | undefined
}

export interface DialogOptions extends SendOptions {
  /** Answers the challenges to this INVITE, and to every request of ours in its dialog; nonces and their counts are kept. */
  credentials?: CredentialsFor | undefined
}

/**
 * Rewrites the session descriptions of an INVITE and its dialog on their way. A description that cannot be passed on is
 * undefined: the request that has it fails with a local 503, or is refused with 500.
 */
export interface SessionFilter {
  toPeer(role: 'offer' | 'answer', sdp: string): FilteredSession
  fromPeer(role: 'offer' | 'answer', sdp: string): FilteredSession
  /** An INVITE with this filter is sent; the same call may have several, one after the other. */
  begun(): void
  /** An INVITE with this filter has failed, or its dialog is over: no further description is filtered for it. */
  ended(): void
}

export type FilteredSession = string | undefined | Promise<string | undefined>

export interface InviteOptions extends DialogOptions {
  /** Heeded by a stack that filters (`filteringStack`) alone. */
  filter?: SessionFilter | undefined
  /** From: a name-addr without tag, e.g. `"Ann" <sip:+14155550123@host>`. Host `localhost` stands for our own address. */
  from?: string | undefined
  /** To: a name-addr without tag; the Request-URI when left out. */
  to?: string | undefined
  /** Call-ID; made up when left out. */
  callId?: string | undefined
  /** How many hops the request may take (RFC 3261 8.1.1.6); 70 when left out. */
  maxForwards?: number | undefined
  /** Next hop, when it is not the Request-URI (RFC 3261 8.1.2), e.g. a trunk's gateway for a tel: URI. */
  nextHop?: string | undefined
  /** Says which of the addresses that the next hop's name has may be sent to; all when left out. With none, it fails with a local 503. */
  reachable?: ((address: string) => boolean) | undefined
  /** What is known of the addresses of the next hop's name; when left out, those that have failed lately come last. */
  addresses?: NextHopAddresses | undefined
}

export interface RequestOptions extends InviteOptions {
  /** Milliseconds after which the request ends with a local 408; Timer F when left out (RFC 3261 17.1.2.2). */
  timeoutMs?: number | undefined
  /** The only address to send to, of those that `resolve` gave. */
  address?: Target | undefined
}

export interface InviteEvents {
  /** 100: the next hop has the INVITE. Called by a stack that `reportsTrying`. */
  trying?(): void
  /** A provisional response, 101 to 199. */
  progress(response: SipResponse): void
  /** A 2xx; the owner sends its ACK with `dialog.ack()`. */
  accepted(response: SipResponse, dialog: SipDialog): void
  /** A challenge or a 422 (RFC 4028 7.3) that the stack answers by sending the INVITE again. */
  retried?(response: SipResponse): void
  /** 3xx to 6xx, from the peer or made by the stack. */
  failed(response: SipResponse): void
  /** Events of the dialog, once accepted. */
  dialog: DialogEvents
}

export interface OutgoingInvite {
  readonly callId: string
  /**
   * Sends CANCEL as soon as RFC 3261 9.1 allows it. `failed` follows, with the peer's 487 or a local one. A 2xx
   * that crosses the CANCEL is ACKed and BYEd by the stack and is reported as a local 487.
   */
  cancel(options?: SendOptions): void
  /** The INVITE as the next process can end it; undefined where a drachtio server has it, and before it was sent. */
  keep?(): KeptInvite | undefined
  /**
   * No response has come in time: later INVITEs prefer other addresses of the next hop's name (RFC 3263 4.3). Returns whether
   * the name has another one, which is undefined where a drachtio server looks it up.
   */
  noteUnresponsive?(): boolean
}

export interface IncomingInvite {
  /** The INVITE. Its user may put a view in its place, without the headers that its source may not set. */
  request: SipRequest
  /** To be set while `SipUser.invite` runs. The peer has sent CANCEL, or its transport is gone; 487 has been sent. */
  onCancel: (cancel?: SipRequest) => void
  /**
   * To be set there, too. A reliable provisional response was never acknowledged; 504 has been sent (RFC 3262 3). A drachtio
   * server reports that as a CANCEL.
   */
  onUnacknowledged: () => void
  /** Send 101 to 199. */
  progress(status: number, options?: SendOptions): void
  /** Send 200. Ignored once cancelled (the dialog is then an ended one). */
  accept(options: DialogOptions, events: DialogEvents): SipDialog
  /** Send 300 to 699. Ignored once cancelled. */
  reject(status: number, options?: SendOptions): void
  /** The ACK of the 200 has come: no response follows, and of the INVITE only its text is kept. */
  settle?(): void
}

/** A request that waits for its final response: in a dialog, or outside one. */
export interface IncomingRequest {
  readonly request: SipRequest
  respond(status: number, options?: SendOptions): void
}

export interface IncomingReinvite extends IncomingRequest {
  /** `onAck` gets the ACK of a 2xx: it carries the answer when our 2xx made the offer (RFC 3261 14.2). */
  respond(status: number, options?: SendOptions, onAck?: (ack: SipRequest) => void): void
  /** Set it while `DialogEvents.reinvite` runs. */
  onCancel: () => void
}

/** Why the stack ended a dialog by itself. */
export type SipEndReason =
  'ack_timeout' | 'session_expired' | 'keepalive_timeout' | 'connection_lost' | 'refused' | 'lost_in_restart'

export type SipDialogEnd = { by: 'peer'; request: SipRequest } | { by: 'stack'; reason: SipEndReason }

export interface DialogEvents {
  /** A request other than INVITE, ACK, BYE, PRACK, OPTIONS and CANCEL. It must be responded to. */
  request(request: IncomingRequest): void
  reinvite(invite: IncomingReinvite): void
  /** The ACK of our 2xx to the initial INVITE; its body is the answer to a late offer. */
  ack?(ack: SipRequest): void
  /** Headers of the BYE that the embedded stack sends by itself; a drachtio server puts its own Reason there. */
  byeHeadersFor?(reason: SipEndReason): HeadersToSend
  /** Once, when the peer's BYE came (it has been answered), or when the stack gave up. Not for our own BYE. */
  ended(end: SipDialogEnd): void
}

/** A confirmed INVITE dialog (RFC 3261 12). */
export interface SipDialog {
  readonly callId: string
  readonly localTag: string
  readonly remoteTag: string
  /** The peer's Contact, as last refreshed. */
  readonly remoteTarget: string
  readonly ended: boolean
  /** Milliseconds since anything came from the peer in this dialog. */
  readonly silence: number
  /**
   * Resolves with the final response to a request other than INVITE, ACK or BYE; with a local 481 when the dialog ends
   * first, unless it is a REFER and the peer's BYE that ends it (RFC 5057 4.1).
   */
  request(method: string, options?: SendOptions): Promise<SipResponse>
  /** A re-INVITE. Resolves with its final response; a 2xx must be followed by `ack`. One at a time: 491 (local) otherwise. */
  reinvite(options?: SendOptions): Promise<SipResponse>
  /** The ACK of the last 2xx to our INVITE; with a body when that 2xx made the offer. */
  ack(options?: SendOptions): void
  /** Ends the dialog at once; resolves with the final response to the BYE. A second call resolves with a local 481. */
  bye(options?: SendOptions): Promise<SipResponse>
  /** The dialog as the next process can take it up; undefined where a drachtio server has it. */
  keep?(): KeptDialog | undefined
}

/** Takes up what the process before has kept. */
export interface DialogRestorer {
  /** A caller's INVITE, which has been answered. Undefined when its bytes are no request. */
  request(bytes: string, source: SipAddress): SipRequest | undefined
  /** Serves an INVITE of the process before once more, as if it had just come. */
  repeat(bytes: string, source: SipAddress): void
  /** Goes on with an INVITE that has had no final response. Undefined when its bytes are no request. */
  invite(kept: KeptInvite, events: InviteEvents): OutgoingInvite | undefined
  dialog(kept: KeptDialog, options: Pick<DialogOptions, 'credentials'>, events: DialogEvents): SipDialog
}

/** One SIP message as it was on the wire. */
export interface MessageRecord {
  /** Milliseconds since the epoch. */
  at: number
  direction: 'in' | 'out'
  transport: Transport
  /** `address:port`, IPv6 in brackets. */
  readonly local: string
  readonly remote: string
  callId: string
  /** The method of a request, or of the CSeq of a response. */
  method: string
  /** The status of a response; undefined for a request. */
  status: number | undefined
  /** The message's bytes, one character a byte. */
  readonly text: string
}

/** The tags of a message's From and To. Read when they are asked for. */
export interface MessageTags {
  readonly fromTag?: string | undefined
  readonly toTag?: string | undefined
}

/** The user of a stack. Every method is called once for each event; none may throw. */
export interface SipUser {
  /** All listeners are open, and no message has been handled yet: dialogs of the process before are taken up now. */
  opened?(): void
  /** An INVITE outside any dialog. */
  invite(invite: IncomingInvite): void
  /** Any other request outside a dialog that the stack does not answer itself. */
  request(request: IncomingRequest): void
  /** Whether a request outside any dialog gets no answer, because of its source. Called before the request is acted on. */
  ignores?(request: SipRequest): boolean
  /**
   * Every message received or sent, retransmissions included, before it is acted on.
   * @param tags are undefined for a message that could not be parsed
   */
  message(record: MessageRecord, tags?: MessageTags): void
  /** The drachtio server was lost (false) or is back (true). Never called by the embedded stack. */
  connected(up: boolean): void
}

/** Counts of all that is alive in the stack; all zero when nothing is left. */
export interface StackState {
  transactions: number
  dialogs: number
  timers: number
}

export interface SipStack {
  readonly kind: 'embedded' | 'drachtio'
  /** The addresses at which we can be reached: our listeners, with external addresses and real ports. Filled by `start`. */
  readonly addresses: readonly SipAddress[]
  /** Rejects, naming the listener or the server, when it cannot start. */
  start(user: SipUser): Promise<void>
  /** Send an INVITE outside any dialog. Its events come after this has returned. */
  invite(uri: string, options: InviteOptions, events: InviteEvents): OutgoingInvite
  /** Send another request outside any dialog, such as OPTIONS. */
  request(method: string, uri: string, options?: RequestOptions): Promise<SipResponse>
  /** The addresses of a next hop, the best first (RFC 3263 4); none where a server looks them up. Never rejects. */
  resolve(uri: string): Promise<readonly Target[]>
  /** When the certificate that a peer has shown expires, in seconds since 1970. A drachtio server does not tell. */
  peerExpiry?(at: Target): number | undefined
  state(): StackState
  /** OPTIONS get 503 from now on: a load balancer's probe fails. */
  drain(): void
  /** Whether the stack calls `SipUser.ignores`: a drachtio server has answered 100 by itself. */
  readonly canIgnore?: boolean
  /** Whether the stack calls `InviteEvents.trying`: drachtio-server does not report 100. */
  readonly reportsTrying: boolean
  /** Why no calls can be taken now; undefined while they can. */
  readonly problem?: string | undefined
  /** A drachtio server's dialogs are its own, and end with the connection to it. */
  readonly restorer?: DialogRestorer | undefined
  /** The counts of the embedded engine; a drachtio server has its own metrics. */
  engineStats?: () => EngineStats
  /** Reads certificates and keys again. Rejects, naming the file, when one is not right; the old ones stay then. */
  reload?(): Promise<void>
  /** Closes listeners and connections and leaves dialogs as they are, for the next process. No message is read once it has returned. */
  disconnect?(): Promise<void>
  /** Idempotent. Closes listeners and connections and cancels every timer. */
  close(): Promise<void>
}
