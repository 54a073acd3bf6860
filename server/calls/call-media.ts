import { defined } from '../../base/defined.ts'
import type { PartyLeg } from '../legs/party-leg.ts'
import type { AnchoredMedia, LegQuality, PartyRole } from '../legs/views.ts'
import type { MediaSide, MediaStatistics, ReceivedMedia, SilentSides } from '../media/index.ts'

/** What the view of a call needs of the media of its legs, copied at once. */
interface AnchoredLeg {
  role: PartyRole
  reason: string
  statistics: MediaStatistics
  silent: SilentSides
}

/** The anchored legs of a call, the last one last; undefined where MEDIA names no media server. */
export function anchoredLegs(legs: readonly (PartyLeg | undefined)[]): readonly AnchoredLeg[] | undefined {
  const known = legs.flatMap((leg) => (leg?.media ? [{ role: leg.role, media: leg.media }] : []))
  if (known.length === 0) return undefined

  return known.flatMap(({ role, media: { anchor, statistics, silent } }) =>
    anchor ? [{ role, reason: anchor.reason, statistics, silent }] : [],
  )
}

/** How the media of a call goes, and what came from each party. */
export function anchoredMedia(legs: readonly AnchoredLeg[]): AnchoredMedia {
  const last = legs.at(-1)
  if (!last) return { anchored: 'none', legs: {} }
  const media: AnchoredMedia = { anchored: 'rtpengine', reason: last.reason, legs: {} }
  for (const { role, statistics } of legs) {
    if (statistics.caller) media.legs.caller = quality(statistics.caller)
    if (statistics.party) media.legs[role] = quality(statistics.party)
  }
  const problem = silence(last)

  return { ...media, ...defined({ problem }) }
}

function silence({ role, silent }: AnchoredLeg): string | undefined {
  const [first, second] = silent
  if (!first) return undefined
  if (second) return `no packet ever came from the caller or the ${role}: do firewalls let RTP through to rtpengine?`

  return `one-way audio: no packet ever came from the ${nameOf(first, role)}: firewall?`
}

function nameOf(side: MediaSide, role: PartyRole): PartyRole {
  return side === 'caller' ? 'caller' : role
}

function quality({ codec, encryption, packets, lost, jitterMs, mos }: ReceivedMedia): LegQuality {
  const loss = packets + lost === 0 ? 0 : Math.round((lost / (packets + lost)) * 10_000) / 10_000
  const jitter = jitterMs === undefined ? undefined : jitterMs / 1000

  return { codec, encryption, packets, loss, ...defined({ jitter, mos }) }
}

/** Resolves when the media servers have let go of the legs of a call, with their last statistics; undefined without any. */
export function mediaClosed(legs: readonly (PartyLeg | undefined)[]): Promise<unknown> | undefined {
  const closing = legs.map((leg) => leg?.media?.closed).filter((each) => each !== undefined)

  return closing.length === 0 ? undefined : Promise.all(closing)
}
