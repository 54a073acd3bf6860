import type { RoomSearch } from '../limits/index.ts'
import type { ClosedTarget, TargetHealth } from '../targets/index.ts'

interface OpenChoicesParts<Choice> {
  /** In the order in which they are called. */
  choices: readonly Choice[]
  uriOf: (choice: Choice) => string
  /** Without it, no choice is passed over. */
  targets: TargetHealth | undefined
  /** Without it, no choice has a limit. */
  room: RoomSearch<Choice> | undefined
  /** Whether choices that are down may be called, now that no other is left. */
  mayCallDown: () => boolean
}

interface ChoiceEvents<Choice> {
  /** The choice is not called, since its target is down or taken out. */
  passedOver(choice: Choice, why: string): void
  /** The choice is not called, since it has no room. */
  full(choice: Choice, what: string): void
  /** The choices that are down are called all the same. */
  downCalled?(): void
}

/**
 * The agents, gateways or destinations of one call, one after the other. Those that are down or full cost no time; when no
 * other is left, those that are down are called all the same, in their order.
 */
export class OpenChoices<Choice> {
  readonly #parts: OpenChoicesParts<Choice>
  readonly #events: ChoiceEvents<Choice>
  #remaining: Choice[]
  /** The choices that were passed over because they are down. */
  #down: Choice[] | undefined
  #callsDown = false
  #hasPassedOver = false

  constructor(parts: OpenChoicesParts<Choice>, events: ChoiceEvents<Choice>) {
    this.#parts = parts
    this.#events = events
    this.#remaining = [...parts.choices]
  }

  get hasPassedOver(): boolean {
    return this.#hasPassedOver
  }

  /** Whether some have been neither called nor passed over. */
  get hasRemaining(): boolean {
    return this.#remaining.length > 0
  }

  /** Puts choices, such as the contacts of a redirection, before those that remain. */
  prepend(choices: readonly Choice[]): void {
    this.#remaining.unshift(...choices)
  }

  /** Puts choices in the place of those that remain. */
  replace(choices: readonly Choice[]): void {
    this.#remaining = [...choices]
  }

  /** The next one to call, with room taken for it and given back for the one before; undefined when none is left. */
  next(): Choice | undefined {
    const { uriOf, targets, room, mayCallDown } = this.#parts
    room?.release()
    for (;;) {
      const choice = this.#remaining.shift()
      if (choice === undefined) {
        if (!this.#down || this.#callsDown || !mayCallDown()) return undefined
        this.#callsDown = true
        this.#remaining = this.#down
        this.#events.downCalled?.()
        continue
      }
      const closed = targets?.closed(uriOf(choice))
      if (closed && (!this.#callsDown || closed.isTakenOut)) {
        this.#passOver(choice, closed)
        continue
      }
      const full = room?.take(choice)
      if (!full) return choice
      this.#events.full(choice, full.what)
    }
  }

  #passOver(choice: Choice, { why, isTakenOut, reason }: ClosedTarget): void {
    const { targets, uriOf } = this.#parts
    this.#hasPassedOver = true
    if (!isTakenOut) (this.#down ??= []).push(choice)
    targets?.refused(uriOf(choice), reason)
    this.#events.passedOver(choice, why)
  }
}
