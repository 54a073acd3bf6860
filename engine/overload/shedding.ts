import { BoundedMap } from '../bounded-map.ts'
import type { Clock } from '../clock/index.ts'
import { BadMessage, createResponse, HeaderLine, headerName, statelessTag } from '../message/index.ts'
import type { Shed } from '../transport/index.ts'
import type { OverloadBrake } from './brake.ts'

/**
 * Sees a message before it is parsed. A new INVITE during an overload is shed, and so is its retransmission after the
 * overload. Everything else is served: requests in dialogs, retransmissions of accepted INVITEs (`isKnown`), emergency calls,
 * CANCEL, ACK and other methods.
 */
export function shed(
  data: Buffer | string,
  brake: OverloadBrake,
  refused: RefusedInvites,
  isKnown: (invite: BadMessage) => boolean,
): Shed | undefined {
  if (!isInvite(data)) return undefined
  const { reason } = brake
  if (reason === undefined && refused.isEmpty) return undefined
  const text = typeof data === 'string' ? data : data.toString('latin1')
  const invite = skimInvite(text)
  if (!invite?.isAnswerable || !invite.to || invite.toTag !== undefined || isKnown(invite)) return undefined
  const isRepeated = refused.has(invite)
  if (reason === undefined && !isRepeated) return undefined
  const uri = requestUriIn(text.slice(0, text.indexOf('\r\n')))
  if (brake.isEmergencyCall({ uri, to: invite.to.uri, priorities: invite.headers('Resource-Priority') })) {
    return undefined
  }

  return {
    invite,
    answer: () => {
      const response = createResponse(invite, 503, undefined, statelessTag(invite))

      if (isRepeated || reason === undefined) return response.add('Retry-After', String(brake.retryAfter()))
      refused.add(invite)

      return response.add('Retry-After', String(brake.refuse(reason)))
    },
  }
}

// The headers that a response copies (RFC 3261 8.2.6.2), and the one that marks emergency calls.
const wanted = new Set(['via', 'from', 'to', 'call-id', 'cseq', 'resource-priority'])
const maxLines = 200
const inviteStart = Buffer.from('INVITE ')

/** Whether a message begins like an INVITE. */
function isInvite(data: Buffer | string): boolean {
  if (typeof data === 'string') return data.startsWith('INVITE ')

  // The first byte rules out most other messages.
  return (
    data[0] === inviteStart[0] &&
    data.length > inviteStart.length &&
    inviteStart.compare(data, 0, inviteStart.length) === 0
  )
}

/**
 * The headers of an INVITE that a refusal needs, read without parsing the rest; undefined when they cannot be read, so that the
 * parser names the problem.
 */
export function skimInvite(text: string): BadMessage | undefined {
  let at = text.indexOf('\r\n') + 2
  if (at <= 2) return undefined
  const firstLine = text.slice(0, at - 2)
  const lines: HeaderLine[] = []
  for (let count = 0; !text.startsWith('\r\n', at); count++) {
    let end = text.indexOf('\r\n', at)
    // RFC 3261 7.3.1: a line that begins with a blank continues the line before it.
    while (end >= 0 && (text[end + 2] === ' ' || text[end + 2] === '\t')) end = text.indexOf('\r\n', end + 2)
    if (end < 0 || count > maxLines) return undefined
    const colon = text.indexOf(':', at)
    const name = headerName(text.slice(at, Math.min(colon, at + 40)).trimEnd())
    if (colon < 0 || colon > end) return undefined
    if (wanted.has(name.key)) {
      const value = text.slice(colon + 1, end).replaceAll(/\r\n[ \t]+/g, ' ')
      if (value.includes('\r') || value.includes('\n')) return undefined
      lines.push(new HeaderLine(name, text, at, end + 2, colon + 1, end, value.trim()))
    }
    at = end + 2
  }
  const bodyStart = at + 2

  return new BadMessage({ reason: 'overload', status: 503, method: 'INVITE', firstLine }, { text, lines, bodyStart })
}

/** The Request-URI of a request line. */
function requestUriIn(firstLine: string): string {
  const start = firstLine.indexOf(' ') + 1
  const end = firstLine.indexOf(' ', start)

  return firstLine.slice(start, end < 0 ? firstLine.length : end)
}

const maxRemembered = 50_000

/**
 * INVITEs that were refused without a transaction. A caller retransmits its INVITE until it gets the refusal (RFC 3261
 * 17.1.1.2, timer B): if the retransmission were accepted, an agent would ring for a caller who has left.
 */
export class RefusedInvites {
  readonly #clock: Clock
  readonly #rememberMs: number
  /** When each INVITE is forgotten; the oldest first. */
  readonly #until = new BoundedMap<number>(maxRemembered)

  /** @param rememberMs timer B: how long a caller may retransmit an INVITE */
  constructor(clock: Clock, rememberMs: number) {
    this.#clock = clock
    this.#rememberMs = rememberMs
  }

  /** Whether any is remembered. */
  get isEmpty(): boolean {
    this.#forget(this.#clock.now())

    return this.#until.size === 0
  }

  has(invite: BadMessage): boolean {
    return this.#until.has(keyOf(invite))
  }

  add(invite: BadMessage): void {
    const now = this.#clock.now()
    this.#forget(now)
    this.#until.set(keyOf(invite), now + this.#rememberMs)
  }

  #forget(now: number): void {
    for (const [key, until] of this.#until) {
      if (until > now) break
      this.#until.delete(key)
    }
  }
}

function keyOf({ via, callId, cseq }: BadMessage): string {
  return `${via?.branch ?? ''} ${callId} ${cseq?.number ?? ''}`
}
