import type { Request } from '../message/index.ts'
import type { Dialog } from './dialog.ts'
import type { Replaces } from './replaces.ts'
import { dialogId } from './dialog-id.ts'

/** The dialogs that are alive, early ones included. */
export class DialogTable {
  readonly #dialogs = new Map<string, Dialog>()

  get size(): number {
    return this.#dialogs.size
  }

  add(dialog: Dialog): void {
    this.#dialogs.set(dialog.id, dialog)
  }

  remove(dialog: Dialog): void {
    if (this.#dialogs.get(dialog.id) === dialog) this.#dialogs.delete(dialog.id)
  }

  /** The dialog that a received request belongs to (RFC 3261 12.2.2). */
  of(request: Request): Dialog | undefined {
    return this.#dialogs.get(dialogId(request.callId, request.toTag ?? '', request.fromTag ?? ''))
  }

  find(callId: string, localTag: string, remoteTag: string): Dialog | undefined {
    return this.#dialogs.get(dialogId(callId, localTag, remoteTag))
  }

  /** The dialog that a Replaces header means (RFC 3891 3). */
  replaced({ callId, toTag, fromTag }: Replaces): Dialog | undefined {
    return this.find(callId, toTag, fromTag)
  }

  /** Ends every dialog without a word. */
  close(): void {
    for (const dialog of [...this.#dialogs.values()]) dialog.close()
  }
}
