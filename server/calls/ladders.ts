import { defined } from '../../base/defined.ts'
import { copyText, allPassedOver, masked, parseMessage, passedOverText } from '../../engine/index.ts'
import type { MessageRecord, MessageTags } from '../sip/stack.ts'
import type { PartyRole, LadderView } from '../legs/views.ts'
import { decode } from '../sip/text.ts'
import { deflateEntries, inflateEntries, type LadderEntry } from './deflated-ladder.ts'

/** Tells which messages belong to a leg: they have its Call-ID, and a tag of its dialogs. */
interface LegMatch {
  ladder: Ladder
  leg: PartyRole
  callId: string
  /** The From tag of the caller's INVITE. */
  callerTag: string | undefined
  /** Baton's tags: of the INVITE that it has sent, or of its responses to the caller's. */
  ownTags: readonly string[]
}

/** A message that was recorded before its call began. */
interface UnclaimedMessage {
  message: MessageRecord
  tags: MessageTags
}

const noTags: MessageTags = {}
const noOwnTags: readonly string[] = []

// A challenge (401, 407) has another To tag than the responses that follow it.
const maxOwnTags = 4
const maxUnclaimed = 32

/** Finds the ladder that a message belongs to, by its Call-ID and its tags. */
export class Ladders {
  readonly memory: LadderMemory
  readonly #matches = new Map<string, LegMatch>()
  #unclaimed: UnclaimedMessage[] = []

  constructor(limits: LadderLimits) {
    this.memory = new LadderMemory(limits)
  }

  create(): Ladder {
    return new Ladder(this.memory)
  }

