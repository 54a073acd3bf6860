import type { Step } from '../../routes/index.ts'
import type { Trunk } from '../../config/index.ts'
import { maybeRefusesSrtp, sessionOffers } from '../media/srtp.ts'
import type { TrunkMemories } from './trunk-memory.ts'

/** The sessions that one target is offered, one INVITE after the other: plain RTP where it refuses SRTP that is not required. */
export class SessionOffers {
  readonly #srtp: TrunkMemories['srtp']
  readonly #trunk: Trunk
  /** The gateway is part of the key: one gateway of a trunk may know SRTP where another does not. */
  readonly #key: string
  readonly #offers: string[]
  /** Whether the target has lately refused SRTP. */
  readonly hasRefusedSrtp: boolean
  /** Whether the target is offered plain RTP after it had refused SRTP. */
  #fellBack = false

  /** @param session the caller's; '' leaves the offer to the target */
  constructor(
    { memory, trunk }: { memory: TrunkMemories; trunk: Trunk },
    target: string,
    session: string,
    encryption: Step['encryption'],
  ) {
    this.#srtp = memory.srtp
    this.#trunk = trunk
    this.#key = `${trunk.name} ${target.replace(/^[^@]*@/, '').split(';', 1)[0]}`
    this.hasRefusedSrtp = this.#srtp.refusal(this.#key) !== undefined
    this.#offers = sessionOffers(session, encryption, this.hasRefusedSrtp)
  }

  /** The session to offer next; undefined when none is left. */
  next(): string | undefined {
    return this.#offers.shift()
  }

  /** Whether a refusal may be one of SRTP, and plain RTP is offered next. */
  fallsBackAfter(status: number): boolean {
    const fallsBack = maybeRefusesSrtp(status) && this.#offers.length > 0
    if (fallsBack) this.#fellBack = true

    return fallsBack
  }

  /** The target has accepted the present session: plain RTP is remembered where it had refused SRTP. */
  accepted(): void {
    if (this.#fellBack) this.#srtp.remember(this.#key, this.#trunk.srtpMemory, 'SRTP')
  }
}
