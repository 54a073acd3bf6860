/** Why a transfer cannot begin: the API's problem details, and the final response to the agent's REFER. */
export class TransferRefused extends Error {
  /** The API's HTTP status. */
  readonly status: number
  readonly sipStatus: number
  readonly slug: string
  readonly title: string
  readonly detail: string

  constructor(parts: { status: number; sipStatus: number; slug: string; title: string; detail: string }) {
    super(parts.detail)
    this.status = parts.status
    this.sipStatus = parts.sipStatus
    this.slug = parts.slug
    this.title = parts.title
    this.detail = parts.detail
  }

  static running(handoff: string): TransferRefused {
    return new TransferRefused({
      status: 409,
      // RFC 3261 21.4.27: 491 lets the agent send its REFER again.
      sipStatus: 491,
      slug: 'transfer-running',
      title: 'Another transfer is running',
      detail: `the call is being transferred to ${handoff}; wait for transfer.ended`,
    })
  }

  static notConnected(state: string): TransferRefused {
    return new TransferRefused({
      status: 409,
      sipStatus: 403,
      slug: 'call-not-connected',
      title: 'The call is not with its agent',
      detail: `the call is in state ${state}; only a connected call can be transferred`,
    })
  }

  static otherAgent(): TransferRefused {
    return new TransferRefused({
      status: 403,
      sipStatus: 403,
      slug: 'other-agents-call',
      title: 'That call is not of this agent',
      detail: 'Replaces must name the dialog of another call of the same agent, in the same project and environment',
    })
  }

  static noneRuns(): TransferRefused {
    return new TransferRefused({
      status: 409,
      sipStatus: 481,
      slug: 'no-transfer-running',
      title: 'No transfer is running',
      detail: 'the call is not being transferred, so that there is nothing to call off',
    })
  }

  static internalError(): TransferRefused {
    return new TransferRefused({
      status: 500,
      sipStatus: 500,
      slug: 'internal-error',
      title: 'Something went wrong in Baton',
      detail: 'the transfer could not be planned; the log of Baton says more',
    })
  }

  static rawTarget(detail: string): TransferRefused {
    return new TransferRefused({
      status: 403,
      sipStatus: 403,
      slug: 'adhoc-forbidden',
      title: 'This number or URI is not allowed',
      detail,
    })
  }
}
