import type { Media } from '../../config/index.ts'
import type { DrachtioStack } from '../sip/drachtio/index.ts'
import type { SipStack } from '../sip/stack.ts'
import type { FreeSwitch } from './freeswitch.ts'

/** What is wrong with MEDIA in this surroundings; undefined when nothing is. To be asked before anything is opened. */
export function mediaProblem({ kind }: Media, stack: SipStack): string | undefined {
  if (kind === 'rtpengine') {
    return 'MEDIA: rtpengine is not built into this version; MEDIA=direct lets media go between the parties'
  }
  if (kind === 'freeswitch' && stack.kind !== 'drachtio') {
    return 'MEDIA: freeswitch needs a drachtio server: set DRACHTIO_HOST (`npx baton engine` starts one), or MEDIA=direct'
  }

  return undefined
}

/** The media server that MEDIA asks for, connected; undefined for media that goes between the parties. The stack has been started. */
export async function openMedia(media: Media, stack: SipStack): Promise<FreeSwitch | undefined> {
  if (media.kind !== 'freeswitch' || !isDrachtio(stack)) return undefined
  // Loaded only where it is used.
  const { FreeSwitch } = await import('./freeswitch.ts')

  return FreeSwitch.connect(media, stack.srf)
}

function isDrachtio(stack: SipStack): stack is DrachtioStack {
  return stack.kind === 'drachtio'
}
