import { ignore, type Timer } from '../../engine/index.ts'
import { isScreened, type HandoffMedia } from '../../routes/index.ts'
import type { EvidenceNote } from '../legs/glare.ts'
import type { PartyLeg } from '../legs/party-leg.ts'
import { serveReinvite, serveRequest } from '../legs/relay.ts'
import { statusLine } from '../legs/status-line.ts'
import type { IncomingReinvite, IncomingRequest } from '../sip/stack.ts'
import type { AttemptContext } from './attempt.ts'
import { handoverMachine, type HandoverAction, type HandoverInput, type HandoverState } from './handover-machine.ts'
import { digitOf, sendInfoDigits } from './info-digits.ts'
import { failed, type TransferOutcome } from './outcome.ts'
import type { PlayedAnnouncement } from './played-media.ts'

/** Digits that are noted as evidence, of a party that presses any. */
const maxNotedDigits = 20

/** What the attempt does for its handover. */
interface HandoverEvents {
  /** The person may have the caller: its media is to be moved. */
  join(): void
  /** The caller is with the person, and the agent may leave. */
  succeeded(): void
  failed(outcome: TransferOutcome): void
}

interface HandoverParts {
  context: Pick<AttemptContext, 'clock' | 'guard' | 'progress'>
  note: EvidenceNote
  announcement: PlayedAnnouncement | undefined
}

/** Whether a handoff has more to do after its destination's answer than to move the caller. */
export function needsHandover(terms: HandoffMedia): boolean {
  return isScreened(terms) || terms.sendDigits !== '' || terms.introduce > 0
}

/** The destination has answered: digits, announcement, acceptance, the move of the caller, and the introduction. */
export class Handover {
  readonly #terms: HandoffMedia
  readonly #leg: PartyLeg
  readonly #parts: HandoverParts
  readonly #events: HandoverEvents
  #state: HandoverState = 'ringing'
  #timer: Timer | undefined
  #notedDigits = 0

