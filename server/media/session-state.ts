/** Looks at session descriptions as text, so that what is not understood stays byte for byte. */

/** The same session with no media flowing either way: on hold (RFC 3264 8.4). */
export function held(sdp: string): string {
  const [session = '', ...media] = sdp.split(/^(?=m=)/m)
  const inactive = media.map((section) => `${withoutDirection(section)}a=inactive\r\n`)

  return withoutDirection(session) + inactive.join('')
}

/** Whether a party that was sent this session hears nothing, or may say nothing: RFC 3264 8.4, and RFC 2543's 0.0.0.0. */
export function isHeld(sdp: string): boolean {
  return /^a=(?:sendonly|recvonly|inactive)[ \t]*\r?$/m.test(sdp) || /^c=IN IP4 0\.0\.0\.0[ \t]*\r?$/m.test(sdp)
}

/** The same session with media flowing both ways again. */
export function resumed(sdp: string): string {
  return withoutDirection(sdp)
}

/** Whether every stream that is offered is SRTP, keyed by SDES or DTLS (RFC 4568, RFC 5764). */
export function isEncrypted(sdp: string): boolean {
  const streams = [...sdp.matchAll(/^m=\S+ (\d+)\S* (\S+)/gm)].filter(([, port]) => port !== '0')

  return streams.length > 0 && streams.every(([, , protocol = '']) => /\bSAVPF?$/i.test(protocol))
}

function withoutDirection(section: string): string {
  const kept = section.replace(/^a=(?:sendrecv|sendonly|recvonly|inactive)[ \t]*\r?\n?/gm, '')

  return kept === '' || kept.endsWith('\n') ? kept : `${kept}\r\n`
}
