import type { Clock, KeptInvite, Timer } from '../../engine/index.ts'
import type { CallStack, Guard } from '../guard.ts'
import type { InviteOptions, OutgoingInvite, SendOptions, SipResponse } from '../sip/stack.ts'
import { PromptInvite, ProvisionalLimiter } from '../sip/invite-limits.ts'
import { anchorOf, type AnchorFacts } from '../media/anchor.ts'
import { lacksSrtp, sessionsOfSetup, type OfferedSession } from '../media/offered-sessions.ts'
import { answerProblem } from '../media/session-answer.ts'
import { maybeRefusesSrtp } from '../media/srtp.ts'
import { sessionOf } from '../sip/body-part.ts'
import { statusLine } from '../legs/status-line.ts'
import { RoomSearch, type LimitNeed, type RoomBook } from '../limits/index.ts'
import { reasonOfResponse, type TransferReason } from '../transfer/outcome.ts'
import type { TargetHealth } from '../targets/index.ts'
import type { Redirects } from '../transfer/redirects.ts'
import { OpenChoices } from '../legs/open-choices.ts'
import type { PartyLeg } from '../legs/party-leg.ts'

type Encryption = Parameters<typeof lacksSrtp>[0]

/** An agent or destination that may be called for the caller. */
export interface Candidate {
  uri: string
  /** The INVITE without its Request-URI, Call-ID and body. */
  invite: InviteOptions
  /** Seconds in which the candidate must answer. */
  timeout: number
  /** Seconds in which the candidate must send any response, 100 included; 0: no limit. */
  progressTimeout: number
  /** The handoff of a destination; undefined for an agent. */
  handoff?: string
  /** Of a destination: how its media is protected. */
  encryption?: Encryption
  /** Decides which redirects of the candidate are followed. */
  redirects: Redirects
  /** The room that a call to it needs; empty where there is no limit. */
  needs: readonly LimitNeed[]
}

export interface HuntOptions {
  stack: CallStack
  clock: Clock
  /** In the order in which they are tried. */
  candidates: readonly Candidate[]
  /** The caller's session; '' asks for an offer. */
  offer: string
  /** The address that the caller's INVITE came from. */
  source: string
  /** Whether MEDIA names a media server. */
  isAnchorable: boolean
  /** Why a candidate's leg is anchored on a media server, beside its address and the caller's session. */
  anchorReasons: (candidate: Candidate) => Pick<AnchorFacts, 'hasHoldMusic' | 'isRecorded'>
  /** The multipart body that has this session as a part, with its type. */
  wrapped?: SendOptions | undefined
  newLeg: (candidate: Candidate) => PartyLeg
  /** Without it, every candidate is called. */
  targets: TargetHealth | undefined
  /** Whether candidates that are down are called all the same when no other is left. */
  isLastChoice: boolean
  /** Whether the next candidate is called after this final response. */
  anotherMayAnswer: (status: number) => boolean
  /** Counts calls against the limits of targets, trunks, handoffs and projects; undefined for a rehearsal. */
  limits: RoomBook | undefined
  guard: Guard
}

export interface HuntEvents {
  progress(response: SipResponse): void
  answered(response: SipResponse, leg: PartyLeg): void
  /** A candidate has refused the call for all candidates. */
  refused(response: SipResponse): void
  /** A candidate's 200 has no session for the caller: its leg is to be released. */
  unusable(leg: PartyLeg): void
  /** A candidate has not taken the call; `what` is its response, or says that none came. */
  failed(candidate: Candidate, what: string, reason: TransferReason): void
  /** A candidate is not called, since its target is down or taken out. */
  passedOver(candidate: Candidate, why: string): void
  /** No candidate has room, and the caller waits for it. */
  queued: () => void
  /** No candidate is left. */
  exhausted: () => void
}

/** Calls candidates one after the other until one answers. Ends once: `answered`, `refused`, `exhausted`, or `cancel`. */
export class Hunt {
  readonly #options: HuntOptions
  readonly #events: HuntEvents
  readonly #choices: OpenChoices<Candidate>
  /** Undefined where no candidate has a limit. */
  readonly #room: RoomSearch<Candidate> | undefined
  /** The sessions that the present candidate is offered when it refuses the one before. */
  #offers: OfferedSession[] = []
  #leg: PartyLeg | undefined
  #candidate: Candidate | undefined
  #invite: OutgoingInvite | undefined
  #timer: Timer | undefined
  #over = false

  constructor(options: HuntOptions, events: HuntEvents) {
    this.#options = options
    this.#events = events
    const { candidates, limits, guard, targets, isLastChoice } = options
    const isLimited = candidates.some(({ needs }) => needs.length > 0)
    this.#room = limits && isLimited ? new RoomSearch(limits, guard, ({ needs }) => needs) : undefined
    this.#choices = new OpenChoices(
      { choices: candidates, uriOf: ({ uri }) => uri, targets, room: this.#room, mayCallDown: () => isLastChoice },
      {
        passedOver: (candidate, why) => {
          events.passedOver(candidate, why)
        },
        full: (candidate, what) => {
          events.failed(candidate, what, 'overflow')
        },
      },
    )
  }

  start(): void {
    this.#tryNext()
  }

  /** The candidate that is being called; undefined once the hunt has ended. */
  get calling(): Candidate | undefined {
    return this.#over || !this.#invite ? undefined : this.#candidate
  }

  /** The INVITE to the candidate that is being called, as the next process can end it. */
  keep(): KeptInvite | undefined {
    return this.#over ? undefined : this.#invite?.keep?.()
  }

  /** Cancels the INVITE to the candidate that is being called, with the caller's reason. */
  cancel(options?: SendOptions): void {
    this.#end()
    this.#leg?.targetCall?.end()
    this.#invite?.cancel(options)
  }

