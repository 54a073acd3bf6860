import type { Step } from '../../routes/index.ts'
import { OpenChoices } from '../legs/open-choices.ts'
import type { PartyLeg } from '../legs/party-leg.ts'
import { RoomSearch } from '../limits/index.ts'
import type { AttemptContext, AttemptRecord } from './attempt.ts'
import type { Destination } from './destination.ts'
import { failed, type TransferOutcome } from './outcome.ts'

interface SearchEvents {
  /** The caller waits for room, for so many seconds at most. */
  queued: (seconds: number) => void
  /** A target has room now. */
  granted: (target: string) => void
  /** Not even the wait has found room. */
  overflow: (what: string) => void
}

/** The targets of one destination, one after the other: those that are down or full are passed over, and waited for at the end. */
export class TargetSearch {
  readonly #record: AttemptRecord
  readonly #events: SearchEvents
  /** Undefined where neither the trunk nor a gateway has a limit. */
  readonly #room: RoomSearch<string> | undefined
  readonly #choices: OpenChoices<string>

  constructor(
    context: Pick<AttemptContext, 'limits' | 'guard' | 'targets' | 'hasOpenAlternative'>,
    step: Step,
    { needs, targets: choices }: Destination,
    record: AttemptRecord,
    events: SearchEvents,
  ) {
    this.#record = record
    this.#events = events
    const { limits, guard, targets } = context
    this.#room = limits && needs && new RoomSearch(limits, guard, needs)
    const mayCallDown = (): boolean => !context.hasOpenAlternative(step)
    this.#choices = new OpenChoices(
      { choices, uriOf: (uri) => uri, targets, room: this.#room, mayCallDown },
      {
        passedOver: (target, why) => {
          record.note('baton', `passed over: ${why}`)
          record.noteFailover(target, failed('target_down'))
        },
        full: (target, what) => {
          record.note('baton', `no INVITE to ${target}: ${what}`)
          record.noteFailover(target, failed('overflow'))
        },
        downCalled: () => {
          record.note('baton', 'no other destination is left: those that are down are called all the same')
        },
      },
    )
  }

  get hasPassedOver(): boolean {
    return this.#choices.hasPassedOver
  }

  /** The next target, with room taken for it; undefined when none is left. */
  next(): string | undefined {
    return this.#choices.next()
  }

  /** Puts the contacts of a redirection in the place of the targets that remain. */
  replace(targets: readonly string[]): void {
    this.#choices.replace(targets)
  }

  /** The caller stays with its agent until a target has room, or for as long as the limits say. False when none was full. */
  waitForRoom(): boolean {
    const { queued, granted, overflow } = this.#events
    const room = this.#room

    return room?.waitForAny({ queued, granted, overflow: ({ what }) => overflow(what) }) ?? false
  }

  /** What follows after a target has failed: the call of the next one, or a wait for one that was full; undefined when none is left. */
  after(target: string, outcome: TransferOutcome, call: (target: string) => void): (() => void) | undefined {
    if (this.#choices.hasRemaining || this.#room?.mayWait) this.#record.noteFailover(target, outcome)
    const next = this.#choices.next()
    if (next !== undefined) {
      return () => {
        call(next)
      }
    }

    return this.#room?.mayWait ? () => this.waitForRoom() : undefined
  }

  /** A target has answered: its leg keeps the room that was taken for it. */
  keepBy(leg: PartyLeg): void {
    this.#room?.keepBy(leg)
  }

  /** Gives the room back, or ends the wait for it. Idempotent. */
  release(): void {
    this.#room?.release()
  }
}
