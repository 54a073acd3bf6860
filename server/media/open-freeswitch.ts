import type { MediaSettings } from '../../config/index.ts'
import type { DrachtioStack } from '../sip/drachtio/index.ts'
import type { SipStack } from '../sip/stack.ts'
import type { FreeSwitch } from './freeswitch.ts'

/** Connects to FreeSWITCH where MEDIA names it, on a stack that is started. */
export async function openFreeSwitch(media: MediaSettings, stack: SipStack): Promise<FreeSwitch | undefined> {
  if (media.kind !== 'freeswitch' || !isDrachtio(stack)) return undefined
  // The library is loaded only where it is used.
  const { FreeSwitch } = await import('./freeswitch.ts')

  return FreeSwitch.connect(media, stack.srf)
}

function isDrachtio(stack: SipStack): stack is DrachtioStack {
  return stack.kind === 'drachtio'
}

export type { FreeSwitch }
