import assert from 'node:assert/strict'
import { following, LayerOnATable, request, response } from './layer-on-a-table.ts'

describe('an INVITE server transaction', () => {
  it('says 100 after 200 ms, unless something else has been said by then', () => {
    const silent = new LayerOnATable()
    silent.receive(request('INVITE'))
    silent.clock.advance(199)
    assert.deepEqual(silent.sent, [])
    silent.clock.advance(1)
    assert.deepEqual(silent.sent, ['100 INVITE'])
    const ringing = new LayerOnATable()
    ringing.receive(request('INVITE'))
    const [{ request: invite, transaction } = assert.fail()] = ringing.requests
    transaction.respond(response(invite, 180))
    ringing.clock.advance(1000)
    assert.deepEqual(ringing.sent, ['180 INVITE'])
  })

  it('says 100 at once when it is set so', () => {
    const table = new LayerOnATable({ trying: 0 })
    table.receive(request('INVITE'))
    assert.deepEqual(table.sent, ['100 INVITE'])
  })

  it('answers a repeated INVITE with its last response, and never tells its user', () => {
    const table = new LayerOnATable()
    const invite = request('INVITE')
    table.receive(invite)
    table.receive(invite)
    assert.deepEqual(table.sent, [])
    table.requests[0]!.transaction.respond(response(invite, 183))
    table.receive(invite)
    assert.deepEqual(table.sent, ['183 INVITE', '183 INVITE'])
    assert.equal(table.requests.length, 1)
  })

  it('repeats a failure at T1, doubling up to T2, until the ACK, and lingers for T4 (timers G and I)', () => {
    const table = new LayerOnATable()
    const invite = request('INVITE')
    table.receive(invite)
    table.requests[0]!.transaction.respond(response(invite, 486))
    const at: number[] = []
    table.takeSent()
    for (let ms = 500; ms <= 12_000; ms += 500) {
      table.clock.advance(500)
      if (table.takeSent().length > 0) at.push(ms)
    }
    assert.deepEqual(at, [500, 1500, 3500, 7500, 11_500])
    table.receive(following(invite, 'ACK'))
    table.receive(following(invite, 'ACK'))
    table.receive(invite)
    table.clock.advance(4999)
    assert.deepEqual([table.takeSent(), table.acks.length, table.layer.size], [[], 0, 1])
    table.clock.advance(1)
    assert.deepEqual([table.layer.size, table.clock.size], [0, 0])
  })

  it('gives up on the ACK of a failure after 64*T1 (timer H)', () => {
    const table = new LayerOnATable()
    const invite = request('INVITE')
    table.receive(invite)
    table.requests[0]!.transaction.respond(response(invite, 486))
    table.clock.advance(32_000)
    assert.deepEqual([table.layer.size, table.clock.size], [0, 0])
  })

  it('leaves the 2xx to the dialog, absorbs the INVITE and hands its ACK up (RFC 6026, timer L)', () => {
    const table = new LayerOnATable()
    const invite = request('INVITE')
    table.receive(invite)
    table.requests[0]!.transaction.respond(response(invite, 200))
    table.clock.advance(10_000)
    table.receive(invite)
    assert.deepEqual(table.takeSent(), ['200 INVITE'])
    table.requests[0]!.transaction.respond(response(invite, 200))
    assert.deepEqual(table.takeSent(), ['200 INVITE'])
    table.receive(following(invite, 'ACK', { via: 'SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bKother' }))
    // Some peers give the ACK of a 2xx the branch of the INVITE.
    table.receive(following(invite, 'ACK'))
    assert.equal(table.acks.length, 2)
    table.clock.advance(22_000)
    assert.deepEqual([table.layer.size, table.clock.size], [0, 0])
  })

  it('takes one final response only', () => {
    const table = new LayerOnATable()
    const invite = request('INVITE')
    table.receive(invite)
    for (const status of [486, 200, 180, 603]) table.requests[0]!.transaction.respond(response(invite, status))
    assert.deepEqual(table.sent, ['486 INVITE'])
  })

  it('answers 408 for a user that never answers, and says so', () => {
    const table = new LayerOnATable()
    table.receive(request('INVITE'))
    table.clock.advance(185_000)
    assert.deepEqual([table.sent.slice(0, 2), table.told], [['100 INVITE', '408 INVITE'], ['timeout']])
    table.clock.advance(32_000)
    assert.deepEqual([table.layer.size, table.clock.size], [0, 0])
  })

  it('is found by its CANCEL, which is a transaction of its own', () => {
    const table = new LayerOnATable()
    const invite = request('INVITE')
    table.receive(invite)
    table.receive(following(invite, 'CANCEL'))
    const { request: cancel } = table.requests[1]!
    assert.equal(cancel.method, 'CANCEL')
    assert.equal(table.layer.inviteOf(cancel), table.requests[0]!.transaction)
    assert.equal(table.layer.inviteOf(following(request('INVITE'), 'CANCEL')), undefined)
    table.layer.close()
  })

  it('is found by its CANCEL and its ACK when a NAT has given these another sent-by', () => {
    const table = new LayerOnATable()
    const invite = request('INVITE')
    const via = (invite.header('Via') ?? '').replace('127.0.0.1:5070', '203.0.113.7:40000')
    table.receive(invite)
    table.receive(following(invite, 'CANCEL', { via }))
    const [first, cancel] = table.requests
    assert.ok(first && cancel)
    assert.equal(table.layer.inviteOf(cancel.request), first.transaction)
    // The CANCEL again, under either sent-by, is no merged request.
    table.receive(following(invite, 'CANCEL', { via }))
    table.receive(following(invite, 'CANCEL'))
    assert.deepEqual(table.takeSent(), [])
    first.transaction.respond(response(invite, 487))
    table.takeSent()
    table.receive(following(invite, 'ACK', { via }))
    table.clock.advance(4000)
    assert.deepEqual([table.takeSent(), table.acks.length], [[], 0])
    table.layer.close()
  })
})

