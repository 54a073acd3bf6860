import { allPassedOver, masked, parseMessage, passedOverText } from '../../engine/index.ts'
import type { MessageRecord } from '../sip/stack.ts'
import type { LadderMemory } from './ladder-memory.ts'
import { decode } from '../sip/text.ts'
import type { LadderView, PartyRole } from '../legs/views.ts'

/** What one message of a call was, as the ladder keeps it. */
interface Rung {
  leg: PartyRole
  message: MessageRecord
}

/** What a message takes beside its text: its record, the addresses, its place on the ladder. */
const bytesPerRecord = 400

/**
 * The SIP messages of one call, in the order in which they were on the wire. Those of a call that says too much are kept
 * from its beginning and from its end; what was between is counted.
 */
export class Ladder {
  /** The Call-ID of its first leg, by which its messages are found together elsewhere. */
  correlation: string | undefined
  readonly #memory: LadderMemory
  readonly #rungs: Rung[] = []
  /** How many messages are kept of the beginning, which takes half of the memory. */
  #opening = 0
  #bytes = 0
  #omitted = 0
  #isClosed = false

  constructor(memory: LadderMemory) {
    this.#memory = memory
  }

  add(leg: PartyRole, message: MessageRecord): void {
    const bytes = bytesOf(message)
    if (this.#isClosed || !this.#makeRoom(bytes) || !this.#memory.take(bytes)) {
      this.#omitted++
      return
    }
    this.#bytes += bytes
    this.#rungs.push({ leg, message })
    if (this.#bytes <= this.#memory.limits.perCall / 2) this.#opening = this.#rungs.length
  }

  /** Lets every message go, and takes no more. */
  clear(): void {
    this.#isClosed = true
    this.#memory.give(this.#bytes)
    this.#omitted += this.#rungs.length
    this.#rungs.length = this.#bytes = 0
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
        text: masked(Buffer.from(message.text, 'latin1').toString('utf8')),
        ...passedOverIn(message),
      })),
      ...(this.#omitted > 0 && { omitted: this.#omitted }),
    }
  }

  /** Lets the oldest messages after the beginning go. */
  #makeRoom(bytes: number): boolean {
    const { perCall } = this.#memory.limits
    let end = this.#opening
    for (; this.#bytes + bytes > perCall && end < this.#rungs.length; end++) {
      const rung = this.#rungs[end]
      const freed = rung ? bytesOf(rung.message) : 0
      this.#bytes -= freed
      this.#memory.give(freed)
      this.#omitted++
    }
    if (end > this.#opening) this.#rungs.splice(this.#opening, end - this.#opening)

    return this.#bytes + bytes <= perCall
  }
}

// Read when it is shown: few ladders are ever looked at.
function passedOverIn({ direction, text }: MessageRecord): { passedOver?: string[] } {
  const lines = direction === 'in' ? allPassedOver(parseMessage(text)) : []

  return lines.length === 0 ? {} : { passedOver: lines.map((line) => decode(passedOverText(line))) }
}

function bytesOf({ text }: MessageRecord): number {
  return text.length + bytesPerRecord
}
