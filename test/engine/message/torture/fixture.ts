/** A torture message and what is to become of it. */
export interface Fixture {
  /** The name and section in the RFC. */
  readonly name: string
  /** Binary string, CRLF at every line's end. */
  readonly text: string
  /** Served, answered with a status, or dropped (a response that cannot be used). */
  readonly expected: 'accept' | 'drop' | number
}

/** `text` with its leading newline removed and every newline as CRLF. `<hex>…</hex>` stands for those bytes, as in RFC 4475. */
export function fixture(name: string, expected: Fixture['expected'], text: string): Fixture {
  const bytes = text
    .replace(/^\n/, '')
    .replaceAll('\n', '\r\n')
    .replaceAll(/<hex>([0-9A-F]+)<\/hex>/g, (_, hex: string) => Buffer.from(hex, 'hex').toString('latin1'))
    .replaceAll(/<repeat count=(\d+)>(.*?)<\/repeat>/g, (_, count: string, what: string) => what.repeat(Number(count)))

  return { name, expected, text: bytes }
}

/** The session description that most of RFC 4475's INVITEs carry: 150 bytes. */
export const sdp = `v=0
o=mhandley 29739 7272939 IN IP4 192.0.2.3
s=-
c=IN IP4 192.0.2.4
t=0 0
m=audio 49217 RTP/AVP 0 12
m=video 3227 RTP/AVP 31
a=rtpmap:31 LPC
`
