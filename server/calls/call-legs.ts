import { randomUUID } from 'node:crypto'
import { type Clock, isSuccess, noop } from '../../engine/index.ts'
import { type KeptLeg, PartyLeg, type PartyLegOwner } from '../legs/party-leg.ts'
import type { LegMedia, MediaAnchors } from '../media/index.ts'
import type { PartyRole } from '../legs/views.ts'
import { offerPastGlare, waitFor } from '../legs/glare.ts'
import { needsNewOffer } from '../media/session-state.ts'
import type { Ladder, Ladders } from './ladders.ts'

interface CallLegsParts {
  /** The call. */
  owner: PartyLegOwner
  ladders: Ladders
  /** Undefined where MEDIA names no media server. */
  media: MediaAnchors | undefined
  clock: Clock
  /** Seconds of silence after which OPTIONS is sent to a party; 0: never. */
  keepalive: number
}

export interface KeptLegs {
  readonly caller: KeptLeg
  readonly agent?: KeptLeg | undefined
  readonly destination?: KeptLeg | undefined
}

/** The legs of one call, and the ladder that their messages stand on. */
export class CallLegs {
  readonly ladder: Ladder
  readonly caller: PartyLeg
  agent: PartyLeg | undefined
  destination: PartyLeg | undefined
  readonly #parts: CallLegsParts
  #callIds: readonly string[] = []

  /** @param callId the Call-ID of the caller's INVITE */
  constructor(parts: CallLegsParts, uri: string, callId: string) {
    this.#parts = parts
    this.ladder = parts.ladders.create()
    this.caller = this.create('caller', uri, callId)
  }

  /** The legs that have, or had, a dialog in the call. */
  get all(): readonly PartyLeg[] {
    return [this.caller, this.agent, this.destination].filter((leg) => leg !== undefined)
  }

  /** The Call-IDs of all legs whose messages are on the ladder. */
  get callIds(): readonly string[] {
    return this.#callIds
  }

  /** The caller's peer is its destination, or the agent before that; every other leg's is the caller. */
  peerOf(leg: PartyLeg): PartyLeg | undefined {
    if (leg !== this.caller) return this.caller

    return this.destination ?? this.agent
  }

  /** A leg for a party that may get a place in the call later. */
  create(role: PartyRole, uri: string, callId: string = randomUUID()): PartyLeg {
    const { owner, keepalive, media } = this.#parts
    this.#draw(role, callId)
    const leg = new PartyLeg(role, uri, callId, owner)
    leg.keepalive = keepalive
    if (leg.isCalledByUs && media) this.#useMedia(leg, media.newLeg(callId))

    return leg
  }

  /** Adds a leg for a party that is being called. */
  createPartyLeg(role: 'agent' | 'destination', uri: string): PartyLeg {
    return (this[role] = this.create(role, uri))
  }

  /** Takes up the legs of the process before. @param takeUp sets each leg's dialog, and the room that it counts under */
  takeUp(kept: KeptLegs, takeUp: (leg: PartyLeg, kept: KeptLeg) => void): void {
    const { owner, keepalive, media } = this.#parts
    const { caller, agent, destination } = kept
    this.caller.takeUp(caller)
    takeUp(this.caller, caller)
    for (const one of [agent, destination]) {
      if (!one) continue
      const { role, uri, callId, isCalledByUs } = one
      this.#draw(role, callId)
      const leg = new PartyLeg(role, uri, callId, owner, isCalledByUs)
      leg.keepalive = keepalive
      if (isCalledByUs && media) this.#useMedia(leg, media.newLeg(callId))
      leg.takeUp(one)
      this[one === agent ? 'agent' : 'destination'] = leg
      takeUp(leg, one)
    }
  }

  /** The legs as the next process needs them. */
  keep(): KeptLegs {
    const { caller, agent, destination } = this

    return { caller: caller.keep(), agent: agent?.keep(), destination: destination?.keep() }
  }

  /** The messages of a leg are on this call's ladder from now on. */
  adopt(leg: PartyLeg, role: PartyRole): void {
    leg.role = role
    this.#draw(role, leg.callId)
  }

  /** The messages of a leg are on another call's ladder from now on. */
  detach({ callId: left }: PartyLeg): void {
    this.#callIds = this.#callIds.filter((callId) => callId !== left)
  }

  /** The caller talks to this destination from now on. */
  bridge(destination: PartyLeg): void {
    destination.owner = this.#parts.owner
    destination.role = 'destination'
    this.destination = destination
  }

  /** Opens sessions for the anchored legs of the process before, whose sessions are gone. */
  repairMedia(): void {
    for (const { media } of this.all) if (media?.isLost === true) media.onLost()
  }

  #useMedia(leg: PartyLeg, media: LegMedia): void {
    const { owner, clock } = this.#parts
    const { caller } = this
    leg.media = media
    media.onLost = () => {
      leg.owner.guard.run(() => repairMedia(leg, { clock, caller, isSettled: ({ owner: now }) => now === owner }))
    }
  }

  #draw(role: PartyRole, callId: string): void {
    this.#parts.ladders.open(this.ladder, role, callId)
    this.#callIds = this.#callIds.concat(callId)
  }
}

/** How long a leg without a media server waits for one that answers, or for its own answer, before it is looked at again. */
const retryMs = 250

interface RepairParts {
  clock: Clock
  caller: PartyLeg
  /** Whether the leg is a party of the call, and no transfer is still setting it up. */
  isSettled: (leg: PartyLeg) => boolean
}

/**
 * A media server has lost the session of a leg: the leg is offered the caller's session again, which opens one on another
 * server, or has media go between the parties (MEDIA_FALLBACK); then the caller gets the leg's new session. While no server
 * takes it, and media cannot do without, it is tried again until the leg is over.
 */
async function repairMedia(leg: PartyLeg, { clock, caller, isSettled }: RepairParts): Promise<void> {
  while (leg.media && !leg.media.isOver) {
    if (leg.up && caller.up && isSettled(leg)) {
      // A caller that hears another party meanwhile gets the new session when it comes to this leg.
      const isHeard = !needsNewOffer(caller.localSdp, leg.remoteSdp, caller.remoteSdp)
      const response = await offerTo(leg, caller.preferredSdp, clock)
      if (isSuccess(response.status)) {
        if (isHeard) await offerTo(caller, leg.preferredSdp, clock)

        return
      }
      if (!response.local) return
    }
    await waitFor(clock, retryMs)
  }
}

function offerTo(leg: PartyLeg, sdp: string, clock: Clock) {
  return offerPastGlare(leg, sdp, clock, { note: noop, who: leg.role }, () => leg.up)
}
