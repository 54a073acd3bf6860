import assert from 'node:assert/strict'
import { ladderPcap } from '../../server/calls/ladder-pcap.ts'
import type { LadderView } from '../../server/legs/views.ts'
import { Baton } from '../harness/baton.ts'
import { hasIPv6 } from '../harness/ipv6.ts'
import { needs } from '../harness/needs.ts'
import { freePort } from '../harness/ports.ts'
import { RawPhone } from '../harness/raw-call.ts'
import { stacks } from '../harness/stacks.ts'
import { dumped, type DumpedPacket } from '../harness/tcpdump.ts'

const [embedded] = stacks
const number = '+14155550199'

/** The messages of a ladder as packets on the wire. */
const packetsOf = ({ messages }: LadderView): DumpedPacket[] =>
  messages.map(({ at, direction, local, remote, transport, text }) => ({
    ...{ atMs: Date.parse(at), from: direction === 'in' ? remote : local, to: direction === 'in' ? local : remote },
    ...{ protocol: transport === 'udp' ? 'udp' : 'tcp', payload: text },
  }))

describe('The capture file of a call', function () {
  needs('tcpdump')
  this.timeout(60_000)

  for (const [family, host, isThere] of [
    ['IPv4', '127.0.0.1', true],
    ['IPv6', '::1', hasIPv6],
  ] as const) {
    const title = `has every message of the ladder, as tcpdump reads it, of a caller over ${family}; also one longer than a frame of Ethernet`
    const test = async (): Promise<void> => {
      assert.ok(embedded)
      const at = `${host.includes(':') ? `[${host}]` : host}:${await freePort()}`
      const baton = await Baton.start({
        stack: embedded,
        env: { SIP_LISTEN: `udp:${at},udp:127.0.0.1:${await freePort()}` },
        file: { trunks: [{ name: 'local', peers: ['127.0.0.0/8', '::1'] }] },
      })
      const [agent, caller] = [await RawPhone.open(at), await RawPhone.open(at, 0, host)]
      try {
        await baton.project({
          project: 'hotel',
          environments: { live: { numbers: [number], agents: [`sip:agent@${agent.party.address}`] } },
          table: { handoffs: [{ name: 'desk', default: true, route: 'sip:desk@127.0.0.1:9' }] },
        })
        caller.call(number, [`X-Long: ${'long '.repeat(800)}end`])
        const invite = await agent.invited()
        agent.party.respond(
          invite,
          '200 OK',
          ['Content-Type: application/sdp'],
          agent.session,
          sourceOf(invite.header('Via')),
        )
        await caller.answered()
        await agent.party.next(/^ACK /)
        caller.send('BYE')
        const bye = await agent.party.next(/^BYE /)
        agent.party.respond(bye, '200 OK', [], '', sourceOf(bye.header('Via')))
        const { callId = '' } = await baton.events.of('call.ended', caller.callId)
        const ladder = await baton.ladder(callId)
        const capture = await fetch(`${baton.http}/v1/calls/${callId}/pcap`)
        const packets = dumped(Buffer.from(await capture.arrayBuffer()))

        assert.deepEqual(packets, packetsOf(ladder))
        assert.ok(packets.some(({ payload }) => payload.length > 4000 && payload.startsWith('INVITE ')))
        assert.ok(packets.some(({ from, to }) => from === caller.party.address && to === at))
        for (const start of ['INVITE ', 'SIP/2.0 200 ', 'ACK ', 'BYE ']) {
          assert.ok(packets.filter(({ payload }) => payload.startsWith(start)).length >= 2, start)
        }
      } finally {
        agent.party.close()
        caller.party.close()
        await baton.stop()
      }
    }
    if (isThere) it(title, test)
    else it.skip(`${title} (skipped: this machine has no ::1)`)
  }

  it('has the messages of connections as segments of TCP with right numbers, over IPv4 and IPv6', () => {
    const said = (transport: string, local: string, remote: string, direction: 'in' | 'out', text: string) => ({
      ...{ at: '2026-01-05T09:00:00.000Z', leg: 'caller' as const, direction, local, remote, transport, text },
    })
    const ladder = {
      messages: [
        said('tcp', '192.0.2.1:5060', '198.51.100.7:40000', 'in', 'INVITE sip:x SIP/2.0\r\n\r\nGrüße'),
        said('tcp', '192.0.2.1:5060', '198.51.100.7:40000', 'out', 'SIP/2.0 100 Trying\r\n\r\n'),
        said(
          'tls',
          '[2001:db8::1]:5061',
          '[2001:db8::7]:40001',
          'in',
          `MESSAGE sip:x SIP/2.0\r\n\r\n${'x'.repeat(9000)}`,
        ),
        said('wss', '[2001:db8::1]:443', '[2001:db8::7]:40002', 'out', 'BYE sip:x SIP/2.0\r\n\r\n'),
      ],
    }
    assert.deepEqual(dumped(Buffer.concat([...ladderPcap(ladder)])), packetsOf(ladder))
  })
})

/** Where a request came from, by its topmost Via. */
function sourceOf(via: string): string {
  return /^SIP\/2\.0\/UDP ([^;]+)/.exec(via)?.[1] ?? ''
}
