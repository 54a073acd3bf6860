/** Ports that fail once, at a call of a method that is chosen by its number. */
import type { Clock } from '../../../../engine/index.ts'
import type {
  SipDialog,
  DialogEvents,
  IncomingInvite,
  InviteEvents,
  SipStack,
  SipUser,
} from '../../../../server/sip/stack.ts'

/** `never`: the work is done, and the promise does not settle. */
export type Mode = 'throw' | 'reject' | 'never'

const asynchronous = new Set(['dialog.request', 'dialog.reinvite', 'dialog.bye'])

/** Whether a method of a port can fail in this way. */
export function canFail(name: string, mode: Mode): boolean {
  // Of the process, and not of a call.
  if (name === 'stack.start' || name === 'stack.drain') return false

  return mode === 'throw' || asynchronous.has(name)
}

/** What is called, in order, and what fails. */
export class Faults {
  /** The methods that were called. */
  readonly called: string[] = []
  /** Whether it has failed. */
  hasStruck = false
  readonly #at: number
  readonly #mode: Mode

  constructor(at = Infinity, mode: Mode = 'throw') {
    this.#at = at
    this.#mode = mode
  }

  /** The same object; each of its methods may fail. `adapt` wraps what is handed in and out. */
  port<T extends object>(target: T, kind: string, adapt: Adapt = {}): T {
    return new Proxy(target, {
      get: (_target, name) => {
        const value: unknown = Reflect.get(target, name)
        if (typeof value !== 'function') return value

        return (...args: unknown[]): unknown => {
          const method = `${kind}.${String(name)}`
          const mode = this.#next(method)
          if (mode === 'throw') throw new Error(`injected: ${method}`)
          if (mode === 'reject') return Promise.reject(new Error(`injected: ${method}`))
          const { argument, result } = adapt[String(name)] ?? {}
          const returned: unknown = Reflect.apply(value, target, argument ? args.map(argument) : args)
          if (mode === 'never') return new Promise(() => undefined)

          return result ? result(returned) : returned
        }
      },
      set: (_target, name, value) => Reflect.set(target, name, value),
    })
  }

  clock(clock: Clock): Clock {
    return this.port(clock, 'clock', { after: { result: (timer) => this.port(timer as object, 'timer') } })
  }

  stack(stack: SipStack): SipStack {
    return this.port(stack, 'stack', {
      start: { argument: (user) => this.#user(user as SipUser) },
      invite: {
        argument: (each) => (isEvents(each) ? this.#inviteEvents(each) : each),
        result: (invite) => this.port(invite as object, 'outgoing'),
      },
    })
  }

  #next(method: string): Mode | undefined {
    this.called.push(method)
    if (this.called.length !== this.#at + 1 || !canFail(method, this.#mode)) return undefined
    this.hasStruck = true

    return this.#mode
  }

  #user(user: SipUser): SipUser {
    return {
      invite: (invite) => {
        user.invite(this.#incoming(invite))
      },
      request: (request) => {
        user.request(this.port(request, 'request'))
      },
      message: (record, tags) => {
        user.message(record, tags)
      },
      connected: (up) => {
        user.connected(up)
      },
    }
  }

  #incoming(invite: IncomingInvite): IncomingInvite {
    return this.port(invite, 'invite', {
      accept: {
        argument: (each) => (isDialogEvents(each) ? this.#dialogEvents(each) : each),
        result: (dialog) => this.#dialog(dialog as SipDialog),
      },
    })
  }

  #inviteEvents(events: InviteEvents): InviteEvents {
    return {
      progress: (response) => {
        events.progress(response)
      },
      retried: (response) => events.retried?.(response),
      failed: (response) => {
        events.failed(response)
      },
      accepted: (response, dialog) => {
        events.accepted(response, this.#dialog(dialog))
      },
      dialog: this.#dialogEvents(events.dialog),
    }
  }

  #dialogEvents(events: DialogEvents): DialogEvents {
    return {
      request: (request) => {
        events.request(this.port(request, 'request'))
      },
      reinvite: (invite) => {
        events.reinvite(this.port(invite, 'reinvite'))
      },
      ack: (ack) => events.ack?.(ack),
      ended: (end) => {
        events.ended(end)
      },
    }
  }

  #dialog(dialog: SipDialog): SipDialog {
    return this.port(dialog, 'dialog')
  }
}

type Adapt = Partial<Record<string, { argument?: (each: unknown) => unknown; result?: (returned: unknown) => unknown }>>

const isEvents = (each: unknown): each is InviteEvents =>
  typeof each === 'object' && each !== null && 'accepted' in each

const isDialogEvents = (each: unknown): each is DialogEvents =>
  typeof each === 'object' && each !== null && 'ended' in each && 'request' in each
