/**
 * The session that a synthetic party offers or answers (RFC 4566): audio that nobody sends, on the discard port, so that a
 * rehearsal needs no media at all.
 */
export function session(address: string): string {
  const family = address.includes(':') ? 'IP6' : 'IP4'

  return [
    'v=0',
    `o=baton 1 1 IN ${family} ${address}`,
    's=rehearsal',
    `c=IN ${family} ${address}`,
    't=0 0',
    'm=audio 9 RTP/AVP 0',
    'a=rtpmap:0 PCMU/8000',
    '',
  ].join('\r\n')
}
