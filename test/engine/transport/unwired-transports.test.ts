import assert from 'node:assert/strict'
import { anyAddress, type Flow, type InitialInvite, UnwiredTransports, UserAgent } from '../../../engine/index.ts'
import { FakeClock } from '../fake-clock.ts'

interface Unwired {
  agent: UserAgent
  transports: UnwiredTransports
  sent: { text: string; flow: Flow }[]
  invited: InitialInvite[]
}

const noop = (): void => undefined

async function unwired(listen: { transport: 'udp' | 'tcp' | 'tls'; address: string }[]): Promise<Unwired> {
  const sent: Unwired['sent'] = []
  const invited: InitialInvite[] = []
  let transports: UnwiredTransports | undefined
  const agent = new UserAgent({
    listen: listen.map((listener) => ({ ...listener, port: 5060 })),
    clock: new FakeClock(),
    dns: anyAddress(listen),
    transports: (user) =>
      (transports = new UnwiredTransports(user, { sent: (text, flow) => void sent.push({ text, flow }) })),
  })
  await agent.start({ invite: (invite) => invited.push(invite), request: noop })

  return { agent, transports: transports ?? assert.fail(), sent, invited }
}

const user = {
  ...{ provisional: noop, accepted: noop, refused: noop, unanswered: noop },
  dialog: { request: noop, invite: noop, ack: noop, ended: noop },
}

describe('transports without a network', () => {
  it('hand over what is sent, from the listener that suits the target', async () => {
    const { agent, sent } = await unwired([
      { transport: 'udp', address: '127.0.0.1' },
      { transport: 'udp', address: '192.0.2.9' },
      { transport: 'tls', address: '192.0.2.9' },
    ])
    for (const uri of [
      'sip:a@127.0.0.7',
      'sip:a@198.51.100.7',
      'sips:a@198.51.100.7',
      'sip:a@198.51.100.7;transport=tcp',
    ]) {
      agent.invite({ uri }, user)
    }
    assert.deepEqual(
      sent.map(({ text, flow }) => `${/^Via: SIP\/2\.0\/(\S+ [^;]+)/m.exec(text)?.[1] ?? ''} → ${flow.remote.address}`),
      ['UDP 127.0.0.1:5060 → 127.0.0.7', 'UDP 192.0.2.9:5060 → 198.51.100.7', 'TLS 192.0.2.9:5060 → 198.51.100.7'],
    )
    await agent.close()
  })

  it('look up no name: each has one address', async () => {
    const { agent, sent } = await unwired([{ transport: 'udp', address: '0.0.0.0' }])
    agent.invite({ uri: 'sip:a@pbx.example' }, user)
    await new Promise(setImmediate)
    assert.deepEqual(
      sent.map(({ flow }) => flow.remote),
      [{ address: '192.0.2.1', port: 5060 }],
    )
    await agent.close()
  })

  it('take what comes from the far side, and leave nothing', async () => {
    const { agent, transports, sent, invited } = await unwired([{ transport: 'udp', address: '127.0.0.1' }])
    const flow = transports.flowTo({ transport: 'udp', address: '127.0.0.9', port: 5060 }) ?? assert.fail()
    const lines = ['Via: SIP/2.0/UDP 127.0.0.9:5060;branch=z9hG4bK1', 'From: <sip:a@b>;tag=1', 'To: <sip:c@d>']
    const invite = ['INVITE sip:c@127.0.0.1 SIP/2.0', ...lines, 'Call-ID: x', 'CSeq: 1 INVITE', 'Max-Forwards: 70']
    transports.deliver(`${invite.join('\r\n')}\r\nContact: <sip:a@127.0.0.9>\r\nContent-Length: 0\r\n\r\n`, flow)
    invited[0]?.respond(486)
    assert.match(sent.at(-1)?.text ?? '', /^SIP\/2\.0 486 Busy Here\r\n/)
    transports.deliver('no message', flow)
    await agent.close()
    const { transactions, dialogs, timers } = agent.state()
    assert.deepEqual([transactions, dialogs, timers], [0, 0, 0])
  })
})
