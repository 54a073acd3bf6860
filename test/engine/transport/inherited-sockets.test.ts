import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { hexAddress } from '../../../base/system-sockets.ts'
import { withInheritedSockets } from '../../../engine/index.ts'

/** More than the test's process has open. */
const env = { LISTEN_FDS: '10000', LISTEN_PID: String(process.pid) }

describe('Sockets of a service manager', function () {
  before(function () {
    if (process.platform !== 'linux') this.skip()
  })

  for (const address of ['127.0.0.1', '0.0.0.0', '::1']) {
    it(`are found by their address and port, each for its transport (${address})`, async () => {
      const tcp = createServer().listen(0, address)
      await once(tcp, 'listening')
      const { port } = tcp.address() as AddressInfo
      const udp = createSocket(address === '::1' ? 'udp6' : 'udp4')
      udp.bind(port, address)
      await once(udp, 'listening')
      try {
        const listen = (['udp', 'tcp', 'tls'] as const).map((transport) => ({ transport, address, port }))
        const [ofUdp, ofTcp, ofTls] = withInheritedSockets(listen, { pid: process.pid, env })
        assert.equal(ofUdp?.fd, fdOf(udp))
        assert.equal(ofTcp?.fd, fdOf(tcp))
        assert.equal(ofTls?.fd, fdOf(tcp))
        const others = [
          { transport: 'udp' as const, address: '127.0.0.2', port },
          { transport: 'udp' as const, address, port: port === 65_535 ? 1 : port + 1 },
        ]
        assert.deepEqual(withInheritedSockets(others, { pid: process.pid, env }), others)
      } finally {
        tcp.close()
        udp.close()
      }
    })
  }

  it('are those of the process that is named, and files among them count for nothing', () => {
    const file = openSync('/dev/null', 'r')
    const listen = [{ transport: 'udp' as const, address: '127.0.0.1', port: 5060 }]
    for (const told of [{}, { ...env, LISTEN_PID: '1' }, { ...env, LISTEN_FDS: 'x' }, env]) {
      assert.deepEqual(withInheritedSockets(listen, { pid: process.pid, env: told }), listen)
    }
    closeSync(file)
  })

  it('are compared as Linux writes addresses, however long an IPv6 address is', () => {
    assert.equal(hexAddress('127.0.0.1'), '0100007F')
    assert.equal(hexAddress('::1'), '00000000000000000000000001000000')
    assert.equal(hexAddress('2001:db8::a'), 'B80D01200000000000000000' + '0A000000')
    assert.equal(hexAddress('2001:db8:1:2:3:4:5:6'), 'B80D0120020001000400030006000500')
  })
})

/** Neither of Node's servers tells it in public. */
function fdOf(owner: object): unknown {
  const state = Object.getOwnPropertySymbols(owner).find(({ description }) => description === 'state symbol')
  const inner = (state ? Reflect.get(owner, state) : undefined) as { handle: { fd: number } } | undefined

  return inner ? inner.handle.fd : (Reflect.get(owner, '_handle') as { fd: number }).fd
}
