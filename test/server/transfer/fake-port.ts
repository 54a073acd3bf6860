/** Fakes of the SIP port on a fake clock: parties that act at random, at any time, within the contract of the port. */
import type { FakeClock } from '../../engine/fake-clock.ts'
import { PartyLeg, type PartyLegOwner } from '../../../server/legs/party-leg.ts'
import { Guard } from '../../../server/guard.ts'
import type {
  SipDialog,
  IncomingRequest,
  InviteEvents,
  SendOptions,
  SipRequest,
  SipResponse,
} from '../../../server/sip/stack.ts'

/** Chance: a number below `n`, the next of a sequence that can be played again. */
export type Chance = (n: number) => number

export function chanceOf(sequence: readonly number[]): Chance {
  let i = 0

  return (n) => (sequence[i++ % sequence.length] ?? 0) % n
}

export const sdp = (port: number) =>
  `v=0\r\no=- ${port} 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio ${port} RTP/AVP 0\r\na=sendrecv\r\n`

/** The port of a session's audio; `held` for one that is inactive. */
export function heardOf(body: string): number | 'held' {
  return body.includes('a=inactive') ? 'held' : Number(/^m=audio (\d+)/m.exec(body)?.[1])
}

export function response(status: number, body = '', local = false, headers: Record<string, string> = {}): SipResponse {
  const header = (name: string): string | undefined => headers[name]

  return {
    ...{ status, reason: `Status ${status}`, local, body, callId: 'fake', header },
    headers: (name) => [header(name) ?? []].flat(),
    entries: (isWanted = () => true) => Object.entries(headers).filter(([name]) => isWanted(name)),
  }
}

export function request(method: string, body = '', headers: Record<string, string> = {}): SipRequest {
  const source = { transport: 'udp', address: '127.0.0.1', port: 5060 } as const

  return { ...response(0, body, false, headers), method, uri: 'sip:baton', source }
}

/** A received request whose response is not looked at. */
export const incoming = (received: SipRequest): IncomingRequest => ({ request: received, respond: () => undefined })

/** A response that comes after so many milliseconds. */
export interface DelayedResponse {
  afterMs: number
  response: SipResponse
}

/** The peer's response to a request. */
type Answer = (method: string, options: SendOptions) => DelayedResponse

/** A dialog with a peer that responds after a while, or whose dialog ends before. */
export class FakeDialog implements SipDialog {
  readonly callId = 'fake'
  readonly localTag = 'local'
  readonly remoteTag = 'remote'
  readonly remoteTarget = 'sip:peer@127.0.0.1'
  ended = false
  readonly silence = 0
  /** Whether Baton has ended the dialog. */
  isReleased = false
  acks = 0
  /** The port that the peer hears: that of the last session that it has accepted. */
  hears: number | 'held'
  readonly #clock: FakeClock
  readonly #answer: Answer
  readonly #waiting = new Set<(response: SipResponse) => void>()
  #isReinviting = false
  #awaitsAnswer = false

  constructor(clock: FakeClock, hears: number | 'held', answer: Answer) {
    this.#clock = clock
    this.hears = hears
    this.#answer = answer
  }

  request(method: string, options: SendOptions = {}): Promise<SipResponse> {
    if (this.ended) return Promise.resolve(response(481, '', true))

    return new Promise((resolve) => {
      const answer = this.#answer(method, options)
      this.#waiting.add(resolve)
      this.#clock.after(answer.afterMs, () => {
        if (!this.#waiting.delete(resolve)) return
        resolve(answer.response)
      })
    })
  }

  async reinvite(options: SendOptions = {}): Promise<SipResponse> {
    if (this.#isReinviting) return response(491, '', true)
    this.#isReinviting = true
    const answer = await this.request('INVITE', options)
    this.#isReinviting = false
    if (answer.status < 300) {
      this.#awaitsAnswer = options.body === undefined
      if (options.body !== undefined) this.hears = heardOf(options.body)
    }

    return answer
  }

  ack({ body }: { body?: string } = {}): void {
    this.acks += 1
    if (this.#awaitsAnswer && body !== undefined) this.hears = heardOf(body)
    this.#awaitsAnswer = false
  }

  bye(options: SendOptions = {}): Promise<SipResponse> {
    if (this.ended) return Promise.resolve(response(481, '', true))
    this.isReleased = true
    const answer = this.request('BYE', options)
    this.end()

    return answer
  }

  /** Pending requests get 481; the response to a BYE still comes. */
  end(): void {
    const bye = this.isReleased ? [...this.#waiting].at(-1) : undefined
    for (const resolve of this.#waiting) {
      if (resolve === bye) continue
      this.#waiting.delete(resolve)
      resolve(response(481, '', true))
    }
    this.ended = true
  }
}

/** An INVITE of Baton's, and the responses to it. */
export class FakeInvite {
  readonly events: InviteEvents
  readonly dialog: FakeDialog
  isOver = false
  isCancelled = false
  readonly #clock: FakeClock

  constructor(clock: FakeClock, events: InviteEvents, responses: readonly DelayedResponse[], dialog: FakeDialog) {
    this.#clock = clock
    this.events = events
    this.dialog = dialog
    for (const { afterMs, response: received } of responses) clock.after(afterMs, () => this.#receive(received))
  }

  /** The 487 comes later; a 2xx that crosses the CANCEL is released by the stack (`OutgoingInvite.cancel`). */
  cancel(afterMs: number): void {
    if (this.isOver || this.isCancelled) return
    this.isCancelled = true
    this.#clock.after(afterMs, () => {
      if (this.isOver) return
      this.isOver = true
      this.events.failed(response(487))
    })
  }

  #receive(received: SipResponse): void {
    if (this.isOver || this.isCancelled) return
    if (received.status === 100) this.events.trying?.()
    else if (received.status < 200) this.events.progress(received)
    else {
      this.isOver = true
      if (received.status < 300) this.events.accepted(received, this.dialog)
      else this.events.failed(received)
    }
  }
}

/** An owner that does nothing; an exception in one of its legs fails the test. */
export const noOwner: PartyLegOwner = {
  guard: new Guard((error) => {
    throw error
  }),
  request: () => undefined,
  reinvite: () => undefined,
  ack: () => undefined,
  ended: () => undefined,
}

/** The leg of a party that is on the call already. */
export function party(role: 'caller' | 'agent', dialog: FakeDialog, remoteSdp: string, localSdp: string): PartyLeg {
  const leg = new PartyLeg(role, `sip:${role}@127.0.0.1`, 'fake', noOwner)
  leg.dialog = dialog
  leg.noteRemoteSdp(remoteSdp)
  leg.describe(localSdp)

  return leg
}
