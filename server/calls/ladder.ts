import type { MessageRecord } from '../sip/stack.ts'
import type { LadderView, Role } from './views.ts'

/** What one message of a call was, as the ladder keeps it. */
interface Rung {
  leg: Role
  message: MessageRecord
}

/** Every SIP message of one call, in the order in which they were on the wire. */
export class Ladder {
  /** A call that never stops talking must not fill the memory. */
  static readonly limit = 1000
  /** The Call-ID of its first leg, by which its messages are found together elsewhere. */
  correlation: string | undefined
  readonly #rungs: Rung[] = []

  add(leg: Role, message: MessageRecord): void {
    if (this.#rungs.length < Ladder.limit) this.#rungs.push({ leg, message })
  }

  view(): LadderView {
    return {
      messages: this.#rungs.map(({ leg, message }) => ({
        at: new Date(message.at).toISOString(),
        leg,
        direction: message.direction,
        local: message.local,
        remote: message.remote,
        transport: message.transport,
        text: Buffer.from(message.text, 'latin1').toString('utf8'),
      })),
    }
  }
}

interface Line {
  ladder: Ladder
  leg: Role
}

/** Finds the ladder that a message belongs to, by its Call-ID. */
export class Ladders {
  readonly #lines = new Map<string, Line>()
  #unclaimed: MessageRecord[] = []

  /** Messages of this Call-ID are this leg's from now on; those of an INVITE that has just come are taken along. */
  open(ladder: Ladder, leg: Role, callId: string): void {
    this.#lines.set(callId, { ladder, leg })
    ladder.correlation ??= callId
    for (const message of this.#unclaimed) if (message.callId === callId) ladder.add(leg, message)
    this.#unclaimed = this.#unclaimed.length > 1 ? this.#unclaimed.filter((each) => each.callId !== callId) : []
  }

  close(callId: string): void {
    this.#lines.delete(callId)
  }

  /** The Call-ID of the first leg of the call that a message with this Call-ID belongs to. */
  correlationOf(callId: string): string {
    return this.#lines.get(callId)?.ladder.correlation ?? callId
  }

  record(message: MessageRecord): void {
    const line = this.#lines.get(message.callId)
    if (line) line.ladder.add(line.leg, message)
    else if (message.method === 'INVITE' || message.method === 'ACK') this.#keepUnclaimed(message)
  }

  // The INVITE (and a 100 at once) is seen before its call exists, and claimed right after; that of a trunk that
  // authenticates was challenged before.
  #keepUnclaimed(message: MessageRecord): void {
    if (this.#unclaimed.length >= 32) this.#unclaimed.shift()
    this.#unclaimed.push(message)
  }
}
