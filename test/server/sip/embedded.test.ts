import assert from 'node:assert/strict'
import { EmbeddedStack } from '../../../server/sip/embedded/index.ts'
import { RawPeer } from '../../engine/user-agent/raw-peer.ts'
import { onlyPeers, sipStackContract } from './contract.ts'
import { RecordingUser } from './recording-user.ts'

type Options = ConstructorParameters<typeof EmbeddedStack>[0]

const stackWith = (options: Partial<Options> = {}) =>
  new EmbeddedStack({
    listen: [{ transport: 'udp', address: '127.0.0.1', port: 0 }],
    timers: { t1: 20, t2: 80, t4: 60 },
    userAgent: 'Baton',
    sources: onlyPeers,
    log: { warn: () => undefined, error: (message, fields) => console.error(message, fields) },
    ...options,
  })

sipStackContract('the embedded engine', () => Promise.resolve(stackWith()))

describe('the embedded engine behind the SIP port', () => {
  it('takes no message beyond the limits that are set', async () => {
    const stack = stackWith({ limits: { messageSize: 3000, headerCount: 20, headerLength: 500, viaCount: 2 } })
    await stack.start(new RecordingUser())
    const [{ address, port } = { address: '', port: 0 }] = stack.addresses
    const peer = await RawPeer.open(`sip:${address}:${port}`)
    try {
      for (const [status, ...headers] of [
        [200],
        [513, ...new Array<[string, string]>(20).fill(['X-More', 'more'])],
        [513, ['X-Long', 'x'.repeat(600)]],
        [513, ...new Array<[string, string]>(10).fill(['X-Large', 'x'.repeat(400)])],
        [400, ['Via', 'SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1'], ['Via', 'SIP/2.0/UDP 192.0.2.2;branch=z9hG4bK2']],
      ] as [number, ...[string, string][]][]) {
        peer.send(peer.make('OPTIONS', { headers }))
        assert.equal((await peer.response('OPTIONS')).status, status, JSON.stringify(headers))
      }
    } finally {
      peer.close()
      await stack.close()
    }
  })
})
