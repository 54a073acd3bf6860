import type { ResponseOptions } from '../dialog/index.ts'
import type { Response } from '../message/index.ts'
import { Incoming } from './incoming.ts'

/** A REGISTER: once its client has accepted it, the endpoint can be called over the connection that it came by. */
export class IncomingRegister extends Incoming {
  protected override send(frameId: string, status: number, options: ResponseOptions): Response | undefined {
    const response = super.send(frameId, status, options)
    if (response) this.exchange.registrations.note(this.request.request, response, this.request.flow)

    return response
  }
}
