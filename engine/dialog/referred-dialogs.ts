import type { Clock } from '../clock/index.ts'

/** How long after the BYE the NOTIFYs of a REFER are taken. */
const lateNotifyGraceMs = 2000

/**
 * Ended dialogs in which a NOTIFY of a REFER of ours may still come, by an identifier. RFC 5057 2: the subscription is a usage
 * of the dialog in its own right and outlives the session.
 */
export class ReferredDialogs<D> {
  readonly #clock: Clock
  readonly #dialogs = new Map<string, D>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** The dialog has ended. */
  add(id: string, dialog: D): void {
    this.#dialogs.set(id, dialog)
    this.#clock.after(lateNotifyGraceMs, () => {
      // Another dialog may have the identifier by then.
      if (this.#dialogs.get(id) === dialog) this.#dialogs.delete(id)
    })
  }

  get(id: string): D | undefined {
    return this.#dialogs.get(id)
  }
}
