import assert from 'node:assert/strict'
import type { Dialog, InitialInvite, Response } from '../../../engine/index.ts'
import type { Dns } from '../../../engine/next-hop/index.ts'
import { freePort } from '../../harness/ports.ts'
import { TcpHole } from '../../harness/tcp-hole.ts'
import { FakeClock } from '../fake-clock.ts'
import { RawPeer } from './raw-peer.ts'
import { inviteUser, type Party, party, settle } from './two-agents.ts'

const none = { response: () => undefined, unanswered: () => undefined }

/** Name servers that know where `service.test` is: on these ports, the first preferred. */
function dnsWith(...ports: number[]): Dns {
  return {
    query: (type, name) => {
      const srv = ports.map((port, i) => ({ priority: i, weight: 0, port, name: 'host.test' }))
      const known: Record<string, unknown[]> = { 'SRV _sip._udp.service.test': srv, 'A host.test': ['127.0.0.1'] }
      const records = known[`${type} ${name}`] ?? []

      return Promise.resolve({ records: records as never[], ttl: 60 })
    },
  }
}

describe('the way to a peer (RFC 3263)', () => {
  let first: RawPeer
  let second: RawPeer
  let us: Party

  beforeEach(async () => {
    first = await RawPeer.open('sip:127.0.0.1:9')
    second = await RawPeer.open('sip:127.0.0.1:9')
    us = await party({ dns: dnsWith(first.port, second.port) })
  })

  afterEach(async () => {
    await settle(us)
    first.close()
    second.close()
  })

  it('is looked up when it is a name, also for what comes later in the dialog', async () => {
    us.agent.invite({ uri: 'sip:bob@service.test' }, inviteUser(us.log))
    const invite = await first.request('INVITE')
    assert.equal(invite.uri, 'sip:bob@service.test')
    first.answer(invite, 200, 'a', [['Contact', '<sip:bob@unknown.test>']])
    const { dialog } = await us.log.next<{ dialog: Dialog }>('accepted')
    // The name is unknown: the flow that made the dialog is used.
    dialog.ack()
    assert.equal((await first.request('ACK')).uri, 'sip:bob@unknown.test')
    dialog.send('BYE', {}, none)
    first.answer(await first.request('BYE'), 200, 'a')
  })

  it('leads to no address that may not be reached, in the dialog neither, whatever a name turns into', async () => {
    const seen: string[] = []
    const reachable = (address: string) => {
      seen.push(address)

      return address !== '10.1.2.3'
    }
    us.agent.invite({ uri: 'sip:bob@service.test', reachable: () => false }, inviteUser(us.log))
    const refused = await us.log.next<Response>('unanswered')
    assert.deepEqual([refused.status, refused.reason], [503, 'No Address That May Be Reached'])
    us.agent.invite({ uri: 'sip:bob@service.test', reachable }, inviteUser(us.log))
    first.answer(await first.request('INVITE'), 200, 'a', [['Contact', '<sip:bob@10.1.2.3>']])
    const { dialog } = await us.log.next<{ dialog: Dialog }>('accepted')
    dialog.ack()
    assert.equal((await first.request('ACK')).uri, 'sip:bob@10.1.2.3')
    dialog.send('BYE', {}, none)
    first.answer(await first.request('BYE'), 200, 'a')
    assert.ok(seen.includes('127.0.0.1') && seen.includes('10.1.2.3'))
  })

  it('leads to the next server when one says 503, with another branch and the rest the same', async () => {
    us.agent.invite({ uri: 'sip:bob@service.test' }, inviteUser(us.log))
    const one = await first.request('INVITE')
    first.answer(one, 503, 'a')
    await first.request('ACK')
    const two = await second.request('INVITE')
    assert.deepEqual([two.callId, two.fromTag, two.header('CSeq')], [one.callId, one.fromTag, one.header('CSeq')])
    assert.notEqual(two.via?.branch, one.via?.branch)
    second.answer(two, 486, 'b')
    assert.equal((await us.log.next<Response>('refused')).status, 486)
    // The first one is left in peace for a while.
    us.agent.invite({ uri: 'sip:bob@service.test' }, inviteUser(us.log))
    second.answer(await second.request('INVITE'), 486, 'b')
    await us.log.next<Response>('refused')
  })

  it('leads to the next server when one does not answer', async () => {
    us.agent.request(
      'OPTIONS',
      { uri: 'sip:service.test' },
      { ...none, response: ({ status }) => us.log.add('options', status) },
    )
    second.answer(await second.request('OPTIONS'), 200, 'b')
    assert.equal(await us.log.next('options'), 200)
    assert.ok(first.seen.includes('OPTIONS'))
  })

  it('is 503 when the name is unknown', async () => {
    us.agent.invite({ uri: 'sip:bob@nowhere.test' }, inviteUser(us.log))
    assert.equal((await us.log.next<Response>('unanswered')).status, 503)
  })

  it('is not gone at all when the call is given up while its name is looked up', async () => {
    const invite = us.agent.invite({ uri: 'sip:bob@service.test' }, inviteUser(us.log))
    invite.cancel()
    assert.equal((await us.log.next<Response>('unanswered')).status, 487)
    assert.deepEqual([first.seen, second.seen], [[], []])
  })
})

