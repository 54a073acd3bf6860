/** What parties do, for each kind of call and of attempt. Each story ends with the caller's BYE, if it is still there. */
import type { Trunk } from '../../../../config/index.ts'
import type { IncomingInvite, IncomingRequest } from '../../../../server/sip/stack.ts'
import { TransferRefused } from '../../../../server/transfer/transfer-plan.ts'
import type { Party, Stage } from './stage.ts'

export interface Story {
  name: string
  trunk?: Partial<Trunk>
  play: (parties: Stage['parties'], stage: Stage) => void
}

export const project = {
  project: 'demo',
  agent_down: 'rings-desk',
  consult: true,
  environments: {
    live: { numbers: ['+14155550100'], agents: ['sip:agent@127.0.0.1:5090', 'sip:other@127.0.0.1:5091'] },
  },
  table: {
    handoffs: [
      {
        ...{ name: 'refers', description: 'By REFER', default: true, route: 'sip:desk@127.0.0.1:5092' },
        ...{ notify_timeout: 5, deadline: 20, on_failure: ['rings-duty'] },
      },
      {
        ...{ name: 'rings-desk', description: 'By INVITE', method: 'invite', route: 'sip:desk@127.0.0.1:5092' },
        ...{ ring_timeout: 5, deadline: 20, early_media: 'pass', on_failure: ['rings-duty'] },
      },
      {
        ...{ name: 'rings-duty', description: 'By INVITE', method: 'invite', route: 'sip:duty@127.0.0.1:5093' },
        ...{ ring_timeout: 5, deadline: 20 },
      },
      { name: 'gives-back', description: 'By BYE', method: 'bye', deadline: 20 },
    ],
  },
}

const number = '+14155550100'

const asks = (party: Party, handoff: string, more = ''): void => {
  void party.dialog?.request('REFER', { headers: [['Refer-To', `<sip:${handoff}@127.0.0.1${more}>`]] })
}

/** A carrier that takes REFER and says what becomes of it. */
const reports =
  (caller: Party, ...statuses: number[]) =>
  (request: IncomingRequest): void => {
    request.respond(202)
    statuses.forEach((status, at) => {
      caller.after(300 * (at + 1), () =>
        caller.dialog?.request('NOTIFY', {
          headers: [
            ['Event', 'refer'],
            ['Subscription-State', status < 200 ? 'active;expires=60' : 'terminated;reason=noresource'],
            ['Content-Type', 'message/sipfrag;version=2.0'],
          ],
          body: `SIP/2.0 ${status} Said\r\n`,
        }),
      )
    })
  }

const refuses =
  (status: number) =>
  (message: IncomingInvite | IncomingRequest): void => {
    if ('reject' in message) message.reject(status)
    else message.respond(status)
  }

const rings = (invite: IncomingInvite): void => {
  invite.onCancel = () => undefined
  invite.progress(180)
}

function byApi(stage: Stage, handoff: string): void {
  try {
    stage.call?.transfer({ handoff, requestedBy: 'api' })
  } catch (error) {
    if (!(error instanceof TransferRefused)) throw error
  }
}

