import { copyText } from '../../engine/index.ts'
import type { MessageRecord, MessageTags } from '../sip/stack.ts'
import { Ladder } from './ladder.ts'
import { LadderMemory, type LadderLimits } from './ladder-memory.ts'
import type { PartyRole } from '../legs/views.ts'

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
