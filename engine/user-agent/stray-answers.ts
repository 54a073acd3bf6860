import { BoundedMap } from '../bounded-map.ts'
import {
  AckRepeater,
  type Core,
  Dialog,
  dialogId,
  noop,
  noRequestUser,
  remoteTargetIn,
  uacDialog,
} from '../dialog/index.ts'
import type { Flow } from '../flow/index.ts'
import { isSuccess, type Response } from '../message/index.ts'

/** Calls that rang when the process before ended. */
const maxAnswers = 10_000

/**
 * The 2xx of INVITEs that the process before has sent. Each is acknowledged, or its sender would repeat it for 64*T1 and
 * then end a call that goes on (RFC 3261 13.2.2.4, 13.3.1.4). The call is ended by BYE unless its dialog was restored.
 */
export class StrayAnswers {
  readonly #core: Core
  readonly #isOfPeer: (dialog: Dialog, flow: Flow) => boolean
  /** No INVITE of the process before is answered for longer: a 2xx is repeated for 64*T1. */
  readonly #until: number
  /** By dialog. */
  readonly #repeaters = new BoundedMap<AckRepeater>(maxAnswers)

  /** @param isOfPeer whether what comes by a flow may belong to a dialog */
  constructor(core: Core, isOfPeer: (dialog: Dialog, flow: Flow) => boolean) {
    this.#core = core
    this.#isOfPeer = isOfPeer
    this.#until = core.clock.now() + 64 * core.timers.t1
  }

  /** Requests go by the flow of the 2xx: its Contact may be forged, to have a third party called. */
  receive(response: Response, flow: Flow): void {
    const { callId, fromTag, toTag, cseq } = response
    if (!isSuccess(response.status) || cseq?.method !== 'INVITE' || this.#core.clock.now() > this.#until) return
    if (fromTag === undefined || toTag === undefined || remoteTargetIn(response) === undefined) return
    const id = `${dialogId(callId, fromTag, toTag)} ${cseq.number}`
    const known = this.#repeaters.get(id)
    if (known) known.response(response)
    else this.#acknowledge(id, response, flow)
  }

  #acknowledge(id: string, response: Response, flow: Flow): void {
    const core = this.#core
    const { callId, fromTag = '', toTag = '', cseq } = response
    const repeater = new AckRepeater(core, toTag, noop)
    const found = core.dialogs.find(callId, fromTag, toTag)
    if (found && (!(found instanceof Dialog) || found.isEarly || !this.#isOfPeer(found, flow))) return
    this.#repeaters.set(id, repeater)
    const dialog = found ?? new Dialog(core, uacDialog(response, '', flow.transport), '', flow)
    dialog.reusableFlow ??= flow
    dialog.confirm(response, { cseq: cseq?.number ?? 0, credentials: [], repeater })
    dialog.ack()
    if (!found) dialog.send('BYE', {}, noRequestUser)
  }
}