export const stories: Story[] = [
  {
    name: 'a call with hold, INFO and UPDATE',
    play: ({ caller, agent }) =>
      caller
        .calls(number)
        .after(1000, () => agent.reinvites())
        .after(2000, () => caller.reinvites({}))
        .after(3000, () => caller.dialog?.request('INFO', { body: 'x', headers: [['Content-Type', 'text/plain']] }))
        .after(4000, () => agent.dialog?.request('UPDATE', { body: agent.session }))
        .after(5000, () => caller.dialog?.request('UPDATE'))
        .after(6000, () => agent.dialog?.request('BOGUS')),
  },
  { name: 'a call with a late offer', play: ({ caller }) => caller.calls(number, {}) },
  {
    name: 'an agent hunt',
    play: ({ caller, agent }) => {
      agent.does.invite = refuses(503)
      caller.calls(number)
    },
  },
  {
    name: 'an agent that lets it ring, and then agent_down',
    play: ({ caller, agent, other }) => {
      agent.does.invite = rings
      other.does.invite = refuses(503)
      caller.calls(number)
    },
  },
  {
    name: 'no party that answers',
    play: ({ caller, agent, other, desk, duty }) => {
      for (const party of [agent, other, desk, duty]) party.does.invite = refuses(503)
      caller.calls(number)
    },
  },
  {
    name: 'a caller that cancels',
    play: ({ caller, agent }) => {
      agent.does.invite = rings
      caller.calls(number).after(1000, () => caller.invite_?.cancel())
    },
  },
  { name: 'a number that no project has', play: ({ caller }) => caller.calls('+14155559999') },
  {
    name: 'an operator that hangs up',
    play: ({ caller }, stage) => caller.calls(number).after(2000, () => stage.call?.hangUp('hung_up_by_api')),
  },
  {
    name: 'refer',
    play: ({ caller, agent }) => {
      caller.does.request = reports(caller, 100, 180, 200)
      caller
        .calls(number)
        .after(1000, () => asks(agent, 'refers'))
        .after(1200, () => agent.dialog?.request('SUBSCRIBE', { headers: [['Event', 'refer']] }))
        .after(3000, () => caller.hangUp())
    },
  },
  {
    name: 'refer on hold that fails, then invite',
    trunk: { holdBeforeRefer: true },
    play: ({ caller, agent }) => {
      caller.does.request = reports(caller, 100, 486)
      caller.calls(number).after(1000, () => asks(agent, 'refers'))
    },
  },
  {
    name: 'refer that is refused, and bridged',
    play: ({ caller, agent, desk }) => {
      caller.does.request = refuses(405)
      caller
        .calls(number)
        .after(1000, () => asks(agent, 'refers'))
        .after(5000, () => desk.hangUp())
    },
  },
  {
    name: 'refer of which nothing is heard',
    play: ({ caller, agent }) => {
      caller.does.request = reports(caller)
      caller.calls(number).after(1000, () => asks(agent, 'refers'))
    },
  },
  {
    name: 'invite with early media that is refused, and the next one',
    play: ({ caller, agent, desk }) => {
      desk.does.invite = (invite) => {
        invite.progress(183, { body: desk.session })
        desk.after(500, () => invite.reject(486))
      }
      caller.calls(number).after(1000, () => asks(agent, 'rings-desk'))
    },
  },
  {
    name: 'invite that no destination answers',
    play: ({ caller, agent, desk, duty }) => {
      desk.does.invite = rings
      duty.does.invite = refuses(404)
      caller.calls(number).after(1000, () => asks(agent, 'rings-desk'))
    },
  },
  {
    name: 'invite that the API calls off',
    play: ({ caller, desk }, stage) => {
      desk.does.invite = rings
      caller
        .calls(number)
        .after(1000, () => byApi(stage, 'rings-desk'))
        .after(3000, () => {
          if (stage.call?.state === 'transferring') stage.call.transferControl.cancel()
        })
    },
  },
  {
    name: 'invite whose caller leaves',
    play: ({ caller, agent, desk }) => {
      desk.does.invite = rings
      caller
        .calls(number)
        .after(1000, () => asks(agent, 'rings-desk'))
        .after(3000, () => caller.hangUp())
    },
  },
  { name: 'bye', play: ({ caller, agent }) => caller.calls(number).after(1000, () => asks(agent, 'gives-back')) },
  {
    name: 'a consultation and an attended transfer',
    play: ({ caller, agent }) =>
      caller
        .calls(number)
        .after(1000, () => agent.calls('rings-desk'))
        .after(3000, () => {
          const [first, second] = agent.dialogs
          if (!first || !second) return
          const { callId, localTag, remoteTag } = second
          const replaces = encodeURIComponent(`${callId};to-tag=${remoteTag};from-tag=${localTag}`)
          void first.request('REFER', { headers: [['Refer-To', `<sip:desk@127.0.0.1?Replaces=${replaces}>`]] })
        }),
  },
  {
    name: 'a consultation and an attended transfer that is refused',
    play: ({ caller, agent, desk }) => {
      desk.reinvite = refuses(488)
      caller
        .calls(number)
        .after(1000, () => agent.calls('rings-desk'))
        .after(3000, () => {
          const [first, second] = agent.dialogs
          if (!first || !second) return
          const { callId, localTag, remoteTag } = second
          const replaces = encodeURIComponent(`${callId};to-tag=${remoteTag};from-tag=${localTag}`)
          void first.request('REFER', { headers: [['Refer-To', `<sip:desk@127.0.0.1?Replaces=${replaces}>`]] })
        })
        .after(8000, () => agent.hangUp())
    },
  },
  {
    name: 'a stop of Baton',
    play: ({ caller, agent, desk }, stage) => {
      desk.does.invite = rings
      caller
        .calls(number)
        .after(1000, () => asks(agent, 'rings-desk'))
        .after(2000, () => stage.drain(1))
    },
  },
]
