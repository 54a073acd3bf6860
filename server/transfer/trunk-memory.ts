import { BoundedMap, type Clock } from '../../engine/index.ts'

/** Names that are remembered at most: redirected hosts are among them, which peers make up. */
const maxRemembered = 1000

/** What trunks have refused lately, so that the next caller is not made to wait for the same refusal. */
export class TrunkMemory {
  readonly #clock: Clock
  readonly #until = new BoundedMap<number>(maxRemembered)

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** @param seconds how long it is remembered */
  remember(trunk: string, seconds: number): void {
    const until = Math.max(this.#until.get(trunk) ?? 0, this.#clock.now() + seconds * 1000)
    this.#until.set(trunk, until)
  }

  refuses(trunk: string): boolean {
    return (this.#until.get(trunk) ?? 0) > this.#clock.now()
  }
}
