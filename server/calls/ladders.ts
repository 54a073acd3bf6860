import { copyText, allPassedOver, masked, parseMessage, passedOverText } from '../../engine/index.ts'
import type { MessageRecord, MessageTags } from '../sip/stack.ts'
import type { PartyRole, LadderView } from '../legs/views.ts'
import { decode } from '../sip/text.ts'

/** A leg's messages: they have its Call-ID, and a tag of its dialogs. */
interface Line {
  ladder: Ladder
  leg: PartyRole
  /** Of the caller that sent the INVITE. */
  callerTag: string | undefined
  /** Ours: of the INVITE that we sent, or of our responses to the caller's. */
  ownTags: readonly string[]
}

/** A message whose call there is not yet. */
interface Unclaimed {
  message: MessageRecord
  tags: MessageTags
}

const noTags: MessageTags = {}

// A Call-ID that was challenged has been answered with another tag before.
const maxOwnTags = 4
const maxUnclaimed = 32

/** Finds the ladder that a message belongs to, by its Call-ID and its tags. */
export class Ladders {
  readonly memory: LadderMemory
  readonly #lines = new Map<string, Line>()
  #unclaimed: Unclaimed[] = []

  constructor(limits: LadderLimits) {
    this.memory = new LadderMemory(limits)
  }

  create(): Ladder {
    return new Ladder(this.memory)
  }

  /** Messages of this Call-ID are this leg's from now on; those of an INVITE that has just come are taken along. */
  open(ladder: Ladder, leg: PartyRole, callId: string): void {
    const { callerTag, ownTags = [] } = this.#lines.get(callId) ?? {}
    const line: Line = { ladder, leg, callerTag, ownTags }
    this.#lines.set(copyText(callId), line)
    ladder.correlation ??= callId
    for (const { message, tags } of this.#unclaimed) if (message.callId === callId) add(line, message, tags)
    this.#unclaimed =
      this.#unclaimed.length > 1 ? this.#unclaimed.filter(({ message }) => message.callId !== callId) : []
  }

  /** The call of this ladder has ended: its messages may give way to those of others. */
  ended(ladder: Ladder): void {
    this.memory.ended(ladder)
  }

  /** The call is not kept any more. */
  forget(ladder: Ladder, callIds: Iterable<string>): void {
    for (const callId of callIds) if (this.#lines.get(callId)?.ladder === ladder) this.#lines.delete(callId)
    this.memory.forget(ladder)
  }

  /** The Call-ID of the first leg of the call that a message with this Call-ID belongs to. */
  correlationOf(callId: string): string {
    return this.#lines.get(callId)?.ladder.correlation ?? callId
  }

  record(message: MessageRecord, tags = noTags): void {
    const line = this.#lines.get(message.callId)
    if (line) add(line, message, tags)
    else if (message.method === 'INVITE' || message.method === 'ACK') this.#keepUnclaimed({ message, tags })
  }

  // The INVITE (and a 100 at once) is seen before its call exists, and claimed right after; that of a trunk that
  // authenticates was challenged before.
  #keepUnclaimed(unclaimed: Unclaimed): void {
    if (this.#unclaimed.length >= maxUnclaimed) this.#unclaimed.shift()
    this.#unclaimed.push(unclaimed)
  }
}

function add(line: Line, message: MessageRecord, tags: MessageTags): void {
  if (isOfLeg(line, message, tags)) line.ladder.add(line.leg, message)
}

// The requests of a dialog that is being made have no tag of ours yet (RFC 3261 12.1).
const beginning = new Set(['INVITE', 'ACK', 'CANCEL'])

/**
 * Anyone may send an OPTIONS with the Call-ID of a call. What belongs to a leg has a tag of ours, which is random: only
 * the parties of its dialogs know it. They are learned from the INVITE that we send, and from our responses to a caller's.
 */
function isOfLeg(line: Line, message: MessageRecord, tags: MessageTags): boolean {
  const { text, method, direction, status } = message
  for (const tag of line.ownTags) if (text.includes(tag)) return true
  if (!beginning.has(method)) return false
  const isRequest = status === undefined
  if (method === 'INVITE' && isRequest && direction === 'out') {
    learn(line, tags.fromTag)
    return true
  }
  if (method === 'INVITE' && isRequest) line.callerTag ??= copyText(tags.fromTag ?? '')
  if (line.callerTag !== undefined && !text.includes(line.callerTag)) return false
  if (!isRequest && direction === 'out' && status > 100) learn(line, tags.toTag)

  return true
}

function learn(line: Line, tag: string | undefined): void {
  // A list of its own length: one that grows by `push` has room for 17, for as long as the call is kept.
  if (tag !== undefined && line.ownTags.length < maxOwnTags) line.ownTags = [...line.ownTags, copyText(tag)]
}

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

/** The bytes that ladders may hold. */
export interface LadderLimits {
  /** Of one call. */
  perCall: number
  /** Of all calls together. */
  total: number
}

/** A ladder whose messages give way to those of later calls. */
interface Yielding {
  clear(): void
}

/** The memory of all ladders together: the ladder of the call that ended first gives way when there is no more. */
export class LadderMemory {
  readonly limits: LadderLimits
  readonly #ended = new Set<Yielding>()
  #used = 0

  constructor(limits: LadderLimits) {
    this.limits = limits
  }

  /** Bytes that are held now. */
  get used(): number {
    return this.#used
  }

  /** The call of this ladder has ended: its messages may give way. */
  ended(ladder: Yielding): void {
    this.#ended.add(ladder)
  }

  /** Returns false when live calls alone take all there is. */
  take(bytes: number): boolean {
    for (const ladder of this.#ended) {
      if (this.#used + bytes <= this.limits.total) break
      this.#ended.delete(ladder)
      ladder.clear()
    }
    if (this.#used + bytes > this.limits.total) return false
    this.#used += bytes

    return true
  }

  give(bytes: number): void {
    this.#used -= bytes
  }

  /** The ladder is not kept any more. */
  forget(ladder: Yielding): void {
    this.#ended.delete(ladder)
    ladder.clear()
  }
}
