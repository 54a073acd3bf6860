import type { Endpoint, Flow, Transport } from '../flow/index.ts'
import type { DialogState } from './dialog-state.ts'
import type { SessionAgreement } from './session-timer.ts'

/**
 * A confirmed dialog as the next process needs it after a crash: JSON, in binary strings. Transactions are not kept: the peer
 * repeats a request that had no answer (RFC 3261 17.1).
 */
export interface KeptDialog extends Omit<DialogState, 'route' | 'remoteCSeqs'> {
  /** The highest CSeq number of the peer; left out before its first request. */
  readonly remoteCSeq?: number | undefined
  readonly localContact: string
  readonly initiatedBy: 'us' | 'peer'
  /** The session description that we sent last. */
  readonly localDescription: string
  /** The flow of the INVITE. */
  readonly origin?: KeptFlow | undefined
  /** The flow that requests stay on (RFC 5923); of a connection, the peer's address, to which a new one is made. */
  readonly reusable?: KeptFlow | undefined
  /** The session timer (RFC 4028), and whether the peer takes UPDATE as its refresh. */
  readonly session?: (SessionAgreement & { readonly byUpdate: boolean }) | undefined
  /** A REFER of ours has gone out in the dialog. */
  readonly hasReferred?: true | undefined
}

/** An INVITE of ours that has had no final response, as the next process needs it. */
export interface KeptInvite {
  /** The request as it was sent last, in a binary string. */
  readonly bytes: string
  readonly at: KeptFlow
}

export interface KeptFlow extends Endpoint {
  readonly transport: Transport
}

/**
 * RFC 3261 12.2.1.1: the CSeq numbers of our requests rise strictly, by any amount. Requests that were sent after the dialog
 * was kept are fewer than these.
 */
const cseqGap = 100_000

/** The parts of a dialog that only it knows. */
interface OwnParts {
  readonly origin: Flow | undefined
  readonly session: KeptDialog['session'] | undefined
  readonly hasReferred: boolean
}

/** What the next process needs of a dialog. */
export function keptDialog(
  dialog: Pick<KeptDialog, 'localContact' | 'initiatedBy' | 'localDescription'> & {
    readonly state: DialogState
    readonly reusableFlow: Flow | undefined
  },
  { origin, session, hasReferred }: OwnParts,
): KeptDialog {
  const { localContact, initiatedBy, localDescription, reusableFlow } = dialog
  const { callId, localTag, remoteTag, from, to, isSecure, localCSeq, remoteCSeqs, remoteTarget, routeSet } =
    dialog.state

  // Fields that are undefined are left out of the JSON. A spread would give the object a hidden class of its own.
  return {
    callId,
    localTag,
    remoteTag,
    from,
    to,
    isSecure,
    localCSeq,
    remoteTarget,
    routeSet,
    localContact,
    initiatedBy,
    localDescription,
    remoteCSeq: remoteCSeqs.at(-1),
    origin: origin && keptFlow(origin),
    reusable: reusableFlow && keptFlow(reusableFlow),
    session,
    hasReferred: hasReferred ? true : undefined,
  }
}

export function keptFlow({ transport, remote }: Flow): KeptFlow {
  return { transport, address: remote.address, port: remote.port }
}

/** The state of a dialog that another process has kept. */
export function stateOfKept(kept: KeptDialog): DialogState {
  const { callId, localTag, remoteTag, from, to, isSecure, remoteCSeq, remoteTarget, routeSet } = kept

  return {
    ...{ callId, localTag, remoteTag, from, to, isSecure, remoteTarget, routeSet },
    localCSeq: kept.localCSeq + cseqGap,
    remoteCSeqs: remoteCSeq === undefined ? [] : [remoteCSeq],
    route: undefined,
  }
}
