import type { Trunk } from '../../config/index.ts'
import { isScreened, type Step } from '../../routes/index.ts'
import type { EvidenceNote } from '../legs/glare.ts'
import type { PartyLeg } from '../legs/party-leg.ts'
import { anchorOf } from '../media/anchor.ts'
import { lacksSrtp, offeredSessions, type OfferedSession } from '../media/offered-sessions.ts'
import { held } from '../media/session-state.ts'
import { maybeRefusesSrtp } from '../media/srtp.ts'
import { sessionOf } from '../sip/body-part.ts'
import type { SipResponse } from '../sip/stack.ts'
import type { AttemptContext } from './attempt.ts'
import type { TrunkMemories } from './trunk-memory.ts'

interface OfferParts {
  context: Pick<AttemptContext, 'caller' | 'memory' | 'media' | 'guard' | 'recording'>
  step: Step
  /** The trunk that the target is called by. */
  trunk: Trunk
  note: EvidenceNote
}

/**
 * The sessions that one target is offered, one INVITE after the other: plain RTP where it refuses SRTP that is not required, and
 * more codecs where a media server transcodes. Each may be anchored on a media server.
 */
export class SessionOffers {
  readonly #parts: OfferParts
  readonly #srtp: TrunkMemories['srtp']
  /** The gateway is part of the key: one gateway of a trunk may know SRTP where another does not. */
  readonly #key: string
  readonly #offers: OfferedSession[]
  /** Whether the target has lately refused SRTP. */
  readonly #hasRefusedSrtp: boolean
  #offered: OfferedSession | undefined

  constructor(parts: OfferParts, target: string) {
    const { context, step, trunk } = parts
    const { caller, memory, media, recording } = context
    this.#parts = parts
    this.#srtp = memory.srtp
    this.#key = `${trunk.name} ${target.replace(/^[^@]*@/, '').split(';', 1)[0]}`
    this.#hasRefusedSrtp = this.#srtp.refusal(this.#key) !== undefined
    const { preferredSdp, source } = caller
    // Without a media server, the target's media would reach the caller's address before the person has accepted.
    const session = isScreened(step.media) && !media ? held(preferredSdp) : preferredSdp
    this.#offers = offeredSessions({
      ...{ session, encryption: step.encryption, refusesSrtp: this.#hasRefusedSrtp, isAnchorable: media !== undefined },
      anchor:
        media && anchorOf({ target, session, source, media: step.media, isRecorded: recording.wants(step.media) }),
    })
  }

  /** Undefined when SRTP is required, and neither the caller nor a media server has it. */
  first(): OfferedSession | undefined {
    const first = this.#next()
    if (!first) this.#note('the caller’s session is not SRTP, and the handoff requires it')
    else if (this.#hasRefusedSrtp) this.#note('it has lately refused SRTP: offered plain RTP')

    return first
  }

  /** The session to offer after this response, which may refuse the session before; undefined when none is left. */
  nextAfter(status: number): OfferedSession | undefined {
    const next = maybeRefusesSrtp(status) ? this.#next() : undefined
    if (next) this.#note(whyOffered[next.instead ?? 'plain'])

    return next
  }

  /** The leg is to be offered this session. */
  begin(leg: PartyLeg, { anchor }: OfferedSession): void {
    const { step, context } = this.#parts
    const { media } = leg
    leg.isSrtpOnly = step.encryption === 'required'
    if (!media || !anchor) return
    this.#note(`its media goes through a media server: ${anchor.reason}`)
    media.anchorFor(anchor)
    if (isScreened(step.media)) context.guard.run(() => media.block(true))
  }

  /** Whether a target that is promised SRTP has given this session without. */
  breaksPromise({ media }: PartyLeg, session: string): boolean {
    return lacksSrtp(this.#parts.step.encryption, media?.peerSdp ?? session)
  }

  /** The target has accepted the present session: plain RTP is remembered where it had refused SRTP. */
  accepted(): void {
    const { trunk } = this.#parts
    if (this.#offered?.instead === 'plain') this.#srtp.remember(this.#key, trunk.srtpMemory, 'SRTP')
  }

  #next(): OfferedSession | undefined {
    return (this.#offered = this.#offers.shift())
  }

  #note(what: string): void {
    this.#parts.note('baton', what)
  }
}

const whyOffered: Readonly<Record<NonNullable<OfferedSession['instead']>, string>> = {
  plain: 'the handoff prefers SRTP and does not require it: offered plain RTP',
  transcoded: 'it may speak none of the caller’s codecs: offered more, which a media server transcodes',
}

/** The provisional responses to one INVITE, which may come from several user agents, each with its To tag (RFC 3261 12.1). */
export class EarlySessions {
  readonly #byTag = new Map<string, string>()
  /** By status and To tag. */
  readonly #noted = new Set<string>()

  /** RFC 3261 13.3.1.1: a peer repeats its provisional response each minute; each is new once. */
  isNew(response: SipResponse): boolean {
    const key = `${response.status} ${tagOf(response.header('To'))}`
    if (this.#noted.has(key)) return false
    this.#noted.add(key)

    return true
  }

  /** Keeps the session of a response. Returns it when no response before had one. */
  firstIn(response: SipResponse): string | undefined {
    const session = sessionOf(response)
    if (session === '') return undefined
    const isFirst = this.#byTag.size === 0
    this.#byTag.set(tagOf(response.header('To')), session)

    return isFirst ? session : undefined
  }

  /** The last session of a To tag, whose 200 may have none then (RFC 3262 5); '' without one. */
  of(tag: string): string {
    return this.#byTag.get(tag) ?? ''
  }
}

function tagOf(to = ''): string {
  return /;\s*tag\s*=\s*([^;\s]+)/i.exec(to)?.[1] ?? ''
}
