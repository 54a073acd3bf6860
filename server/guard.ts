import type { Clock, Timer } from '../engine/index.ts'
import type { InviteEvents, InviteOptions, OutgoingInvite, SipAddress, SipStack } from './sip/stack.ts'

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

  /** The same listener, whose methods return nothing; the guard catches their exceptions. */
  listener<T extends object>(listener: T): T {
    return new Proxy(listener, {
      get: (target, name) => {
        const method: unknown = Reflect.get(target, name)
        if (typeof method !== 'function') return method

        return (...args: unknown[]) => {
          this.run((): unknown => Reflect.apply(method, target, args))
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
    const guard = this.#guard

    return this.#stack.invite(uri, options, {
      dialog: events.dialog,
      trying: () => {
        guard.run(() => events.trying?.())
      },
      progress: (response) => {
        guard.run(() => events.progress(response))
      },
      retried: (response) => {
        guard.run(() => events.retried?.(response))
      },
      accepted: (response, dialog) => {
        guard.run(
          () => events.accepted(response, dialog),
          // A 2xx must be ACKed; BYE then ends its dialog (RFC 3261 13.2.2.4).
          () => dialog.bye(),
        )
      },
      failed: (response) => {
        guard.run(() => events.failed(response))
      },
    })
  }
}
