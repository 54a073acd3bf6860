import type { MediaSettings } from '../../config/index.ts'
import type { DrachtioStack } from '../sip/drachtio/index.ts'
import type { SipStack } from '../sip/stack.ts'
import type { FreeSwitch } from './freeswitch.ts'

/** The media server that MEDIA asks for, connected; undefined for media that goes between the parties. The stack has been started. */
export async function openMedia(media: MediaSettings, stack: SipStack): Promise<FreeSwitch | undefined> {
  if (media.kind !== 'freeswitch' || !isDrachtio(stack)) return undefined
  // Loaded only where it is used.
  const { FreeSwitch } = await import('./freeswitch.ts')

  return FreeSwitch.connect(media, stack.srf)
}

function isDrachtio(stack: SipStack): stack is DrachtioStack {
  return stack.kind === 'drachtio'
}