describe('a non-INVITE server transaction', () => {
  it('absorbs the request until it is answered, then repeats the answer for 64*T1 (timer J)', () => {
    const table = new LayerOnATable()
    const options = request('OPTIONS')
    table.receive(options)
    table.receive(options)
    assert.deepEqual(table.sent, [])
    table.requests[0]!.transaction.respond(response(options, 200))
    table.receive(options)
    assert.deepEqual(table.sent, ['200 OPTIONS', '200 OPTIONS'])
    table.clock.advance(32_000)
    assert.deepEqual([table.layer.size, table.clock.size], [0, 0])
  })

  it('is gone at once when it has been answered on a reliable transport', () => {
    const table = new LayerOnATable({ reliable: true })
    const options = request('OPTIONS')
    table.receive(options)
    table.requests[0]!.transaction.respond(response(options, 200))
    assert.deepEqual([table.layer.size, table.clock.size], [0, 0])
  })

  it('ends without a response, and reports it, when its user does not answer while the peer waits', () => {
    const table = new LayerOnATable()
    table.receive(request('INFO'))
    table.clock.advance(32_000)
    assert.deepEqual([table.sent, table.told, table.layer.size], [[], ['timeout'], 0])
  })
})

describe('the matching of requests', () => {
  it('tells the same branch from two senders apart (17.2.3)', () => {
    const table = new LayerOnATable()
    table.receive(request('OPTIONS', { via: 'SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bKsame', callId: 'a' }))
    table.receive(request('OPTIONS', { via: 'SIP/2.0/UDP 127.0.0.1:5071;branch=z9hG4bKsame', callId: 'b' }))
    assert.equal(table.requests.length, 2)
    table.layer.close()
  })

  it('knows an RFC 2543 peer’s request, CANCEL and ACK again, which have no branch', () => {
    const table = new LayerOnATable()
    const via = 'SIP/2.0/UDP 127.0.0.1:5070'
    const invite = request('INVITE', { via })
    table.receive(invite)
    table.receive(invite)
    assert.equal(table.requests.length, 1)
    table.receive(following(invite, 'CANCEL'))
    assert.ok(table.layer.inviteOf(table.requests[1]!.request))
    table.requests[0]!.transaction.respond(response(invite, 486))
    table.receive(following(invite, 'ACK'))
    assert.equal(table.acks.length, 0)
    table.layer.close()
  })

  it('answers 482 to a request that a fork brought here a second time (8.2.2.2)', () => {
    const table = new LayerOnATable()
    table.receive(request('INVITE', { callId: 'merged' }))
    table.receive(request('INVITE', { callId: 'merged' }))
    assert.deepEqual([table.requests.length, table.sent], [1, ['482 INVITE']])
    table.receive(request('INVITE', { callId: 'merged', to: '<sip:bob@127.0.0.1>;tag=bob' }))
    assert.equal(table.requests.length, 2)
    table.layer.close()
    assert.deepEqual([table.layer.size, table.clock.size], [0, 0])
  })

  it('takes the next attempt of a proxy that tries its targets in turn, once the one before was refused', () => {
    const table = new LayerOnATable()
    const first = request('INVITE', { callId: 'forked' })
    table.receive(first)
    table.requests[0]!.transaction.respond(response(first, 486))
    const second = request('INVITE', { callId: 'forked' })
    table.receive(second)
    assert.equal(table.requests.length, 2)
    // The one that is over takes nothing along with it: the second is still the one that others repeat.
    table.receive(following(first, 'ACK'))
    table.clock.advance(10_000)
    table.receive(request('INVITE', { callId: 'forked' }))
    assert.equal(table.requests.length, 2)
    assert.equal(table.sent.at(-1), '482 INVITE')
    table.layer.close()
    assert.deepEqual([table.layer.size, table.clock.size], [0, 0])
  })

  it('serves a request that repeats its CSeq with a new branch once its answer is out, as phones do after a 401', () => {
    for (const method of ['REGISTER', 'MESSAGE', 'OPTIONS']) {
      const table = new LayerOnATable()
      const first = request(method, { callId: 'same' })
      table.receive(first)
      table.receive(request(method, { callId: 'same' }))
      assert.deepEqual([table.requests.length, table.takeSent()], [1, [`482 ${method}`]])
      table.requests[0]!.transaction.respond(response(first, 401))
      const second = request(method, { callId: 'same' })
      table.receive(second)
      assert.equal(table.requests.length, 2)
      // The end of the first transaction leaves the second one the request that a fork would repeat.
      table.clock.advance(20_000)
      table.receive(request(method, { callId: 'same' }))
      assert.deepEqual([table.requests.length, table.takeSent()], [2, [`401 ${method}`, `482 ${method}`]])
      table.requests[1]!.transaction.respond(response(second, 200))
      table.receive(first)
      table.receive(second)
      assert.deepEqual(table.takeSent(), [`200 ${method}`, `401 ${method}`, `200 ${method}`])
      table.layer.close()
      assert.deepEqual([table.layer.size, table.clock.size], [0, 0])
    }
  })

  it('refuses the fork of an INVITE that has been accepted, which must not ring again', () => {
    const table = new LayerOnATable()
    const invite = request('INVITE', { callId: 'accepted' })
    table.receive(invite)
    table.requests[0]!.transaction.respond(response(invite, 200))
    table.receive(request('INVITE', { callId: 'accepted' }))
    assert.deepEqual([table.requests.length, table.sent], [1, ['200 INVITE', '482 INVITE']])
    table.layer.close()
  })

  it('takes a branch that comes with another Call-ID or CSeq for another request', () => {
    const table = new LayerOnATable()
    const via = 'SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bKfixed'
    const messages = [
      request('MESSAGE', { via, callId: 'one' }),
      request('MESSAGE', { via, callId: 'two' }),
      request('MESSAGE', { via, callId: 'two', cseq: 2 }),
    ]
    for (const [index, message] of messages.entries()) {
      table.receive(message)
      table.requests[index]!.transaction.respond(response(message, 200 + index))
    }
    assert.deepEqual(table.takeSent(), ['200 MESSAGE', '201 MESSAGE', '202 MESSAGE'])
    for (const message of messages) table.receive(message)
    assert.deepEqual(table.takeSent(), ['200 MESSAGE', '201 MESSAGE', '202 MESSAGE'])
    assert.equal(table.requests.length, 3)
    table.layer.close()
  })

  it('finds with a fixed branch each INVITE by its own ACK and CANCEL', () => {
    const table = new LayerOnATable()
    const via = 'SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bKfixed'
    const [first, second] = [request('INVITE', { via, callId: 'one' }), request('INVITE', { via, callId: 'two' })]
    table.receive(first)
    table.receive(second)
    table.receive(following(second, 'CANCEL'))
    assert.equal(table.layer.inviteOf(table.requests[2]!.request), table.requests[1]!.transaction)
    table.requests[0]!.transaction.respond(response(first, 486))
    table.requests[1]!.transaction.respond(response(second, 487))
    table.receive(following(first, 'ACK'))
    assert.deepEqual(
      table.requests.slice(0, 2).map(({ transaction }) => transaction.state),
      ['confirmed', 'completed'],
    )
    table.layer.close()
  })
})
