import type { Step } from '../../routes/index.ts'
import { RoomSearch } from '../limits/index.ts'
import type { Attempt, AttemptContext } from './attempt.ts'
import { failed, type TransferOutcome } from './outcome.ts'

/** The room of a transfer within the limits of its handoffs: an attempt whose handoff is full waits, and has sent nothing. */
export class HandoffRoom {
  readonly #context: Pick<AttemptContext, 'limits' | 'guard' | 'needsOf' | 'progress'>
  /** The room that the present step has taken in its handoff. */
  #room: RoomSearch<Step> | undefined
  /** The attempts that have sent nothing: they wait for room, or have ended as overflow. */
  readonly #unsent = new Set<Attempt>()

  constructor(context: AttemptContext) {
    this.#context = context
  }

  isUnsent(attempt: Attempt): boolean {
    return this.#unsent.has(attempt)
  }

  /** Runs the attempt once its handoff has room: the caller stays with its agent until then. */
  run(attempt: Attempt): unknown {
    const { limits, guard, needsOf, progress } = this.#context
    const { record } = attempt
    const { step } = record
    // The INVITE after a refused REFER has the room of the REFER.
    if (!step.limit || !limits || step.passedOver || this.#room) return attempt.run()
    const room = (this.#room = new RoomSearch(limits, guard, needsOf))
    const full = room.take(step)
    if (!full) return attempt.run()
    record.note('baton', full.what)
    this.#unsent.add(attempt)
    room.waitForAny({
      queued: (seconds) => {
        record.noteQueued(seconds)
        progress(182, 'Queued')
      },
      granted: () => {
        this.#unsent.delete(attempt)

        return attempt.run()
      },
      overflow: ({ what }) => {
        record.end({ ...failed('overflow'), detail: what })
      },
    })

    return undefined
  }

  /** Ends an attempt that has sent nothing, and has nothing to take back. */
  endWait({ record }: Attempt, outcome: TransferOutcome): void {
    this.#room?.release()
    record.end(outcome)
  }

  /** A step is over. Its room lasts as long as the leg of its destination; after a REFER or a BYE, which leave none, it is free. */
  stepEnded({ result }: TransferOutcome, attempt: Attempt | undefined): void {
    const leg = result === 'succeeded' ? attempt?.destination : undefined
    if (leg) this.#room?.keepBy(leg)
    this.#room?.release()
    this.#room = undefined
  }
}
