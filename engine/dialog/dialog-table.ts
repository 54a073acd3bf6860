import { headerNames, Params, type Request } from '../message/index.ts'
import type { ServerTransaction } from '../transaction/index.ts'

/** A dialog as the table, and the core of a UAS, know it. */
export interface DialogEntry extends ReplaceableDialog {
  readonly callId: string
  readonly localTag: string
  readonly remoteTag: string
  /** Whether a request of its Call-ID and From tag that has no To tag belongs to it. */
  isContinuedBy(request: Request): boolean
  /** Whether `isPeer` takes one of the addresses that the peer's messages come from, or that ours go to. */
  isAt(isPeer: (address: string) => boolean): boolean
  /** A request other than ACK and CANCEL has come (RFC 3261 12.2.2). */
  receive(request: Request, transaction: ServerTransaction): void
  receiveAck(ack: Request): void
  /** Ends the dialog without a BYE. */
  close(): void
}

/** The dialogs that are alive, early ones included. */
export class DialogTable {
  /** By Call-ID and remote tag: one dialog each, unless our side of the call was forked. */
  readonly #dialogs = new Map<string, DialogEntry | readonly DialogEntry[]>()
  #size = 0

  get size(): number {
    return this.#size
  }

  add(dialog: DialogEntry): void {
    const key = keyOf(dialog.callId, dialog.remoteTag)
    const found = this.#dialogs.get(key)
    if (found) this.#replace(key, [...listOf(found).filter(({ localTag }) => localTag !== dialog.localTag), dialog])
    else {
      this.#dialogs.set(key, dialog)
      this.#size += 1
    }
  }

  remove(dialog: DialogEntry): void {
    const key = keyOf(dialog.callId, dialog.remoteTag)
    const found = this.#dialogs.get(key)
    if (found === dialog) this.#replace(key, none)
    else if (found && isList(found) && found.includes(dialog)) {
      this.#replace(
        key,
        found.filter((each) => each !== dialog),
      )
    }
  }

  /** The dialog that a received request belongs to (RFC 3261 12.2.2). */
  of(request: Request): DialogEntry | undefined {
    return this.find(request.callId, request.toTag ?? '', request.fromTag ?? '')
  }

  /**
   * The dialog that a request without a To tag goes on with: the only one of its Call-ID and From tag, and only with a
   * CSeq number that the dialog has not had. RFC 2543 peers send such requests.
   */
  continuedBy(request: Request): DialogEntry | undefined {
    const found = this.#dialogs.get(keyOf(request.callId, request.fromTag ?? ''))

    return found && !isList(found) && found.isContinuedBy(request) ? found : undefined
  }

  find(callId: string, localTag: string, remoteTag: string): DialogEntry | undefined {
    const found = this.#dialogs.get(keyOf(callId, remoteTag))
    if (!found) return undefined
    if (isList(found)) return found.find((dialog) => dialog.localTag === localTag)

    return found.localTag === localTag ? found : undefined
  }

  /** The dialog that a Replaces header means (RFC 3891 3). */
  replaced({ callId, toTag, fromTag }: Replaces): DialogEntry | undefined {
    return this.find(callId, toTag, fromTag)
  }

  /** Ends every dialog without a BYE. */
  close(): void {
    for (const dialogs of [...this.#dialogs.values()]) for (const dialog of listOf(dialogs)) dialog.close()
  }

  #replace(key: string, dialogs: readonly DialogEntry[]): void {
    this.#size += dialogs.length - listOf(this.#dialogs.get(key)).length
    const [first, second] = dialogs
    if (!first) this.#dialogs.delete(key)
    else this.#dialogs.set(key, second ? dialogs : first)
  }
}

const none: readonly DialogEntry[] = []

const isList = (found: DialogEntry | readonly DialogEntry[]): found is readonly DialogEntry[] => Array.isArray(found)

function listOf(found: DialogEntry | readonly DialogEntry[] | undefined): readonly DialogEntry[] {
  if (!found) return none

  return isList(found) ? found : [found]
}

const keyOf = (callId: string, remoteTag: string): string => `${callId} ${remoteTag}`

/** A dialog as a Replaces header names it, from the receiver's side (RFC 3891 6.1). */
export interface Replaces {
  callId: string
  /** Our tag. */
  toTag: string
  fromTag: string
  /** Only an early dialog may be replaced. */
  earlyOnly: boolean
}

/** Parses the value of Replaces. Undefined when it is malformed. */
export function parseReplaces(value: string): Replaces | undefined {
  const semicolon = value.indexOf(';')
  const params = semicolon <= 0 ? undefined : Params.parse(value, semicolon)
  const toTag = params?.get('to-tag')
  const fromTag = params?.get('from-tag')
  if (!params || !toTag || !fromTag) return undefined

  return { callId: value.slice(0, semicolon).trim(), toTag, fromTag, earlyOnly: params.has('early-only') }
}

/** A dialog that may be replaced or joined. */
export interface ReplaceableDialog {
  readonly isEarly: boolean
  readonly initiatedBy: 'us' | 'peer'
}

/**
 * The status that refuses an INVITE with Replaces (RFC 3891 3) or Join (RFC 3911 4), for a user agent that does neither:
 * served as one more call, the INVITE would ring, which is not what its sender wants. Undefined for any other INVITE.
 */
export function takeoverRefusal(
  invite: Request,
  find: (named: Replaces) => ReplaceableDialog | undefined,
): 400 | 481 | 486 | 488 | undefined {
  const { replaces, join } = headerNames
  if (!invite.has(replaces) && !invite.has(join)) return undefined
  const [value = '', ...others] = [...invite.headers(replaces), ...invite.headers(join)]
  // Both headers at once, or two of one, contradict each other.
  const named = others.length === 0 ? parseReplaces(value) : undefined
  if (!named) return 400
  const dialog = find(named)
  if (!dialog) return 481
  if (!invite.has(replaces)) return 488
  // RFC 3891 3: a caller may not pick up its own call that still rings here.
  if (dialog.isEarly && dialog.initiatedBy === 'peer') return 481

  return named.earlyOnly && !dialog.isEarly ? 486 : 488
}

/** Whether a required option tag is `replaces` and the INVITE has a Replaces, which `takeoverRefusal` answers. */
export function understandsReplaces(request: Request, tag: string): boolean {
  return tag === 'replaces' && request.method === 'INVITE' && request.has(headerNames.replaces)
}
