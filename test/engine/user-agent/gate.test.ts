import assert from 'node:assert/strict'
import type { InitialInvite, Response, ServerRequest } from '../../../engine/index.ts'
import { fastTimers, type Party, party, settle } from './two-agents.ts'
import { RawPeer } from './raw-peer.ts'

describe('what the user agent answers by itself', () => {
  let bob: Party
  let peer: RawPeer
  const errors: unknown[] = []

  beforeEach(async () => {
    errors.length = 0
    const log = { warn: () => undefined, error: (_: string, { error }: { error?: unknown }) => errors.push(error) }
    bob = await party({ extensions: ['replaces'], log, timers: fastTimers })
    peer = await RawPeer.open(bob.uri)
  })

  afterEach(async () => {
    await settle(bob)
    peer.close()
  })

  async function answerTo(method: string, changes: Parameters<RawPeer['make']>[1] = {}): Promise<Response> {
    peer.send(peer.make(method, changes))

    return peer.response(method)
  }

  it('OPTIONS: what it is able to do, and 503 while it drains', async () => {
    const options = await answerTo('OPTIONS')
    assert.equal(options.status, 200)
    assert.match(options.header('Allow') ?? '', /INVITE, ACK, BYE, CANCEL/)
    assert.deepEqual([options.header('Accept'), options.header('Supported')], ['application/sdp', 'replaces'])
    bob.agent.draining = true
    assert.equal((await answerTo('OPTIONS')).status, 503)
  })

  it('405 to a method that it does not take, 501 to an unknown one, each with Allow', async () => {
    const register = await answerTo('REGISTER')
    assert.equal(register.status, 405)
    assert.match(register.header('Allow') ?? '', /INVITE/)
    assert.equal((await answerTo('BREW')).status, 501)
  })

  it('420 to what is required and not there, naming it', async () => {
    const headers: [string, string][] = [['Require', 'replaces, teleport, 100rel']]
    const refused = await answerTo('MESSAGE', { headers })
    assert.deepEqual([refused.status, refused.header('Unsupported')], [420, 'teleport, 100rel'])
  })

  it('481 to what lives in dialogs only', async () => {
    assert.equal((await answerTo('BYE')).status, 481)
    assert.equal((await answerTo('UPDATE')).status, 481)
    const stray = peer.make('CANCEL')
    peer.send(stray)
    assert.equal((await peer.response('CANCEL')).status, 481)
    peer.send(peer.make('INVITE', { to: `<${bob.uri}>;tag=gone` }))
    assert.equal((await peer.response('INVITE')).status, 481)
  })

  it('400, 416, 483 and 505 to requests that are bad, once each, and counts them', async () => {
    assert.equal((await answerTo('MESSAGE', { from: 'nonsense <' })).status, 400)
    assert.equal((await answerTo('MESSAGE', { uri: 'http://example.com' })).status, 416)
    assert.equal((await answerTo('MESSAGE', { maxForwards: 0 })).status, 483)
    // RFC 3261 11.2: they are for us.
    assert.equal((await answerTo('OPTIONS', { maxForwards: 0 })).status, 200)
    peer.send(peer.make('MESSAGE').toString().replace('SIP/2.0\r\n', 'SIP/7.0\r\n'))
    assert.equal((await peer.response('MESSAGE')).status, 505)
    assert.equal(bob.agent.stats.bad.size, 4)
    assert.equal((await answerTo('INVITE', { maxForwards: 0 })).status, 483)
    assert.deepEqual(bob.log.names, [], 'the user hears of nothing that was refused')
  })

  it('400 without any state to what is no SIP message but can be answered; noise is counted and dropped', async () => {
    peer.send(peer.make('MESSAGE').toString().replace('Content-Length: 0', 'Content-Length: 99'))
    assert.equal((await peer.response('MESSAGE')).status, 400)
    assert.equal(bob.agent.state().transactions, 0)
    peer.send('\x01\x02 this is no SIP at all')
    peer.send(peer.make('ACK').toString().replace('SIP/2.0\r\n', '\r\n'))
    assert.equal((await answerTo('OPTIONS')).status, 200)
    assert.ok([...bob.agent.stats.bad.values()].reduce((sum, count) => sum + count, 0) >= 2)
  })

  it('what the request asks for, whatever lines of it are no headers, or are malformed and not needed; they are counted', async () => {
    const text = peer.make('OPTIONS', { headers: [['Contact', '<sip:x']] }).toString()
    peer.send(
      `\r\n\r\n${text.replace('Call-ID', 'X-Peg>=9: 1\r\nno colon\r\nX-A: 1\nP-Asserted-Identity: <sip:x@y>\r\nCall-ID')}`,
    )
    assert.equal((await peer.response('OPTIONS')).status, 200)
    assert.equal(bob.agent.stats.bad.size, 0)
    assert.deepEqual(Object.fromEntries(bob.agent.stats.passedOver), { no_header_name: 2, line_break: 1 })
  })

  it('481, not 400, to a BYE with malformed headers that it does not need', async () => {
    const to = `<${bob.uri}>;tag=gone`
    for (const [name, value] of [
      ['Contact', ''],
      ['Max-Forwards', 'abc'],
      ['Max-Forwards', '300'],
      ['Content-Length', 'x'],
      ['X-Long', 'x'.repeat(9000)],
    ] as const) {
      peer.send(
        peer
          .make('BYE', { to })
          .toString()
          .replace(`\r\n${name}: `, '\r\nX-Was: ')
          .replace('Call-ID', `${name}: ${value}\r\nCall-ID`),
      )
      assert.equal((await peer.response('BYE')).status, 481, `${name}: ${value}`)
    }
  })

  it('500 when its user throws, which is caught, counted and told of', async () => {
    bob.log.add = () => {
      throw new Error('a listener threw')
    }
    assert.equal((await answerTo('MESSAGE')).status, 500)
    assert.equal((await answerTo('INVITE')).status, 500)
    assert.equal(bob.agent.stats.defects, 2)
    assert.deepEqual(errors.map(String), ['Error: a listener threw', 'Error: a listener threw'])
  })

  it('once to a request that comes again: its user hears of it once', async () => {
    const message = peer.make('MESSAGE')
    peer.send(message)
    const request = await bob.log.next<ServerRequest>('MESSAGE')
    request.respond(202)
    const first = await peer.response('MESSAGE')
    peer.send(message)
    assert.equal((await peer.response('MESSAGE')).toString(), first.toString())
    assert.equal(bob.log.names.length, 1)
    assert.equal(bob.agent.stats.requestsAbsorbed, 1)
  })

  it('nothing to an INVITE that is to replace a dialog, where its user says that it takes such', async () => {
    peer.send(peer.make('INVITE', { headers: [['Replaces', 'gone;to-tag=1;from-tag=2']] }))
    const invite = await bob.log.next<InitialInvite>('invite')
    invite.respond(481)
    assert.equal((await peer.response('INVITE')).status, 481)
  })

  it('482 to an INVITE that a fork brought twice', async () => {
    const parts = { callId: 'forked', cseq: 7 }
    peer.send(peer.make('INVITE', parts))
    const invite = await bob.log.next<InitialInvite>('invite')
    assert.equal((await answerTo('INVITE', parts)).status, 482)
    invite.respond(486)
    assert.equal((await peer.response('INVITE', 486)).status, 486)
  })

  it('with Server and Allow where they belong', async () => {
    peer.send(peer.make('INVITE'))
    const invite = await bob.log.next<InitialInvite>('invite')
    invite.respond(200, { toTag: 'chosen' })
    const ok = await peer.response('INVITE', 200)
    assert.deepEqual([ok.toTag, ok.header('Supported')], ['chosen', 'replaces'])
    assert.match(ok.contact?.uri ?? '', /^sip:127\.0\.0\.1:\d+$/)
    peer.send(peer.inDialog('ACK', ok))
    peer.send(peer.inDialog('BYE', ok))
    await peer.response('BYE', 200)
  })
})

