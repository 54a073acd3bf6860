import type { PartyLeg } from '../legs/party-leg.ts'
import type { MediaResult, PlayedAudio } from '../media/media-port.ts'
import type { MediaSide } from '../media/media-statistics.ts'

/** Finds an audio file of the call's version by its name; undefined where there is none. */
export type AudioFinder = (name: string) => Promise<PlayedAudio | undefined>

/** Plays an audio file of the call's version to one side of a leg. Gives the milliseconds of one run. */
export async function playFile(
  leg: PartyLeg,
  to: MediaSide,
  { name, audio, repeats }: { name: string; audio: AudioFinder; repeats?: number },
): Promise<MediaResult<number>> {
  const { media } = leg
  if (!media) return { problem: 'MEDIA is direct, and Baton plays nothing' }
  const played = await audio(name)
  if (!played) return { problem: `the version has no audio file ${name}` }
  if (!media.session) return { problem: 'its media goes through no media server' }

  return media.session.play(to, played, repeats)
}
