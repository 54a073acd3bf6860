import type {
  Dialog,
  DialogEnd,
  InitialInvite,
  Request,
  Response,
  ServerInvite,
  ServerRequest,
} from '../../engine/index.ts'
import type { CallView } from '../../server/legs/views.ts'
import { dialogUser, inviteUser, type Party, party, settle } from '../engine/user-agent/two-agents.ts'
import type { Baton } from '../harness/baton.ts'
import { RtpParty, type RtpPartyOptions } from '../harness/rtp-party.ts'
import { finalResponse } from './engine-parties.ts'

/**
 * A phone: SIP by an engine of ours, and real audio. It answers each new offer in its call at once; an INVITE rings until the
 * test says `answers`.
 */
export class Phone {
  readonly audio: RtpParty
  readonly party: Party
  #dialog: Dialog | undefined

  static async open(options: RtpPartyOptions = {}): Promise<Phone> {
    return new Phone(await RtpParty.open(options), await party())
  }

  private constructor(audio: RtpParty, sip: Party) {
    this.audio = audio
    this.party = sip
  }

  get uri(): string {
    return this.party.uri
  }

  /** Its dialog; throws while it is in no call. */
  get dialog(): Dialog {
    if (!this.#dialog) throw new Error(`${this.uri} is in no call`)

    return this.#dialog
  }

  /** Calls this URI. Resolves when the call has been answered. */
  async calls(uri: string, headers: [name: string, value: string][] = []): Promise<void> {
    const { agent, log } = this.party
    agent.invite({ uri, body: this.audio.offer(), headers }, { ...inviteUser(log), dialog: this.#user() })
    const { dialog, response } = await log.next<{ dialog: Dialog; response: Response }>('accepted')
    this.#dialog = dialog
    this.audio.connect(response.body)
    dialog.ack()
  }

  /** Resolves with the INVITE when it rings. */
  async rings(): Promise<InitialInvite> {
    const invite = await this.party.log.next<InitialInvite>('invite')
    invite.respond(180)

    return invite
  }

  /** Answers the INVITE that has come or is to come. Resolves when its ACK has come. */
  async answers(rung?: InitialInvite): Promise<InitialInvite> {
    const { log } = this.party
    const invite = rung ?? (await log.next<InitialInvite>('invite'))
    invite.dialogUser = this.#user()
    const isOffer = invite.request.body !== ''
    invite.respond(200, { body: isOffer ? this.audio.answer(invite.request.body) : this.audio.offer() })
    this.#dialog = invite.dialog
    const ack = await log.next<Request>('ack')
    if (!isOffer) this.audio.connect(ack.body)

    return invite
  }

  /** Resolves with the final response to a REFER. */
  refers(to: string, headers: [name: string, value: string][] = []): Promise<Response> {
    return finalResponse(this.dialog, 'REFER', { headers: [['Refer-To', to], ...headers] })
  }

  hangsUp(): void {
    const { dialog } = this
    this.#leave()
    dialog.send('BYE', {}, { response: () => undefined, unanswered: () => undefined })
  }

  /** Resolves when the other side has hung up. */
  async hungUp(): Promise<void> {
    await this.party.log.next('ended')
  }

  get isInCall(): boolean {
    return this.#dialog !== undefined
  }

  #leave(): void {
    this.#dialog = undefined
    this.audio.disconnect()
  }

  #user() {
    const { log } = this.party
    const answers = (request: ServerRequest): void => {
      const { body } = request.request
      request.respond(200, body === '' ? {} : { body: this.audio.answer(body) })
    }

    return {
      ...dialogUser(log),
      request: (request: ServerRequest) => {
        log.add(request.request.method, request)
        if (request.request.method === 'UPDATE') answers(request)
        else request.respond(200)
      },
      invite: (invite: ServerInvite) => {
        log.add('reinvite', invite)
        if (invite.request.body === '') invite.respond(200, { body: this.audio.offer() })
        else answers(invite)
      },
      ack: (ack: Request) => {
        log.add('ack', ack)
        if (ack.body !== '') this.audio.connect(ack.body)
      },
      ended: (end: DialogEnd) => {
        log.add('ended', end)
        this.#leave()
      },
    }
  }
}

export const dialledNumber = '+14155550177'

/** The phones of a test, and the call that two of them are in. */
export class Phones {
  readonly #baton: () => Baton
  readonly #open: Phone[] = []

  constructor(baton: () => Baton) {
    this.#baton = baton
  }

  async open(options: RtpPartyOptions = {}): Promise<Phone> {
    const phone = await Phone.open(options)
    this.#open.push(phone)

    return phone
  }

  /** Closes those that are open, once nothing is left in them. Those that are in a call hang up. */
  async settle(): Promise<void> {
    const open = this.#open.splice(0)
    for (const phone of open) if (phone.isInCall) phone.hangsUp()
    for (const { audio } of open) audio.close()
    await settle(...open.map(({ party: sip }) => sip))
  }

  /** A caller that is connected with an agent, of a project with these handoffs. */
  async connected(
    handoffs: object[],
    { caller: callersOptions, agent: agentsOptions }: { caller?: RtpPartyOptions; agent?: RtpPartyOptions } = {},
  ): Promise<{ id: string; caller: Phone; agent: Phone }> {
    const baton = this.#baton()
    const [caller, agent] = [await this.open(callersOptions), await this.open(agentsOptions)]
    await baton.project({
      project: 'phones',
      environments: { live: { numbers: [dialledNumber], agents: [agent.uri] } },
      table: { handoffs },
    })
    await Promise.all([caller.calls(`sip:${dialledNumber}@${baton.sip()}`), agent.answers()])
    const { calls } = await baton.api<{ calls: CallView[] }>('GET', '/v1/calls')
    const id = calls.find(({ caller: { callId } }) => callId === caller.dialog.callId)?.id ?? ''

    return { id, caller, agent }
  }
}
