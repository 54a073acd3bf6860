import { masked } from '../message/index.ts'
import type { Traced } from '../transport/index.ts'

/** Control characters, but for tabs and ends of lines. */
const unprintable = /[^\P{Cc}\t\n]/gu

/**
 * A SIP message as drachtio-server writes it into its log, such as `recv 531 bytes from udp/[192.0.2.7]:5060 at 09:30:00.120:`
 * and the message below. Its lines are indented, so that none of them passes for an entry of the log. Digest responses are
 * hidden, and control characters are escaped.
 */
export function messageEntry({ direction, transport, remote, text }: Traced, at: string): string {
  const way = direction === 'in' ? 'recv' : 'send'
  const peer = `${transport}/[${remote.address}]:${remote.port}`
  const time = at.slice(11, 23)
  const head = `${at} info ${way} ${text.length} bytes ${direction === 'in' ? 'from' : 'to'} ${peer} at ${time}:`
  const readable = masked(Buffer.from(text, 'latin1').toString('utf8').replaceAll('\r\n', '\n')).replace(
    unprintable,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  )

  return `${head}\n   ${readable.trimEnd().replaceAll('\n', '\n   ')}\n\n`
}
