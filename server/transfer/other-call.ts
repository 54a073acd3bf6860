import type { PartyLeg, PartyLegOwner } from '../legs/party-leg.ts'

/** Another call of the same agent, whose far end is to take the agent's place in an attended transfer. */
export interface OtherCall {
  readonly id: string
  /** Who is to be joined with the caller. */
  readonly far: PartyLeg
  readonly agent: PartyLeg
  /** The handoff that was consulted; undefined when another caller is at the far end. */
  readonly handoff: string | undefined
  /** Whether it is a sips call. */
  readonly isSecure: boolean
  /** From now on nothing that the agent does ends the far end's dialog: `owner` looks after it. */
  lend(owner: PartyLegOwner): void
  /** It came to nothing: the far end is with its agent again, or released when the agent has gone. */
  takeBack(): void
  /** The far end has been joined: this call is over. */
  handOver(): void
}
