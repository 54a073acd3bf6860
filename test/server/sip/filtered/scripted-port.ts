/** A SIP port and a session filter that do what a test says, one step at a time. */
import { setImmediate } from 'node:timers/promises'

import type { KeptDialog, KeptInvite } from '../../../../engine/index.ts'
import type {
  DialogEvents,
  FilteredSession,
  IncomingReinvite,
  InviteEvents,
  InviteOptions,
  OutgoingInvite,
  SendOptions,
  SessionFilter,
  SipDialog,
  SipRequest,
  SipResponse,
} from '../../../../server/sip/stack.ts'
import { request, response } from '../../transfer/fake-port.ts'

const typed = { 'Content-Type': 'application/sdp' }

export const answered = (status: number, session: string): SipResponse => response(status, session, false, typed)

export const offering = (method: string, session: string): SipRequest => request(method, session, typed)

/** One turn of the event loop: all that was resolved has gone on. */
export const settled = (): Promise<void> => setImmediate()

/** Gives `v=A by filter` for the session `v=A`: at once, or when the test releases it. */
export class ScriptedFilter implements SessionFilter {
  readonly asked: string[] = []
  isSlow = false
  isRefusing = false
  begins = 0
  ends = 0
  readonly #held: HeldSession[] = []

  toPeer(role: 'offer' | 'answer', sdp: string): FilteredSession {
    return this.#filter(`to peer: ${role} ${sdp}`, sdp)
  }

  fromPeer(role: 'offer' | 'answer', sdp: string): FilteredSession {
    return this.#filter(`from peer: ${role} ${sdp}`, sdp)
  }

  begun(): void {
    this.begins += 1
  }

  ended(): void {
    this.ends += 1
  }

  /** Gives the session that was asked for first. */
  release(): Promise<void> {
    this.#take().resolve()

    return settled()
  }

  fail(error: Error): Promise<void> {
    this.#take().reject(error)

    return settled()
  }

  #take(): HeldSession {
    const first = this.#held.shift()
    if (!first) throw new Error('the filter holds no session')

    return first
  }

  #filter(asked: string, sdp: string): FilteredSession {
    this.asked.push(asked)
    const filtered = this.isRefusing ? undefined : `${sdp} by filter`
    if (!this.isSlow) return filtered

    return new Promise((resolve, reject) => {
      const give = (): void => {
        resolve(filtered)
      }
      this.#held.push({ resolve: give, reject })
    })
  }
}

interface HeldSession {
  resolve(): void
  reject(error: Error): void
}

/** Writes down what is sent, and answers as the test says. */
export class ScriptedDialog implements SipDialog {
  readonly callId = 'call'
  readonly localTag = 'local'
  readonly remoteTag = 'remote'
  readonly remoteTarget = 'sip:peer@127.0.0.1'
  readonly silence = 7
  readonly kept = {} as KeptDialog
  readonly sent: string[] = []
  ended = false
  answer: SipResponse = response(200)

  request(method: string, options?: SendOptions): Promise<SipResponse> {
    return this.#send(method, options)
  }

  reinvite(options?: SendOptions): Promise<SipResponse> {
    return this.#send('INVITE', options)
  }

  ack(options?: SendOptions): void {
    void this.#send('ACK', options)
  }

  bye(options?: SendOptions): Promise<SipResponse> {
    this.ended = true

    return this.#send('BYE', options)
  }

  keep(): KeptDialog {
    return this.kept
  }

  #send(method: string, { body = '' }: SendOptions = {}): Promise<SipResponse> {
    this.sent.push(line(method, body))

    return Promise.resolve(this.answer)
  }
}

/** A stack with one INVITE, whose events the test calls. */
export class ScriptedStack {
  readonly addresses = [{ transport: 'udp', address: '127.0.0.1', port: 5060 }] as const
  readonly reportsTrying = true
  readonly sent: string[] = []
  readonly keptInvite = {} as KeptInvite
  options: InviteOptions | undefined
  #events: InviteEvents | undefined

  get events(): InviteEvents {
    if (!this.#events) throw new Error('no INVITE was sent')

    return this.#events
  }

  invite(_uri: string, options: InviteOptions, events: InviteEvents): OutgoingInvite {
    this.#events = events
    this.options = options
    this.sent.push(line('INVITE', options.body ?? ''))

    return {
      callId: options.callId ?? '',
      cancel: () => this.sent.push('CANCEL'),
      keep: () => this.keptInvite,
      noteUnresponsive: () => true,
    }
  }
}

/** The owner of an INVITE: writes down what comes, and keeps it. */
export class Owner implements InviteEvents {
  readonly told: string[] = []
  readonly responses: SipResponse[] = []
  readonly requests: SipRequest[] = []
  dialogOfInvite: SipDialog | undefined
  /** What the owner responds to a re-INVITE or another request. */
  respond: Parameters<IncomingReinvite['respond']> = [200]
  wasCancelled = false

  readonly dialog: DialogEvents = {
    request: (incoming) => {
      this.#request(incoming.request)
      incoming.respond(this.respond[0], this.respond[1])
    },
    reinvite: (invite) => {
      invite.onCancel = () => (this.wasCancelled = true)
      this.#request(invite.request)
      invite.respond(...this.respond)
    },
    ack: (ack) => {
      this.#request(ack)
    },
    byeHeadersFor: (reason) => [['Reason', reason]],
    ended: ({ by }) => this.told.push(`ended by ${by}`),
  }

  trying(): void {
    this.told.push('trying')
  }

  progress(received: SipResponse): void {
    this.#response(received)
  }

  accepted(received: SipResponse, dialog: SipDialog): void {
    this.#response(received)
    this.dialogOfInvite = dialog
  }

  retried(received: SipResponse): void {
    this.told.push(`retried ${received.status}`)
  }

  failed(received: SipResponse): void {
    this.told.push(`failed ${line(String(received.status), received.local ? received.reason : received.body)}`)
  }

  #response(received: SipResponse): void {
    this.responses.push(received)
    this.told.push(line(String(received.status), received.body))
  }

  #request(received: SipRequest): void {
    this.requests.push(received)
    this.told.push(line(received.method, received.body))
  }
}

/** A request of the peer's, and what it was answered with. */
export class PeerRequest implements IncomingReinvite {
  request: SipRequest
  onCancel = (): void => undefined
  readonly answers: string[] = []
  onAck: ((ack: SipRequest) => void) | undefined

  constructor(received: SipRequest) {
    this.request = received
  }

  respond(status: number, { body = '' }: SendOptions = {}, onAck?: (ack: SipRequest) => void): void {
    this.answers.push(line(String(status), body))
    this.onAck = onAck
  }
}

const line = (what: string, body: string): string => (body === '' ? what : `${what} ${body}`)