  constructor(terms: HandoffMedia, leg: PartyLeg, parts: HandoverParts, events: HandoverEvents) {
    this.#terms = terms
    this.#leg = leg
    this.#parts = parts
    this.#events = events
    leg.isHeldBack = isScreened(terms)
    if (!leg.media) return
    leg.media.onDigit = (from, digit) => {
      if (from === 'party' && this.#isAsked) parts.context.guard.run(() => this.#pressed(digit, 'RFC 4733'))
    }
  }

  /** Serves a digit, or an UPDATE with an offer, of the destination; false for any other request. */
  request(incoming: IncomingRequest): boolean {
    const digit = digitOf(incoming.request)
    if (digit !== undefined) {
      incoming.respond(200)
      this.#pressed(digit, 'SIP INFO')

      return true
    }
    if (incoming.request.method !== 'UPDATE' || this.#isOffering) return false
    serveRequest(this.#leg, this.#leg, incoming, true)

    return true
  }

  /** A destination that waits, or is introduced, may refresh or hold its session; false while Baton offers it one itself. */
  reinvite(invite: IncomingReinvite): boolean {
    if (this.#isOffering) return false
    serveReinvite(this.#leg, this.#leg, invite, true)

    return true
  }

  /** The API accepts or declines the caller in the place of the person; false when the person is not being asked. */
  decide(decision: 'accepted' | 'declined'): boolean {
    if (!this.#isAsked) return false
    this.#parts.note('baton', `${decision} by the API`)
    this.input(decision)

    return true
  }

  get #isAsked(): boolean {
    return this.#state === 'announcing' || this.#state === 'awaiting'
  }

  get #isOffering(): boolean {
    return this.#state === 'joining'
  }

  #pressed(digit: string, how: string): void {
    const { accept } = this.#terms
    const meaning = accept?.digits[digit]
    if (this.#notedDigits++ < maxNotedDigits) {
      this.#parts.note(
        'destination',
        `pressed ${digit} (${how})${meaning === undefined ? ', which has no meaning' : ''}`,
      )
    }
    if (meaning === 'accept') this.input('accepted')
    else if (meaning === 'decline') this.input('declined')
  }

  /**
   * The caller has left, the deadline has passed, or the transfer is stopped. Returns whether the transfer has succeeded all
   * the same, since the caller had reached the person.
   */
  concludes({ result, reason }: TransferOutcome): boolean {
    const hadReached = this.#state === 'introducing'
    if (result === 'abandoned') this.input('callerLeft')
    else this.input(reason === 'deadline' ? 'deadline' : 'stopped')

    return hadReached && (result === 'abandoned' || reason === 'deadline')
  }

  input(input: HandoverInput): void {
    const transition = handoverMachine[this.#state][input]
    if (transition === ignore) return
    this.#timer?.cancel()
    this.#timer = undefined
    this.#state = transition.state
    for (const action of transition.actions) this.#act(action)
  }

  #act(action: HandoverAction): void {
    const { note } = this.#parts
    switch (action) {
      case 'dial':
        this.#dial()
        break
      case 'announce':
        this.#announce()
        break
      case 'ask':
        this.#ask()
        break
      case 'endAnnouncement':
        this.#parts.context.guard.run(() => this.#leg.media?.stop('party'))
        break
      case 'join':
        this.#leg.isHeldBack = false
        this.#events.join()
        break
      case 'introduce':
        this.#introduce()
        break
      case 'decline':
        this.#events.failed(failed('declined_by_person'))
        break
      case 'refuse':
        note('baton', `no digit accepted the caller for ${this.#terms.accept?.timeout ?? 0} s`)
        this.#events.failed(failed('no_accept'))
        break
      case 'succeed':
        this.#events.succeeded()
    }
  }

  #dial(): void {
    const { sendDigits } = this.#terms
    const { note } = this.#parts
    const { clock, guard } = this.#parts.context
    if (sendDigits === '') {
      this.input('dialled')

      return
    }
    note('baton', `sends the digits ${sendDigits} by SIP INFO`)
    guard.run(async () => {
      const refusal = await sendInfoDigits(this.#leg, sendDigits, clock, () => this.#state === 'dialling')
      if (refusal) note(refusal.local ? 'baton' : 'destination', `${statusLine(refusal)} to the INFO`)
      this.input('dialled')
    })
  }

  #announce(): void {
    const { announcement, context } = this.#parts
    if (announcement) context.guard.run(() => this.#play(announcement))
    else this.input('announced')
  }

  async #play(announcement: PlayedAnnouncement): Promise<void> {
    const { note, context } = this.#parts
    const played = await announcement.play(this.#leg)
    if (this.#state !== 'announcing') return
    if (played.problem !== undefined) {
      note('baton', `no announcement: ${played.problem}`)
      this.input('announced')

      return
    }
    note('baton', `plays ${announcement.name} to the person: ${played.value / 1000} s`)
    this.#timer = context.clock.after(played.value, () => {
      this.#act('endAnnouncement')
      this.input('announced')
    })
  }

  #ask(): void {
    const { accept } = this.#terms
    if (!accept) {
      this.input('assumed')

      return
    }
    const meanings = Object.entries(accept.digits).map(([digit, meaning]) => `${digit} ${meaning}s`)
    const otherwise = accept.isRequired ? '' : '; no digit accepts, too'
    this.#parts.note('baton', `waits ${accept.timeout} s for a digit: ${meanings.join(', ')}${otherwise}`)
    this.#parts.context.progress(183, 'Waiting For Acceptance')
    this.#timer = this.#parts.context.clock.after(accept.timeout * 1000, () => {
      if (!accept.isRequired) this.#parts.note('baton', `no digit for ${accept.timeout} s, and none is required`)
      this.input(accept.isRequired ? 'unaccepted' : 'assumed')
    })
  }

  #introduce(): void {
    const { introduce } = this.#terms
    if (introduce === 0) {
      this.input('introduced')

      return
    }
    this.#parts.note('baton', `the agent stays for ${introduce} s`)
    this.#timer = this.#parts.context.clock.after(introduce * 1000, () => {
      this.input('introduced')
    })
  }
}
