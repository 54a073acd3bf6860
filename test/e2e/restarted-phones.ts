import type { Baton } from '../harness/baton.ts'
import { RawPhone } from '../harness/raw-call.ts'
import { dialled } from './restarted-site.ts'

/** A caller, its agent and two destinations, on sockets of their own: each says what the test has it say. */
export class Phones {
  readonly caller: RawPhone
  readonly agent: RawPhone
  readonly desk: RawPhone
  readonly duty: RawPhone
  /** The agent's own call to the desk. */
  readonly own: RawPhone

  private constructor([caller, agent, desk, duty, own]: [RawPhone, RawPhone, RawPhone, RawPhone, RawPhone]) {
    this.caller = caller
    this.agent = agent
    this.desk = desk
    this.duty = duty
    this.own = own
  }

  static async open(target: string): Promise<Phones> {
    const open = () => RawPhone.open(target)

    return new Phones([await open(), await open(), await open(), await open(), await open()])
  }

  /** The caller is with its agent; returns the call's id. @param handoff what the desk's has beside its name and route */
  async connected(baton: Baton, handoff: object = {}): Promise<string> {
    const { caller, agent, desk, duty } = this
    await baton.project({
      project: 'interrupted',
      environments: { sandbox: { numbers: [dialled], agents: [agent.uri] } },
      table: {
        handoffs: [
          { name: 'desk', default: true, method: 'invite', route: desk.uri, ...handoff },
          { name: 'duty', method: 'invite', route: duty.uri },
        ],
      },
    })
    caller.call(dialled)
    await agent.answer(await agent.invited())
    await caller.answered()
    const { callId } = await baton.events.of('call.answered', caller.callId)

    return callId ?? ''
  }

  /** The agent asks for a transfer of its caller to the desk, and is told that it is tried. */
  async transferring(baton: Baton, handoff: object = {}): Promise<string> {
    const id = await this.connected(baton, handoff)
    await this.agent.ask('REFER', { headers: ['Refer-To: <sip:desk@baton>'] })
    await this.agent.takes('NOTIFY')

    return id
  }

  /** The agent has called the desk itself, and asks that its caller is joined with it; returns the ids of both calls. */
  async joining(baton: Baton): Promise<{ call: string; consultation: string }> {
    const { agent, own, desk } = this
    const call = await this.connected(baton)
    own.call('desk', [`X-Baton-Call-Id: ${call}`])
    await desk.answer(await desk.invited())
    await own.answered()
    const { callId: consultation = '' } = await baton.events.of('call.answered', own.callId)
    const { callId, localTag, remoteTag } = own.dialog
    const replaces = encodeURIComponent(`${callId};to-tag=${remoteTag};from-tag=${localTag}`)
    await agent.ask('REFER', { headers: [`Refer-To: <sip:desk@baton?Replaces=${replaces}>`] })
    await agent.takes('NOTIFY')

    return { call, consultation }
  }

  /** Baton asks after a restart whether they are there: they are. */
  answerOptions(): void {
    for (const phone of this.#all) void phone.takes('OPTIONS')
  }

  close(): void {
    for (const phone of this.#all) phone.close()
  }

  get #all(): readonly RawPhone[] {
    return [this.caller, this.agent, this.desk, this.duty, this.own]
  }
}