describe('a request that is too long for UDP (RFC 3261 18.1.1)', () => {
  const udp = { transport: 'udp' as const, address: '127.0.0.1', port: 0 }
  const long = 'v=0\r\n' + 'a=x\r\n'.repeat(300)
  let alice: Party
  let clock: FakeClock

  beforeEach(async () => {
    // Nothing is sent again because a busy machine looks elsewhere.
    clock = new FakeClock()
    alice = await party({ listen: [udp, { ...udp, transport: 'tcp' }], clock })
  })

  afterEach(async () => {
    clock.advance(1_000_000)
    await settle(alice)
  })

  it('goes by TCP, and says so in its Via and Contact', async () => {
    const bob = await party({ listen: [{ ...udp, transport: 'tcp' }] })
    alice.agent.invite({ uri: bob.uri.replace(';transport=tcp', ';transport=udp'), body: long }, inviteUser(alice.log))
    const invite = await bob.log.next<InitialInvite>('invite')
    assert.equal(invite.flow.transport, 'tcp')
    assert.equal(invite.request.via?.transport, 'TCP')
    assert.match(invite.request.contact?.uri ?? '', /;transport=tcp$/)
    invite.respond(486)
    await alice.log.next('refused')
    await settle(bob)
  })

  it('goes by UDP after all when the peer takes no connection, the next one at once', async () => {
    const bob = await party()
    for (const tries of [2, 1]) {
      const before = alice.messages.length
      alice.agent.invite({ uri: bob.uri, body: long }, inviteUser(alice.log))
      const invite = await bob.log.next<InitialInvite>('invite')
      assert.equal(invite.request.via?.transport, 'UDP')
      invite.respond(486)
      await alice.log.next('refused')
      const sent = alice.messages.slice(before).filter((what) => what === 'out INVITE')
      assert.ok(sent.length <= tries)
    }
    await settle(bob)
  })

  it('goes by UDP after half a second where a firewall swallows connections, the next one at once', async () => {
    const port = await freePort()
    const bob = await party({ listen: [{ transport: 'udp', address: '127.0.0.1', port }] })
    const hole = await TcpHole.open(port)
    for (const wait of [500, 0]) {
      alice.agent.invite({ uri: bob.uri, body: long }, inviteUser(alice.log))
      const come = bob.log.next<InitialInvite>('invite')
      if (wait > 0) {
        clock.advance(wait - 10)
        assert.equal(bob.log.names.length, 0)
        clock.advance(10)
      }
      const invite = await come
      assert.equal(invite.request.via?.transport, 'UDP')
      assert.doesNotMatch(invite.request.contact?.uri ?? '', /transport=tcp/)
      invite.respond(486)
      await alice.log.next('refused')
    }
    hole.close()
    await settle(bob)
  })
})
