import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'

import { parseMessage } from '../../../engine/index.ts'
import { slug } from '../../../metrics/labels.ts'
import { countedBySlug, udpReceiveErrors } from '../../../server/sip/embedded/engine-stats.ts'

describe('reasons of bad messages', () => {
  it('are slugs that a metric may have for a label, without the names of a peer’s headers', () => {
    const counts = countedBySlug(
      new Map([
        ['there is no start line', 3],
        ['Bad Request (malformed Via)', 2],
        ['2 From headers', 1],
        ['3 From headers', 1],
        ['X-Anything is longer than 8192 bytes', 1],
        ['X-Other is longer than 8192 bytes', 1],
        ['Version Not Supported', 1],
      ]),
    )
    assert.deepEqual(Object.fromEntries(counts), {
      there_is_no_start_line: 3,
      malformed_via: 2,
      from_headers: 2,
      header_too_long: 2,
      version_not_supported: 1,
    })
    for (const reason of counts.keys()) assert.equal(slug.guard(reason), reason)
  })

  it('are told apart for what the parser says', () => {
    for (const text of ['x', 'INVITE sip:a@b SIP/2.0\r\nl: x\r\n\r\n', 'A B C D\r\n\r\n']) {
      const message = parseMessage(text)
      assert.ok(message.kind === 'bad')
      const [reason = ''] = countedBySlug(new Map([[message.reason, 1]])).keys()
      assert.equal(slug.guard(reason), reason, message.reason)
    }
  })
})

const heading =
  '   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops'
const socket = (local: string, drops: number) =>
  `  403: ${local} 00000000:0000 07 00000000:00000000 00:00000000 00000000  1000        0 4711 2 0000000000000000 ${drops}   `
const snmp = [
  'Udp: InDatagrams NoPorts InErrors OutDatagrams RcvbufErrors',
  'Udp: 308728 742 17 309680 11',
  'UdpLite: InDatagrams NoPorts InErrors',
  'UdpLite: 0 0 99',
].join('\n')
const proc: Record<string, string> = {
  '/proc/net/udp': [heading, socket('0100007F:13C4', 5), socket('00000000:13C4', 90), socket('0100007F:13C5', 80)].join(
    '\n',
  ),
  '/proc/net/udp6': [heading, socket('00000000000000000000000001000000:13C4', 2)].join('\n'),
  '/proc/net/snmp': snmp,
}

describe('UDP receive errors', () => {
  it('are those that the kernel counts for the listeners, IPv4 and IPv6', function () {
    // Addresses stand there in the byte order of the machine.
    if (process.arch === 's390x') this.skip()
    const listeners = [
      { address: '127.0.0.1', port: 5060 },
      { address: '::1', port: 5060 },
    ]

    assert.deepEqual(
      udpReceiveErrors(listeners, (path) => proc[path]),
      { of: 'listeners', count: 7 },
    )
  })

  it('are counted when a socket gets more than its buffer takes', async function () {
    if (process.platform !== 'linux') this.skip()
    const receiver = createSocket('udp4').bind(0, '127.0.0.1')
    const sender = createSocket('udp4').bind(0, '127.0.0.1')
    try {
      await Promise.all([once(receiver, 'listening'), once(sender, 'listening')])
      receiver.setRecvBufferSize(4096)
      const at = receiver.address()
      assert.deepEqual(udpReceiveErrors([at]), { of: 'listeners', count: 0 })
      // Nothing is read before this function yields.
      const sent = Array.from({ length: 200 }, () => {
        return new Promise((resolve) => sender.send(Buffer.alloc(1000), at.port, at.address, resolve))
      })
      await Promise.all(sent)
      const { of, count = 0 } = udpReceiveErrors([at]) ?? {}

      assert.equal(of, 'listeners')
      assert.ok(count > 100 && count < 200, `${count} of 200 were dropped`)
    } finally {
      receiver.close()
      sender.close()
    }
  })

  it('are those of the host where the listeners have no count of their own', () => {
    const listeners = [{ address: '192.0.2.1', port: 5060 }]

    assert.deepEqual(
      udpReceiveErrors(listeners, (path) => proc[path]),
      { of: 'host', count: 17 },
    )
  })

  it('are not known on a system that does not count them', () => {
    assert.equal(
      udpReceiveErrors([{ address: '127.0.0.1', port: 5060 }], () => undefined),
      undefined,
    )
  })
})
