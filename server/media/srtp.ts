/** SRTP in session descriptions that pass as text: nobody here has keys of their own (RFC 3711, RFC 4568, RFC 5764). */

/** The same session as plain RTP: what says how it would be keyed is left out. */
export function inTheClear(sdp: string): string {
  const [session = '', ...media] = sections(sdp)

  return [session, ...media.map((section) => section.replace(profile, '$1RTP/AVP$3 '))].map(withoutKeys).join('')
}

/** A session whose streams bring keys for plain RTP ("best effort" SRTP) with SRTP asked for; any other as it is. */
export function asSrtp(sdp: string): string {
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
