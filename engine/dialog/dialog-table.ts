import type { Request } from '../message/index.ts'
import type { Dialog } from './dialog.ts'
import type { Replaces } from './replaces.ts'

/** The dialogs that are alive, early ones included. */
export class DialogTable {
  /** By Call-ID and remote tag: one dialog each, unless our side of the call was forked. */
  readonly #dialogs = new Map<string, readonly Dialog[]>()
  #size = 0

  get size(): number {
    return this.#size
  }

  add(dialog: Dialog): void {
    const key = keyOf(dialog.callId, dialog.remoteTag)
    const others = this.#dialogs.get(key)?.filter(({ localTag }) => localTag !== dialog.localTag)
    this.#replace(key, others ? [...others, dialog] : [dialog])
  }

  remove(dialog: Dialog): void {
    const key = keyOf(dialog.callId, dialog.remoteTag)
    const found = this.#dialogs.get(key)
    if (found?.includes(dialog)) {
      this.#replace(
        key,
        found.filter((each) => each !== dialog),
      )
    }
  }

  /** The dialog that a received request belongs to (RFC 3261 12.2.2). */
  of(request: Request): Dialog | undefined {
    return this.find(request.callId, request.toTag ?? '', request.fromTag ?? '')
  }

  /**
   * The dialog that a request without a To tag goes on with: the only one of its Call-ID and From tag, and only with a
   * CSeq number that the dialog has not had. RFC 2543 peers send such requests.
   */
  continuedBy(request: Request): Dialog | undefined {
    const found = this.#dialogs.get(keyOf(request.callId, request.fromTag ?? ''))
    const dialog = found?.[0]

    return found?.length === 1 && dialog?.isContinuedBy(request) ? dialog : undefined
  }

  find(callId: string, localTag: string, remoteTag: string): Dialog | undefined {
    const found = this.#dialogs.get(keyOf(callId, remoteTag))
    if (found) for (const dialog of found) if (dialog.localTag === localTag) return dialog

    return undefined
  }

  /** The dialog that a Replaces header means (RFC 3891 3). */
  replaced({ callId, toTag, fromTag }: Replaces): Dialog | undefined {
    return this.find(callId, toTag, fromTag)
  }

  /** Ends every dialog without a word. */
  close(): void {
    for (const dialogs of [...this.#dialogs.values()]) for (const dialog of dialogs) dialog.close()
  }

  #replace(key: string, dialogs: readonly Dialog[]): void {
    this.#size += dialogs.length - (this.#dialogs.get(key)?.length ?? 0)
    if (dialogs.length > 0) this.#dialogs.set(key, dialogs)
    else this.#dialogs.delete(key)
  }
}

const keyOf = (callId: string, remoteTag: string): string => `${callId} ${remoteTag}`
