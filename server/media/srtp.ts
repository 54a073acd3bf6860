/** SRTP in session descriptions. Baton has no keys of its own and passes those of the parties (RFC 3711, RFC 4568, RFC 5764). */

/** The same session as plain RTP, without the attributes that carry keys. */
export function withoutSrtp(sdp: string): string {
  const [session = '', ...media] = sections(sdp)

  return [session, ...media.map((section) => section.replace(profile, '$1RTP/AVP$3 '))].map(withoutKeys).join('')
}

/** A session with SRTP in each stream that has keys but names plain RTP ("best effort" SRTP); any other session as it is. */
export function withSrtp(sdp: string): string {
  const [session = '', ...media] = sections(sdp)

  return [session, ...media.map((section) => keyed(section, session))].join('')
}

// m=<media> <port> <proto> <formats>
const profile = /^(m=\S+ \S+ )(UDP\/TLS\/)?RTP\/S?AVP(F?) /
const plain = /^m=\S+ (\S+) RTP\/AVPF? /

function keyed(section: string, session: string): string {
  if ((plain.exec(section)?.[1] ?? '0') === '0') return section
  if (/^a=crypto:/m.test(section)) return section.replace(profile, '$1RTP/SAVP$3 ')

  return /^a=fingerprint:/m.test(section + session) ? section.replace(profile, '$1UDP/TLS/RTP/SAVP$3 ') : section
}

function withoutKeys(section: string): string {
  return section.replace(/^a=(?:crypto|fingerprint|setup|tls-id|key-mgmt|3ge2ae):?.*\r?\n?/gm, '')
}

function sections(sdp: string): string[] {
  return sdp.split(/^(?=m=)/m)
}

/** Statuses that refuse a session. */
const mediaRefusals = new Set([415, 488, 606])

/** Whether a peer that refuses an SRTP session with this status may accept plain RTP. */
export function maybeRefusesSrtp(status: number): boolean {
  return mediaRefusals.has(status)
}

/** Whether every stream that is offered is SRTP, keyed by SDES or DTLS (RFC 4568, RFC 5764). */
export function isEncrypted(sdp: string): boolean {
  const streams = Array.from(sdp.matchAll(/^m=(.*)/gm), ([, media = '']) => media.split(' ', 3))
  const offered = streams.filter(([, port = '0']) => Number.parseInt(port, 10) !== 0)

  return offered.length > 0 && offered.every(([, , protocol = '']) => /\bSAVPF?\s*$/i.test(protocol.slice(-8)))
}
