import type { Clock } from '../clock/index.ts'
import type { Application } from './protocol/application.ts'
import type { ApplicationDialog } from './application-dialog.ts'

/** How applications know a dialog, whoever sends in it: by the tag in the From of the request that made it. */
export const dialogIdOf = (callId: string, fromTag: string): string => `${callId};from-tag=${fromTag}`

/** How long after the end of a call a NOTIFY of an application's REFER is still handed on. Milliseconds. */
const lateNotifyGraceMs = 2000

/** The dialogs of all applications, by the id that they have for applications. */
export class ApplicationDialogs {
  readonly #dialogs = new Map<string, ApplicationDialog>()
  /** Calls that are over, in which an application has sent REFER. */
  readonly #late = new Map<string, ApplicationDialog>()
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get size(): number {
    return this.#dialogs.size
  }

  add(dialog: ApplicationDialog): void {
    this.#dialogs.set(dialog.id, dialog)
  }

  remove(dialog: ApplicationDialog): void {
    if (this.#dialogs.get(dialog.id) !== dialog) return
    this.#dialogs.delete(dialog.id)
    if (!dialog.hasReferred) return
    this.#late.set(dialog.id, dialog)
    this.#clock.after(lateNotifyGraceMs, () => this.#late.delete(dialog.id))
  }

  get(id: string): ApplicationDialog | undefined {
    return this.#dialogs.get(id)
  }

  /** RFC 5057 2: a REFER's subscription outlives the call. */
  recentlyEnded(id: string): ApplicationDialog | undefined {
    return this.#late.get(id)
  }

  ofApplication(application: Application): ApplicationDialog[] {
    return [...this.#dialogs.values()].filter((dialog) => dialog.application === application)
  }

  /** How many are confirmed: those that peers began, and those that we did. */
  stable(): { inbound: number; outbound: number } {
    const count = { inbound: 0, outbound: 0 }
    for (const dialog of this.#dialogs.values()) {
      if (dialog.isConfirmed && dialog.report) count[dialog.report.isInbound ? 'inbound' : 'outbound'] += 1
    }

    return count
  }
}
