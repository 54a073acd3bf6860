/** Fakes of the SIP port on a fake clock: parties that do what chance says, at any moment, within what the port promises. */
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

/** A request that came in, and nobody cares how it is answered. */
export const incoming = (received: SipRequest): IncomingRequest => ({ request: received, respond: () => undefined })

/** What somebody answers, and after how many milliseconds. */
type Answer = (method: string, options: SendOptions) => { after: number; response: SipResponse }

/** A dialog with somebody who answers after a while, or whose dialog ends before. */
export class FakeDialog implements SipDialog {
  readonly callId = 'fake'
  readonly localTag = 'local'
  readonly remoteTag = 'remote'
  readonly remoteTarget = 'sip:somebody@127.0.0.1'
  ended = false
  readonly silence = 0
  /** Whether it was we who ended it. */
  isReleased = false
  acks = 0
  /** What the other side hears: the last session that it has accepted. */
  hears: number | 'held'
  readonly #clock: FakeClock
  readonly #answer: Answer
  readonly #waiting = new Set<(response: SipResponse) => void>()
  #isReinviting = false
  #awaitsAnswer = false

  constructor(clock: FakeClock, hears: number, answer: Answer) {
    this.#clock = clock
    this.hears = hears
    this.#answer = answer
  }

  request(method: string, options: SendOptions = {}): Promise<SipResponse> {
    if (this.ended) return Promise.resolve(response(481, '', true))

    return new Promise((resolve) => {
      const answer = this.#answer(method, options)
      this.#waiting.add(resolve)
      this.#clock.after(answer.after, () => {
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

  /** Whatever was waited for in it gets 481; the answer to a BYE still comes. */
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

/** An INVITE of ours to somebody who does what `plays` says; `after` is in milliseconds. */
export class FakeInvite {
  readonly events: InviteEvents
  readonly dialog: FakeDialog
  isOver = false
  isCancelled = false
  readonly #clock: FakeClock

  constructor(
    clock: FakeClock,
    events: InviteEvents,
    plays: readonly { after: number; response: SipResponse }[],
    dialog: FakeDialog,
  ) {
    this.#clock = clock
    this.events = events
    this.dialog = dialog
    for (const { after, response: said } of plays) clock.after(after, () => this.#hear(said))
  }

  /** Its 487 comes later, whoever else says what; a 2xx that crosses it is the stack's to end (`OutgoingInvite.cancel`). */
  cancel(after: number): void {
    if (this.isOver || this.isCancelled) return
    this.isCancelled = true
    this.#clock.after(after, () => {
      if (this.isOver) return
      this.isOver = true
      this.events.failed(response(487))
    })
  }

  #hear(said: SipResponse): void {
    if (this.isOver || this.isCancelled) return
    if (said.status === 100) this.events.trying?.()
    else if (said.status < 200) this.events.progress(said)
    else {
      this.isOver = true
      if (said.status < 300) this.events.accepted(said, this.dialog)
      else this.events.failed(said)
    }
  }
}

/** An owner that does nothing; an exception in a leg of its fails the test. */
export const noOwner: PartyLegOwner = {
  guard: new Guard((error) => {
    throw error
  }),
  request: () => undefined,
  reinvite: () => undefined,
  ack: () => undefined,
  ended: () => undefined,
}

/** A party that is on the call already. */
export function party(role: 'caller' | 'agent', dialog: FakeDialog, says: string, told: string): PartyLeg {
  const leg = new PartyLeg(role, `sip:${role}@127.0.0.1`, 'fake', noOwner)
  leg.dialog = dialog
  leg.noteRemoteSdp(says)
  leg.describe(told)

  return leg
}
