import type { Dialog, InitialInvite, Request, Response } from '../../engine/index.ts'
import type { CallView } from '../../server/legs/views.ts'
import { inviteUser, type Party, party, settle } from '../engine/user-agent/two-agents.ts'
import type { Baton } from '../harness/baton.ts'

export const dialled = '+14155550199'

/** The session of a party that listens on this port. */
export const sessionOf = (port: number, version = 1) =>
  `v=0\r\no=- ${port} ${version} IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio ${port} RTP/AVP 0\r\n`

/** A call that is up: the caller's side of it and the agent's. */
export interface Connected {
  id: string
  caller: Party
  /** The caller's dialog. */
  dialog: Dialog
  agent: Party
  /** The INVITE that the agent got. */
  invite: InitialInvite
}

interface CallOptions {
  /** Where the handoff `desk` leads, by INVITE. */
  route?: string
  /** The handoffs of the table, in the place of `desk` alone. */
  handoffs?: object[]
  /** Headers of the caller's INVITE. */
  headers?: [name: string, value: string][]
}

/** Parties that are engines of ours, for what SIPp cannot say. */
export class EngineParties {
  readonly #baton: () => Baton
  readonly #open: Party[] = []

  constructor(baton: () => Baton) {
    this.#baton = baton
  }

  async open(address = '127.0.0.1', transport: 'udp' | 'tcp' = 'udp'): Promise<Party> {
    const opened = await party({ listen: [{ transport, address, port: 0 }] })
    this.#open.push(opened)

    return opened
  }

  /** Closes those that are open, once nothing is left in them. */
  async settle(): Promise<void> {
    await settle(...this.#open.splice(0))
  }

  /** Closes one as if its machine had lost power. */
  async vanish(gone: Party): Promise<void> {
    this.#open.splice(this.#open.indexOf(gone), 1)
    await gone.agent.close()
  }

  async connected({ route = 'sip:desk@127.0.0.1:9', headers = [], handoffs }: CallOptions = {}): Promise<Connected> {
    const baton = this.#baton()
    const [caller, agent] = [await this.open(), await this.open()]
    await baton.project({
      project: 'parties',
      environments: { live: { numbers: [dialled], agents: [agent.uri] } },
      table: { handoffs: handoffs ?? [{ name: 'desk', default: true, method: 'invite', route }] },
    })
    const uri = `sip:${dialled}@${baton.sip()}`
    caller.agent.invite({ uri, body: sessionOf(4000), headers }, inviteUser(caller.log))
    const invite = await agent.log.next<InitialInvite>('invite')
    invite.respond(200, { body: sessionOf(4002) })
    const { dialog } = await caller.log.next<{ dialog: Dialog }>('accepted')
    dialog.ack()
    await agent.log.next<Request>('ack')
    const { calls } = await baton.api<{ calls: CallView[] }>('GET', '/v1/calls')
    const id = calls.find(({ caller: { callId } }) => callId === dialog.callId)?.id ?? ''

    return { id, caller, dialog, agent, invite }
  }

  /** A call that is up, and the party that the handoff `desk` leads to: it answers every INVITE. */
  async connectedWithDesk(): Promise<Connected & { desk: Party }> {
    const desk = await party({}, (invite) => invite.respond(200, { body: sessionOf(4006) }))
    this.#open.push(desk)

    return { ...(await this.connected({ route: desk.uri })), desk }
  }

  /** Resolves with the call as it ended. */
  async ended(id: string, seconds?: number): Promise<CallView> {
    const { events } = this.#baton()
    await events.of('call.ended', id, seconds)

    return this.#baton().call(id)
  }

  /** The caller hangs up. Resolves with the call as it ended. */
  async hangUp({ id, dialog }: Pick<Connected, 'id' | 'dialog'>): Promise<CallView> {
    dialog.send('BYE', {}, { response: () => undefined, unanswered: () => undefined })

    return this.ended(id)
  }
}

/** The final response to a request in a dialog of a party. */
export function finalResponse(
  dialog: Dialog,
  method: string,
  options: Parameters<Dialog['send']>[1] = {},
): Promise<Response> {
  return new Promise((resolve) => {
    dialog.send(method, options, {
      response: (response) => {
        if (response.status >= 200) resolve(response)
      },
      unanswered: resolve,
    })
  })
}
