import type { Response } from '../message/index.ts'
import type { ResponseOptions, ServerInvite, ServerRequest } from '../dialog/index.ts'
import { deliveredText } from './delivered-text.ts'
import { Incoming } from './incoming.ts'
import type { Leg } from './leg.ts'
import { received } from './passage.ts'
import { sipMessage } from './server-messages.ts'
import { agreeOnTimer } from '../dialog/session-timer.ts'

/** A request that renews the session: our 2xx agrees on its timer (RFC 4028 9) and may bring a description. */
export class IncomingRefresh extends Incoming {
  protected readonly leg: Leg

  constructor(leg: Leg, request: ServerRequest, id?: string, key?: string) {
    super(leg.exchange, leg.client, request, leg.id, id, key)
    this.leg = leg
  }

  protected override send(frameId: string, status: number, options: ResponseOptions): Response | undefined {
    const isSuccess = status >= 200 && status < 300 && !this.request.isAnswered
    if (!isSuccess) return super.send(frameId, status, options)
    const headers = [...(options.headers ?? [])]
    const { header, timer } = agreeOnTimer(
      this.request.request,
      headers,
      this.exchange.defaultRefresher,
      this.exchange.core.minSession,
    )
    if (header !== undefined) headers.push(['Session-Expires', header])
    this.leg.noteLocalSdp(options.body ?? '')
    // An UPDATE that says nothing of timers leaves them as they are.
    if (timer || this.request.request.method === 'INVITE') this.leg.keepAlive(timer)

    return super.send(frameId, status, { ...options, headers })
  }
}

/** An UPDATE. */
export class IncomingUpdate extends IncomingRefresh {}

/** A re-INVITE. */
export class IncomingReinvite extends IncomingRefresh {
  constructor(leg: Leg, invite: ServerInvite) {
    super(leg, invite)
    invite.onCancel = (cancel) => {
      this.exchange.transactions.removeIncoming(this)
      // Ended with its dialog: the BYE tells the client enough.
      if (!cancel) return
      const text = deliveredText(cancel)
      const passage = received(this.request.flow, text, this.exchange.core.clock.now())
      this.client.send(sipMessage(passage, this.id, leg.id, text))
    }
  }
}