  /** Messages with this Call-ID belong to this leg from now on, together with its INVITE that was recorded before. */
  open(ladder: Ladder, leg: PartyRole, callId: string): void {
    const known = this.#matches.get(callId)
    const own = copyText(callId)
    // An object of spreads would have a hidden class of its own, of 150 bytes.
    const match: LegMatch = {
      ladder,
      leg,
      callId: own,
      callerTag: known?.callerTag,
      ownTags: known?.ownTags ?? noOwnTags,
    }
    this.#matches.set(own, match)
    ladder.correlation ??= callId
    for (const { message, tags } of this.#unclaimed) if (message.callId === callId) add(match, message, tags)
    if (this.#unclaimed.length > 1) this.#unclaimed = this.#unclaimed.filter(({ message }) => message.callId !== callId)
    else this.#unclaimed.pop()
  }

  /** The call of this ladder has ended: its messages may give way to those of other calls. */
  ended(ladder: Ladder): void {
    this.memory.ended(ladder)
  }

  /** The record of the call is not kept any more. */
  forget(ladder: Ladder, callIds: Iterable<string>): void {
    for (const callId of callIds) if (this.#matches.get(callId)?.ladder === ladder) this.#matches.delete(callId)
    this.memory.forget(ladder)
  }

  /** The Call-ID of the first leg of the call that a message with this Call-ID belongs to. */
  correlationOf(callId: string): string {
    return this.#matches.get(callId)?.ladder.correlation ?? callId
  }

  record(message: MessageRecord, tags = noTags): void {
    const match = this.#matches.get(message.callId)
    if (match) add(match, message, tags)
    else if (message.method === 'INVITE' || message.method === 'ACK') this.#keepUnclaimed({ message, tags })
  }

  // An INVITE (and a 100) is recorded before its call begins, and claimed right after. The INVITE of a trunk that authenticates
  // was challenged before.
  #keepUnclaimed(unclaimed: UnclaimedMessage): void {
    if (this.#unclaimed.length >= maxUnclaimed) this.#unclaimed.shift()
    this.#unclaimed.push(unclaimed)
  }
}

function add(match: LegMatch, message: MessageRecord, tags: MessageTags): void {
  if (!isOfLeg(match, message, tags)) return
  // One text for all messages of the leg.
  message.callId = match.callId
  match.ladder.add(match.leg, message)
}

// The requests that create a dialog have no tag of Baton's yet (RFC 3261 12.1).
const beginning = new Set(['INVITE', 'ACK', 'CANCEL'])

/**
 * Any source may send an OPTIONS with the Call-ID of a call. The messages of a leg have a tag of Baton's, which is random, so
 * that only the parties of the dialog know it. The tags are read from Baton's own INVITE, and from its responses to a caller.
 */
function isOfLeg(match: LegMatch, message: MessageRecord, tags: MessageTags): boolean {
  const { text, method, direction, status } = message
  for (const tag of match.ownTags) if (text.includes(tag)) return true
  if (!beginning.has(method)) return false
  const isRequest = status === undefined
  if (method === 'INVITE' && isRequest) {
    if (direction === 'out') {
      learn(match, tags.fromTag)
      return true
    }
    match.callerTag ??= copyText(tags.fromTag ?? '')
  }
  if (match.callerTag !== undefined && !text.includes(match.callerTag)) return false
  if (!isRequest && direction === 'out' && status > 100) learn(match, tags.toTag)

  return true
}

function learn(match: LegMatch, tag: string | undefined): void {
  // V8 reserves room for 17 tags in a list that grows by `push` or is spread, for as long as the call is kept.
  if (tag !== undefined && match.ownTags.length < maxOwnTags) match.ownTags = match.ownTags.concat(copyText(tag))
}

/** The memory of a message beside its text: its record, its addresses, its place on the ladder. */
const bytesPerRecord = 400
/** Fewer messages are not worth it. */
const minDeflated = 4

/**
 * The SIP messages of one call, in their order on the wire. Of a call with too many messages, the first and the last ones are
 * kept, and the others counted.
 */
export class Ladder {
  /** The Call-ID of the call's first leg: the correlation id of its messages in Homer. */
  correlation: string | undefined
  readonly #memory: LadderMemory
  /** The first messages, once they are deflated. */
  #deflated = ''
  #deflatedCount = 0
  /** The messages after them. */
  #entries: LadderEntry[] = []
  /** How many of the first messages are kept, for which half of the memory is used. */
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
    this.#entries.push({ leg, message })
    if (this.#bytes <= this.#memory.limits.perCall / 2) this.#opening = this.#deflatedCount + this.#entries.length
  }

  /** The messages in their order. */
  get entries(): readonly LadderEntry[] {
    return this.#deflated === '' ? this.#entries : [...inflateEntries(this.#deflated), ...this.#entries]
  }

  /**
   * Keeps the messages in a fifth of their memory. Does nothing, and returns false, before there are as many again as were
   * deflated the last time, so that each is deflated some two times however many follow, and for a ladder whose messages have
   * to give way to later ones.
   */
  deflate(): boolean {
    if (this.#omitted > 0 || this.#entries.length < Math.max(minDeflated, this.#deflatedCount)) return false
    const { entries } = this
    this.#deflated = deflateEntries(entries)
    this.#deflatedCount = entries.length
    this.#entries = []

    return true
  }

  #inflate(): void {
    this.#entries = [...this.entries]
    this.#deflated = ''
    this.#deflatedCount = 0
  }

  /** How many messages are not kept. */
  get omitted(): number {
    return this.#omitted
  }

  /** Lets all messages go, and accepts no more. */
  clear(): void {
    if (!this.#isClosed) this.#memory.onClear(this)
    this.#isClosed = true
    this.#memory.give(this.#bytes)
    this.#omitted += this.#deflatedCount + this.#entries.length
    this.#deflated = ''
    this.#deflatedCount = this.#bytes = 0
    this.#entries = []
  }

  view(): LadderView {
    return ladderView(this.entries, this.#omitted)
  }

  /** Lets the oldest messages after the beginning go. */
  #makeRoom(bytes: number): boolean {
    const { perCall } = this.#memory.limits
    if (this.#bytes + bytes <= perCall) return true
    if (this.#deflated !== '') this.#inflate()
    let end = this.#opening
    for (; this.#bytes + bytes > perCall && end < this.#entries.length; end++) {
      const entry = this.#entries[end]
      const freed = entry ? bytesOf(entry.message) : 0
      this.#bytes -= freed
      this.#memory.give(freed)
      this.#omitted++
    }
    if (end > this.#opening) this.#entries.splice(this.#opening, end - this.#opening)

    return this.#bytes + bytes <= perCall
  }
}

/** A ladder as the API shows it, with credentials masked. */
export function ladderView(entries: readonly LadderEntry[], omitted: number): LadderView {
  return {
    messages: entries.map(({ leg, message }) => ({
      at: new Date(message.at).toISOString(),
      leg,
      direction: message.direction,
      local: message.local,
      remote: message.remote,
      transport: message.transport,
      text: masked(Buffer.from(message.text, 'latin1').toString('utf8')),
      ...passedOverIn(message),
    })),
    ...defined({ omitted: omitted || undefined }),
  }
}

// Parsed when the ladder is shown: few ladders ever are.
function passedOverIn({ direction, text }: LadderEntry['message']): { passedOver?: string[] } {
  const lines = direction === 'in' ? allPassedOver(parseMessage(text)) : []

  return lines.length === 0 ? {} : { passedOver: lines.map((line) => decode(passedOverText(line))) }
}

function bytesOf({ text }: LadderEntry['message']): number {
  return text.length + bytesPerRecord
}

/** The bytes that ladders may hold. */
export interface LadderLimits {
  /** For one call. */
  perCall: number
  /** For all calls together. */
  total: number
}

/** A ladder whose messages give way to those of later calls. */
interface YieldingLadder {
  clear(): void
}

/** The memory of all ladders together: the ladder of the call that ended first gives way when it is full. */
export class LadderMemory {
  readonly limits: LadderLimits
  /** Called with each ladder before its messages go. */
  onClear: (ladder: Ladder) => void = () => undefined
  readonly #ended = new Set<YieldingLadder>()
  #used = 0

  constructor(limits: LadderLimits) {
    this.limits = limits
  }

  /** Bytes that are held now. */
  get used(): number {
    return this.#used
  }

  /** The call of this ladder has ended: its messages may give way. */
  ended(ladder: YieldingLadder): void {
    this.#ended.add(ladder)
  }

  /** False when the ladders of live calls alone fill the memory. */
  take(bytes: number): boolean {
    if (this.#used + bytes > this.limits.total && !this.#makeRoom(bytes)) return false
    this.#used += bytes

    return true
  }

  give(bytes: number): void {
    this.#used -= bytes
  }

  /** Lets the messages of ended calls go, the oldest first. */
  #makeRoom(bytes: number): boolean {
    for (const ladder of this.#ended) {
      this.#ended.delete(ladder)
      ladder.clear()
      if (this.#used + bytes <= this.limits.total) return true
    }

    return false
  }

  /** The ladder is not kept any more. */
  forget(ladder: YieldingLadder): void {
    this.#ended.delete(ladder)
    ladder.clear()
  }
}
