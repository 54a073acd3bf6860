import type { Media } from '../../config/index.ts'
import { DrachtioStack } from '../sip/drachtio/index.ts'
import type { SipStack } from '../sip/stack.ts'
import { FreeSwitch } from './freeswitch.ts'

/** What is wrong with MEDIA in this surroundings; undefined when nothing is. To be asked before anything is opened. */
export function mediaProblem({ kind }: Media, stack: SipStack): string | undefined {
  if (kind === 'rtpengine') {
    return 'MEDIA: rtpengine is not built into this version; MEDIA=direct lets media go between the parties'
  }
  if (kind === 'freeswitch' && !(stack instanceof DrachtioStack)) {
    return 'MEDIA: freeswitch needs a drachtio server: set DRACHTIO_HOST (`npx baton engine` starts one), or MEDIA=direct'
  }

  return undefined
}

/** The media server that MEDIA asks for, connected; undefined for media that goes between the parties. The stack has been started. */
export function openMedia(media: Media, stack: SipStack): Promise<FreeSwitch | undefined> {
  if (media.kind !== 'freeswitch' || !(stack instanceof DrachtioStack)) return Promise.resolve(undefined)

  return FreeSwitch.connect(media, stack.srf)
}
