import type { Clock } from '../../engine/index.ts'

/** What trunks have refused lately, so that the next caller is not made to wait for the same refusal. */
export class TrunkMemory {
  readonly #clock: Clock
  readonly #until = new Map<string, number>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** @param seconds how long it is remembered */
  remember(trunk: string, seconds: number): void {
    this.#until.set(trunk, Math.max(this.#until.get(trunk) ?? 0, this.#clock.now() + seconds * 1000))
  }

  refuses(trunk: string): boolean {
    return (this.#until.get(trunk) ?? 0) > this.#clock.now()
  }
}
