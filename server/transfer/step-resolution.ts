import { copyText, isoTime, type Clock } from '../../engine/index.ts'
import type { Step } from '../../routes/index.ts'
import { withPassedOver } from '../legs/status-line.ts'
import type { Evidence } from '../legs/views.ts'
import type { SipDialogEnd } from '../sip/stack.ts'
import type { AttemptRecord, StepResolver } from './attempt.ts'

/** The asking of one step's resolver. No attempt has begun meanwhile: its evidence begins that of the step's first attempt. */
export class StepResolution {
  readonly #clock: Clock
  readonly #evidence: Evidence[] = []
  readonly #cancelled = new AbortController()
  readonly #startedAt: number
  isAsking = true

  constructor(clock: Clock) {
    this.#clock = clock
    this.#startedAt = clock.now()
  }

  /** Resolves with the step to run; with the planned one, at once, when the asking is cancelled. */
  async run(planned: Step, resolve: StepResolver): Promise<Step> {
    const { signal } = this.#cancelled
    const stopped = new Promise<undefined>((over) => {
      signal.addEventListener('abort', () => {
        over(undefined)
      })
    })
    this.#note('baton', `asks the resolver at ${new URL(planned.resolver?.url ?? '').origin}`)
    const resolved = await Promise.race([resolve(planned, signal), stopped])
    this.isAsking = false
    for (const what of resolved?.evidence ?? []) this.#note('baton', what)

    return resolved?.step ?? planned
  }

  /** The step is run as planned. */
  skip(why: string): void {
    this.isAsking = false
    this.#note('baton', why)
  }

  /** @param end the end of the caller's dialog, where that is why */
  cancel(end?: SipDialogEnd): void {
    if (end?.by === 'peer') this.#note('caller', withPassedOver('BYE', end.request))
    else if (end) this.#note('baton', `dialog ended: ${end.reason}`)
    this.#cancelled.abort()
  }

  /** The attempt that the asking was for. */
  begin(record: AttemptRecord): void {
    record.beginsWith(this.#evidence, this.#startedAt)
  }

  #note(from: Evidence['from'], what: string): void {
    this.#evidence.push({ at: isoTime(this.#clock.now()), from, what: copyText(what) })
  }
}
