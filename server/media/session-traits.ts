import type { MediaTerms } from './media-port.ts'
import { isEncrypted, withSrtp } from './srtp.ts'

/** How a party has described itself, in the terms of a media server: as whom it is to be offered another session. */
export function sessionTraits(sdp: string): Pick<MediaTerms, 'encryption' | 'family' | 'ice'> {
  if (sdp === '') return {}
  const keyed = /^m=\S+ \S+ UDP\/TLS\//m.test(sdp) ? 'dtls' : 'srtp'
  const encryption = isEncrypted(withSrtp(sdp)) ? keyed : 'rtp'
  const family = /^c=IN IP6 /m.test(sdp) ? 'IP6' : 'IP4'

  return { encryption, family, ice: /^a=ice-ufrag:/m.test(sdp) ? 'force' : 'remove' }
}

/** The address at which a session wants its media: that of the session, else of its first stream; '' without one. */
export function sessionAddress(sdp: string): string {
  return /^c=IN IP[46] ([^\s/]+)/m.exec(sdp)?.[1] ?? ''
}