  #tryNext(): void {
    const candidate = this.#choices.next()
    if (candidate) this.#callCandidate(candidate)
    else if (!this.#waitForRoom() && this.#end()) this.#events.exhausted()
  }

  #waitForRoom(): boolean {
    return (
      this.#room?.waitForAny({
        queued: this.#events.queued,
        granted: (candidate) => {
          this.#callCandidate(candidate)
        },
        overflow: () => {
          if (this.#end()) this.#events.exhausted()
        },
      }) ?? false
    )
  }

  #callCandidate(candidate: Candidate): void {
    const { offer: session, source, isAnchorable, anchorReasons } = this.#options
    const anchor = isAnchorable
      ? anchorOf({ target: candidate.uri, session, source, ...anchorReasons(candidate) })
      : undefined
    const { encryption } = candidate
    const [first, ...others] = sessionsOfSetup({ session, isAnchorable, anchor }, encryption)
    this.#offers = others
    if (first) {
      this.#offer(candidate, first)

      return
    }
    this.#events.failed(candidate, 'the caller’s session is not SRTP, and the handoff requires it', 'not_encrypted')
    this.#tryNext()
  }

  #offer(candidate: Candidate, { sdp: offer, anchor }: OfferedSession): void {
    const { stack, clock, wrapped, newLeg, targets } = this.#options
    const leg = newLeg(candidate)
    const { encryption } = candidate
    const isOpen = (session: string): boolean => lacksSrtp(encryption, leg.media?.peerSdp ?? session)
    leg.isSrtpOnly = encryption === 'required'
    if (anchor) leg.media?.anchorFor(anchor)
    leg.targetCall = targets?.begin(candidate.uri)
    this.#leg = leg
    this.#candidate = candidate
    const isCurrent = (): boolean => !this.#over && leg === this.#leg
    candidate.redirects.noteCalled(candidate.uri)
    const template = candidate.redirects.inviteTo(candidate.uri)
    const { from, to, headers, credentials, nextHop, maxForwards, reachable } = template
    const { body } = leg.describe(offer)
    const { callId } = leg
    const addresses = leg.targetCall?.addresses
    const invite: InviteOptions = {
      from,
      to,
      headers,
      credentials,
      nextHop,
      maxForwards,
      reachable,
      addresses,
      body,
      callId,
      filter: leg.media,
    }
    if (wrapped) Object.assign(invite, wrapped, { headers: [...(headers ?? []), ...(wrapped.headers ?? [])] })
    const provisionals = new ProvisionalLimiter(clock)
    const parts = { stack, clock, progressTimeout: candidate.progressTimeout }
    const prompt = new PromptInvite(parts, candidate.uri, invite, {
      dialog: leg,
      progress: (response) => {
        if (!isCurrent() || !provisionals.admits(response)) return
        leg.targetCall?.heard(response)
        const session = sessionOf(response)
        // Early media without the SRTP that the handoff requires is held back.
        if (session !== '' && isOpen(session)) return
        leg.noteRemoteSdp(session)
        this.#events.progress(response)
      },
      accepted: (response, dialog) => {
        leg.dialog = dialog
        leg.targetCall?.responded(response, true)
        if (leg === this.#leg) this.#invite = undefined
        leg.noteRemoteSdp(sessionOf(response))
        if (!isCurrent()) return
        this.#room?.keepBy(leg)
        const problem = answerProblem(offer, leg.remoteSdp)
        if (problem !== undefined) this.#unusable(leg, candidate, `200 with ${problem}`, 'media_refused')
        else if (isOpen(leg.remoteSdp)) {
          this.#unusable(leg, candidate, '200 with a session without SRTP', 'not_encrypted')
        } else if (this.#end()) this.#events.answered(response, leg)
      },
      failed: (response) => {
        if (leg === this.#leg) this.#invite = undefined
        leg.targetCall?.responded(response, prompt.isHeard)
        leg.targetCall?.end()
        if (isCurrent()) this.#failed(response, candidate, prompt.isHeard)
      },
    })
    this.#invite = prompt
    this.#timer = clock.after(candidate.timeout * 1000, () => {
      // The next candidate is called without waiting for the 487 of this one.
      const slow = this.#invite
      const isSilent = stack.reportsTrying && !prompt.isHeard
      if (isSilent) leg.targetCall?.silent()
      leg.targetCall?.end()
      const what = `no ${isSilent ? 'response' : 'answer'} for ${candidate.timeout} s`
      this.#events.failed(candidate, what, isSilent ? 'no_response' : 'no_answer')
      try {
        this.#tryNext()
      } finally {
        slow?.cancel()
      }
    })
  }

  #unusable(leg: PartyLeg, candidate: Candidate, what: string, reason: TransferReason): void {
    this.#timer?.cancel()
    this.#events.failed(candidate, what, reason)
    this.#events.unusable(leg)
    this.#tryNext()
  }

  #failed(response: SipResponse, candidate: Candidate, isHeard: boolean): void {
    this.#timer?.cancel()
    const instead = maybeRefusesSrtp(response.status) ? this.#offers.shift() : undefined
    if (instead) {
      this.#offer(candidate, instead)

      return
    }
    this.#events.failed(candidate, statusLine(response), reasonOfResponse(response, isHeard))
    const onward = candidate.redirects.nextTargets(response, candidate.uri, () => undefined)
    this.#choices.prepend(onward.map((uri) => ({ ...candidate, uri })))
    if (this.#options.anotherMayAnswer(response.status)) this.#tryNext()
    else if (this.#end()) this.#events.refused(response)
  }

  #end(): boolean {
    if (this.#over) return false
    this.#over = true
    this.#timer?.cancel()
    this.#room?.release()

    return true
  }
}
