import { isSuccess, noop, type Clock } from '../../engine/index.ts'
import { offerPastGlare, waitFor } from '../legs/glare.ts'
import type { PartyLeg } from '../legs/party-leg.ts'
import { needsNewOffer } from '../media/session-state.ts'

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
export async function repairMedia(leg: PartyLeg, { clock, caller, isSettled }: RepairParts): Promise<void> {
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
