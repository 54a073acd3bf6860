import type { Flow } from '../flow/index.ts'
import type { ServerUser, TransactionContext } from './context.ts'
import {
  nonInviteServer,
  type NonInviteServerAction,
  type NonInviteServerInput,
  type NonInviteServerState,
} from './non-invite-machines.ts'
import { AbstractServerTransaction } from './transaction.ts'

/** A request other than INVITE or ACK that a peer sent (RFC 3261 17.2.2). */
export class NonInviteServerTransaction extends AbstractServerTransaction<
  NonInviteServerState,
  NonInviteServerInput,
  NonInviteServerAction
> {
  constructor(context: TransactionContext, request: { key: string; mergeKey: string | undefined; flow: Flow }) {
    super(context, nonInviteServer, 'trying', request)
  }

  override get isPending(): boolean {
    return this.state === 'trying' || this.state === 'proceeding'
  }

  start(): void {
    this.startDeadline(64 * this.context.timers.t1, 'timerF')
  }

  protected override inputOf(status: number): NonInviteServerInput {
    return status < 200 ? 'provisional' : 'final'
  }

  protected override run(action: NonInviteServerAction, user: ServerUser | undefined): void {
    switch (action) {
      case 'send':
        this.send(this.response)
        return
      case 'repeat':
        this.repeat()
        return
      case 'startJ':
        this.user = undefined
        this.noteAnswered()
        this.startLastWait(64 * this.context.timers.t1, 'timerJ')
        return
      case 'reportTimeout':
        return user?.timeout()
      case 'reportTransportError':
        return user?.transportError()
    }
  }
}
