import { randomUUID } from 'node:crypto'
import type { KeptInvite } from '../../../engine/index.ts'
import { sessionOf } from '../body-part.ts'
import { LocalResponse, noMediaServer } from '../local-response.ts'
import type {
  InviteEvents,
  InviteOptions,
  OutgoingInvite,
  SendOptions,
  SessionFilter,
  SipAddress,
  SipDialog,
  SipResponse,
  SipStack,
  DialogEvents,
} from '../stack.ts'
import { FilterUse, InOrder } from './filter-use.ts'
import { FilteredDialog } from './filtered-dialog.ts'
import { FilteredDialogEvents } from './filtered-events.ts'
import { FilteredResponse, sendingSession, sessionToSend, whenFiltered } from './filtered-message.ts'

type InvitingStack = Pick<SipStack, 'addresses' | 'invite' | 'reportsTrying'>

/** The same stack; an INVITE that has a `filter` has its sessions, and those of its dialog, pass through it. */
export class FilteringStack implements InvitingStack {
  readonly #stack: InvitingStack

  constructor(stack: InvitingStack) {
    this.#stack = stack
  }

  get addresses(): readonly SipAddress[] {
    return this.#stack.addresses
  }

  get reportsTrying(): boolean {
    return this.#stack.reportsTrying
  }

  invite(uri: string, { filter, ...options }: InviteOptions, events: InviteEvents): OutgoingInvite {
    return filter
      ? new FilteredInvite(this.#stack, uri, options, filter, events)
      : this.#stack.invite(uri, options, events)
  }
}

class FilteredInvite implements OutgoingInvite, InviteEvents {
  readonly callId: string
  readonly dialog: FilteredDialogEvents
  readonly #use: FilterUse
  readonly #events: InviteEvents
  readonly #receiving = new InOrder()
  readonly #hasOffer: boolean
  /** Undefined while the filter has not given the offer yet. */
  #invite: OutgoingInvite | undefined
  #isCancelled = false

  constructor(stack: InvitingStack, uri: string, options: InviteOptions, filter: SessionFilter, events: InviteEvents) {
    this.callId = options.callId ?? randomUUID()
    this.#use = new FilterUse(filter)
    this.dialog = new FilteredDialogEvents(events.dialog, this.#use, this.#receiving)
    this.#events = events
    const offer = sessionToSend(options)
    this.#hasOffer = offer !== ''
    const send = (session: string | undefined): void => {
      if (session === undefined) this.#failLocally(503, noMediaServer)
      else if (this.#isCancelled) this.#failLocally(487)
      else {
        const sent = offer === '' ? options : sendingSession(options, session)
        this.#invite = stack.invite(uri, { ...sent, callId: this.callId }, this)
      }
    }
    this.#receiving.run(() => whenFiltered(offer === '' ? '' : filter.toPeer('offer', offer), send))
  }

  cancel(options?: SendOptions): void {
    this.#isCancelled = true
    this.#invite?.cancel(options)
  }

  keep(): KeptInvite | undefined {
    return this.#invite?.keep?.()
  }

  noteUnresponsive(): boolean {
    return this.#invite?.noteUnresponsive?.() ?? false
  }

  trying(): void {
    this.#events.trying?.()
  }

  retried(response: SipResponse): void {
    this.#events.retried?.(response)
  }

  progress(response: SipResponse): void {
    this.#receive(response, (filtered) => {
      if (!this.#isCancelled) this.#events.progress(filtered)
    })
  }

  accepted(response: SipResponse, dialog: SipDialog): void {
    const filtered = new FilteredDialog(dialog, this.#use)
    this.#receive(response, (accepted) => {
      if (!this.#isCancelled) {
        this.#events.accepted(accepted, filtered)

        return
      }
      // RFC 3261 9.1: the owner has cancelled while the filter had the 2xx.
      dialog.ack()
      filtered.bye().catch(() => undefined)
      this.#events.failed(new LocalResponse(487, this.callId))
    })
  }

  failed(response: SipResponse): void {
    this.#receiving.run(() => {
      this.#use.end()
      this.#events.failed(response)
    })
  }

  #receive(response: SipResponse, deliver: (response: SipResponse) => void): void {
    const session = sessionOf(response)
    this.#receiving.run(() => {
      if (session === '') deliver(response)
      else {
        return whenFiltered(
          this.#use.filter.fromPeer(this.#hasOffer ? 'answer' : 'offer', session),
          (filtered = session) => {
            deliver(filtered === session ? response : new FilteredResponse(response, filtered))
          },
        )
      }
    })
  }

  /** The events of the port come after `invite` has returned. */
  #failLocally(status: number, reason?: string): void {
    queueMicrotask(() => {
      this.failed(new LocalResponse(status, this.callId, reason))
    })
  }
}

/** A dialog of the process before, whose sessions pass through a filter again. @param take takes the dialog up with these events */
export function restoredDialog(
  filter: SessionFilter,
  events: DialogEvents,
  take: (events: DialogEvents) => SipDialog,
): SipDialog {
  const use = new FilterUse(filter)

  return new FilteredDialog(take(new FilteredDialogEvents(events, use, new InOrder())), use)
}
