import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { Homer } from '../../../server/hep/index.ts'
import { hepPacket } from '../../../server/hep/hep-packet.ts'
import type { MessageRecord } from '../../../server/sip/stack.ts'
import { HomerStandIn, readHep } from '../../harness/hep.ts'
import { until } from '../../harness/until.ts'

const record: MessageRecord = {
  at: 1_700_000_000_123.25,
  direction: 'out',
  transport: 'udp',
  local: '192.0.2.5:5060',
  remote: '198.51.100.9:5070',
  callId: 'agent-leg',
  method: 'INVITE',
  status: undefined,
  text: 'INVITE sip:b@h SIP/2.0\r\nX: \xc3\xb6\xff\r\n\r\n',
}
const agent = { captureId: 4_000_000_000, password: 'homer' }
const said: string[] = []
const log = { info: (message: string) => said.push(message), warn: (message: string) => said.push(message) }

describe('a copy for Homer', () => {
  it('is a packet with both ends, the time, the agent, the call and every byte of the message', () => {
    assert.deepEqual(readHep(hepPacket(record, 'caller-leg', agent)), {
      family: 2,
      protocol: 17,
      source: '192.0.2.5:5060',
      destination: '198.51.100.9:5070',
      at: 1_700_000_000_123.25,
      type: 1,
      captureId: 4_000_000_000,
      password: 'homer',
      correlation: 'caller-leg',
      payload: record.text,
    })
  })

  it('has source and destination swapped for incoming messages, TCP for every stream, and a password only when one is set', () => {
    for (const transport of ['tcp', 'tls', 'ws', 'wss'] as const) {
      const packet = readHep(hepPacket({ ...record, direction: 'in', transport }, 'c', { captureId: 1 }))
      assert.deepEqual(
        [packet.source, packet.destination, packet.protocol, packet.password],
        ['198.51.100.9:5070', '192.0.2.5:5060', 6, undefined],
      )
    }
  })

  it('has IPv6 addresses, and maps IPv4 ones beside them', () => {
    for (const [local, told] of [
      ['[2001:db8::5]:5060', '[2001:0db8:0000:0000:0000:0000:0000:0005]:5060'],
      ['[::]:5060', '[0000:0000:0000:0000:0000:0000:0000:0000]:5060'],
      ['[1:2:3:4:5:6:7:8]:1', '[0001:0002:0003:0004:0005:0006:0007:0008]:1'],
      ['[::ffff:192.0.2.1]:2', '[0000:0000:0000:0000:0000:ffff:c000:0201]:2'],
      ['192.0.2.1:3', '[0000:0000:0000:0000:0000:ffff:c000:0201]:3'],
    ] as const) {
      const packet = readHep(hepPacket({ ...record, local, remote: '[fe80::1%eth0]:4' }, 'c', agent))
      assert.deepEqual([packet.family, packet.source], [10, told])
      assert.equal(packet.destination, '[fe80:0000:0000:0000:0000:0000:0000:0001]:4')
    }
  })

  it('fits into a datagram whatever the message', () => {
    const packet = hepPacket({ ...record, text: 'x'.repeat(200_000) }, 'c'.repeat(5000), agent)
    assert.ok(packet.length < 65_507)
    assert.equal(readHep(packet).payload.length, 64_000)
  })

  it('goes to a Homer that listens on UDP, by name, too', async () => {
    for (const host of ['127.0.0.1', 'localhost']) {
      const homer = await HomerStandIn.open()
      const sender = new Homer({ ...agent, transport: 'udp', host, port: homer.port }, log)
      // Until the name is known, copies are dropped.
      await until('a copy is on its way', () => {
        sender.report(record, 'c')
        return host === 'localhost' ? sender.counts.sent > 0 : homer.packets.length > 0
      })
      sender.close()
      sender.report(record, 'c')
      assert.ok(sender.counts.dropped > 0)
      homer.close()
    }
  })

  it('goes over one TCP connection, which is opened again after it closes', async () => {
    said.length = 0
    let received = Buffer.alloc(0)
    const peers: Socket[] = []
    const server = createServer((socket) => {
      peers.push(socket)
      socket.on('data', (data: Buffer) => (received = Buffer.concat([received, data])))
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as { port: number }
    const sender = new Homer({ ...agent, transport: 'tcp', host: '127.0.0.1', port }, log)
    sender.report(record, 'too early')
    assert.deepEqual(sender.counts, { sent: 0, dropped: 1 })
    await until('a copy arrives', () => {
      sender.report(record, 'c')
      return received.length > 0
    })
    assert.equal(readHep(received.subarray(0, received.readUInt16BE(4))).correlation, 'c')
    peers[0]?.destroy()
    await until('a second connection', () => peers.length === 2)
    const before = received.length
    await until('a copy arrives', () => {
      sender.report(record, 'c')
      return received.length > before
    })
    sender.close()
    server.close()
  })

  it('is dropped and counted when Homer cannot be reached, which is logged once', async () => {
    said.length = 0
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as { port: number }
    server.close()
    await once(server, 'close')
    const sender = new Homer({ ...agent, transport: 'tcp', host: '127.0.0.1', port }, log)
    await until('the trouble is logged', () => said.length > 0)
    sender.report(record, 'c')
    sender.report({ ...record, local: '' }, 'c')
    assert.deepEqual([said, sender.counts], [['Homer cannot be reached'], { sent: 0, dropped: 2 }])
    sender.close()
  })
})
