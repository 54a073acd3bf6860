import type { Logger } from 'winston'
import type { Settings } from '../../config/index.ts'
import type { Clock } from '../../engine/index.ts'
import { MediaAnchors } from './media-anchors.ts'
import type { AudioSources } from './media-port.ts'
import { createRtpengines } from './rtpengine/index.ts'

/** The media servers that MEDIA and RTPENGINE name, for calls; undefined where media goes between the parties. */
export function createMedia(
  settings: Settings,
  clock: Clock,
  log: Logger,
  audio: AudioSources,
): MediaAnchors | undefined {
  const port = createRtpengines(settings, clock, log)

  return port && new MediaAnchors(port, clock, audio)
}

export type { SilentSides } from './leg-meter.ts'
export type { MediaSide, MediaStatistics, ReceivedMedia } from './media-statistics.ts'
export type { LegMedia } from './leg-media.ts'
export { MediaAnchors }
