import type { Clock, Timer } from '../engine/index.ts'
import type {
  DialogEvents,
  InviteEvents,
  InviteOptions,
  OutgoingInvite,
  SipAddress,
  SipDialog,
  SipResponse,
  SipStack,
} from './sip/stack.ts'

/**
 * Confines exceptions to a call, a transfer or other work: SIP events, timers, promises and API requests run the work's code through
 * its guard, and an exception ends that work alone.
 */
export class Guard {
  readonly #onDefect: (error: unknown) => void

  /** @param onDefect is called with every exception, and ends the guarded call or transfer; it must not throw */
  constructor(onDefect: (error: unknown) => void) {
    this.#onDefect = onDefect
  }

  /**
   * Runs a function, or starts an asynchronous one.
   * @param recover runs after an exception, for instance to send a final response
   */
  run(enter: () => unknown, recover?: () => unknown): void {
    try {
      const result = enter()
      if (result instanceof Promise) {
        result.catch((error: unknown) => {
          this.#fail(error, recover)
        })
      }
    } catch (error) {
      this.#fail(error, recover)
    }
  }

  /** The same clock; its timers run through the guard. */
  clock(clock: Clock): Clock {
    return new GuardedClock(clock, this)
  }

  /** The same stack; the events of INVITEs run through the guard; `PartyLeg` does the same for those of dialogs. */
  stack(stack: CallStack): CallStack {
    return new GuardedStack(stack, this)
  }

  /**
   * The same listener, whose methods return nothing; the guard catches their exceptions.
   * @param isHeard whether the methods do anything now
   */
  listener<T extends object>(listener: T, isHeard = () => true): T {
    return new Proxy(listener, {
      get: (target, name) => {
        const method: unknown = Reflect.get(target, name)
        if (typeof method !== 'function') return method

        return (...args: unknown[]) => {
          if (isHeard()) this.run((): unknown => Reflect.apply(method, target, args))
        }
      },
    })
  }

  #fail(error: unknown, recover: (() => unknown) | undefined): void {
    if (recover) this.run(recover)
    this.#onDefect(error)
  }
}

/** The part of the SIP stack that calls use. */
export type CallStack = Pick<SipStack, 'addresses' | 'invite' | 'reportsTrying'>

class GuardedClock implements Clock {
  readonly #clock: Clock
  readonly #guard: Guard

  constructor(clock: Clock, guard: Guard) {
    this.#clock = clock
    this.#guard = guard
  }

  now(): number {
    return this.#clock.now()
  }

  after<T>(ms: number, fn: (of: T) => void, of?: T): Timer {
    return this.#clock.after(ms, () => {
      this.#guard.run(() => {
        fn(of as T)
      })
    })
  }
}

class GuardedStack implements CallStack {
  readonly #stack: CallStack
  readonly #guard: Guard

  constructor(stack: CallStack, guard: Guard) {
    this.#stack = stack
    this.#guard = guard
  }

  get addresses(): readonly SipAddress[] {
    return this.#stack.addresses
  }

  get reportsTrying(): boolean {
    return this.#stack.reportsTrying
  }

  invite(uri: string, options: InviteOptions, events: InviteEvents): OutgoingInvite {
    return this.#stack.invite(uri, options, new GuardedInviteEvents(events, this.#guard))
  }
}

/** One object for each INVITE, and a closure for each of its few events. */
class GuardedInviteEvents implements InviteEvents {
  readonly dialog: DialogEvents
  readonly #events: InviteEvents
  readonly #guard: Guard

  constructor(events: InviteEvents, guard: Guard) {
    this.dialog = events.dialog
    this.#events = events
    this.#guard = guard
  }

  trying(): void {
    this.#guard.run(() => this.#events.trying?.())
  }

  progress(response: SipResponse): void {
    this.#guard.run(() => this.#events.progress(response))
  }

  retried(response: SipResponse): void {
    this.#guard.run(() => this.#events.retried?.(response))
  }

  accepted(response: SipResponse, dialog: SipDialog): void {
    this.#guard.run(
      () => this.#events.accepted(response, dialog),
      // A 2xx must be ACKed; BYE then ends its dialog (RFC 3261 13.2.2.4).
      () => dialog.bye(),
    )
  }

  failed(response: SipResponse): void {
    this.#guard.run(() => this.#events.failed(response))
  }
}