describe('a user agent', () => {
  it('refuses to start, naming the listener, when its address is taken, and leaves nothing open', async () => {
    const first = await party()
    const { local } = first.agent.listeners[0]!
    const listen = [
      { transport: 'udp' as const, address: '127.0.0.1', port: 0 },
      { transport: 'udp' as const, address: '127.0.0.1', port: local.port },
    ]
    await assert.rejects(party({ listen }), new RegExp(`udp:127\\.0\\.0\\.1:${local.port}`))
    await first.agent.close()
    await first.agent.close()
  })

  it('answers by itself, with 503, what it has no way to send', async () => {
    const alice = await party()
    const answers: number[] = []
    const user = { response: () => undefined, unanswered: ({ status }: Response) => answers.push(status) }
    for (const uri of ['sip:x@127.0.0.1;transport=tcp', 'tel:+1234', 'nonsense']) {
      alice.agent.request('OPTIONS', { uri }, user)
    }
    assert.deepEqual(answers, [503, 503, 503])
    await settle(alice)
  })

  it('writes its advertised address into Via and Contact', async () => {
    const peer = await party()
    const listen = [{ transport: 'udp' as const, address: '127.0.0.1', port: 0, advertised: { host: '203.0.113.7' } }]
    const alice = await party({ listen, product: 'Baton' })
    alice.agent.request('SUBSCRIBE', { uri: peer.uri }, { response: () => undefined, unanswered: () => undefined })
    const [sent] = await new Promise<string[]>((resolve) => {
      peer.agent.tap = ({ text }) => resolve([text])
    })
    assert.match(sent ?? '', /\r\nVia: SIP\/2\.0\/UDP 203\.0\.113\.7:\d+;rport/)
    assert.match(sent ?? '', /\r\nContact: <sip:203\.0\.113\.7:\d+>\r\n/)
    assert.match(sent ?? '', /\r\nUser-Agent: Baton\r\n/)
    await settle(alice, peer)
  })
})
