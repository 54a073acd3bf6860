import { createLogger } from 'winston'
import { loadSettings } from '../../../config/index.ts'
import { TimerWheel } from '../../../engine/index.ts'
import { noOwner } from '../transfer/fake-port.ts'
import { Milestones, uriAt } from '../../../server/rehearsal/party.ts'
import { SyntheticDestination } from '../../../server/rehearsal/synthetic-parties.ts'
import { createPartyStack } from '../../../server/sip/create-stack.ts'
import type { HeadersToSend, SipAddress, SipResponse, SipStack } from '../../../server/sip/stack.ts'
import type { TestBaton } from './baton.ts'

const loopback: Pick<SipAddress, 'address' | 'transport'> = { address: '127.0.0.1', transport: 'udp' }

function newStack(): { stack: SipStack; clock: TimerWheel } {
  const clock = new TimerWheel()

  return {
    stack: createPartyStack(loadSettings({ env: {} }), loopback, '127.0.0.1', createLogger({ silent: true })),
    clock,
  }
}

/** A destination outside of Baton. */
export async function openDestination() {
  const { stack, clock } = newStack()
  const party = new SyntheticDestination({
    ...{ stack, clock, guard: noOwner.guard },
    milestones: new Milestones(() => clock.now()),
  })
  let hungUp = false
  party.ended = ({ by }) => (hungUp = by === 'peer')
  await party.open()

  return {
    uri: party.uri('desk'),
    get received() {
      return party.received
    },
    get hungUp() {
      return hungUp
    },
    close: () => party.close(),
  }
}

/** The final response to an INVITE from outside of Baton. */
export async function callWith({ app }: TestBaton, headers: HeadersToSend): Promise<SipResponse> {
  const { stack } = newStack()
  const noop = () => undefined
  await stack.start({ invite: noop, request: noop, message: noop, connected: noop })
  const [baton] = app.addresses?.sip ?? []
  if (!baton) throw new Error('Baton does not listen')
  const response = await new Promise<SipResponse>((resolve) =>
    stack.invite(
      uriAt('+14155550199', baton),
      { headers },
      {
        progress: noop,
        accepted: resolve,
        failed: resolve,
        dialog: { request: noop, reinvite: noop, ended: noop },
      },
    ),
  )
  await stack.close()

  return response
}
