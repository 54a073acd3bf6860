import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createSocket } from 'node:dgram'
import {
  type Dialog,
  type InitialInvite,
  knownMethods,
  type Response,
  type ServerRequest,
} from '../../../engine/index.ts'
import { FakeClock } from '../fake-clock.ts'
import { type Party } from '../user-agent/two-agents.ts'
import { RawClient } from './raw-client.ts'
import type { Req, Res, SrfDialog } from './srf.ts'
import { offer, secret, Stage } from './stage.ts'
import { until } from '../../harness/until.ts'

describe('a request outside any dialog', () => {
  let stage: Stage
  let peer: Party

  beforeEach(async () => {
    stage = await Stage.set({
      network: {
        spammers: { userAgents: ['friendly-scanner'], toUsers: ['victim'], fromUsers: [] },
        optionsAutoRespond: 'pinger/1',
        rejectRegisterWithNoRealm: true,
      },
    })
    peer = await stage.peer({ methods: knownMethods, optionsAnsweredBy: 'user' })
  })

  afterEach(() => stage.clear())

  /** The final response to a request of the peer. */
  function ask(method: string, options: object = {}): Promise<Response> {
    return new Promise((response) => {
      peer.agent.request(method, { uri: `sip:1000@${stage.host}`, ...options }, { response, unanswered: response })
    })
  }

  for (const method of ['OPTIONS', 'MESSAGE', 'REGISTER', 'NOTIFY', 'INFO', 'PUBLISH', 'REFER']) {
    it(`${method} is delivered to the application that takes it, and the peer gets the response`, async () => {
      let seen: Req | undefined
      await stage.application((srf) =>
        srf.use(method.toLowerCase(), (req, res) => {
          seen = req
          res.send(202, { headers: { 'X-Seen': method } })
        }),
      )
      const uri = method === 'REGISTER' ? 'sip:example.org' : `sip:1000@${stage.host}`
      const nextHop = `sip:${stage.host}`
      const response = await ask(method, { uri, nextHop, headers: [['Contact', '<sip:a@127.0.0.1>;expires=60']] })
      assert.equal(response.status, 202)
      assert.equal(response.header('X-Seen'), method)
      assert.equal(seen?.method, method)
      await stage.settled()
    })

    it(`${method} is sent by an application, which gets the response`, async () => {
      const srf = await stage.application()
      const request = await srf.request(peer.uri, { method, headers: { Subject: 'this' } })
      const [[response], incoming] = await Promise.all([
        once(request, 'response') as Promise<[Res]>,
        peer.log.next<ServerRequest>(method).then((received) => {
          received.respond(204, { headers: [['X-Got', received.request.header('Subject') ?? '']] })
          return received
        }),
      ])
      assert.equal(response.status, 204)
      assert.equal(response.get('X-Got'), 'this')
      assert.equal(response.stackDialogId, '')
      assert.equal(incoming.request.maxForwards, 70)
      await stage.settled()
    })
  }

  it('BYE, UPDATE and CANCEL without a dialog or transaction get 481, methods that no application takes 503, REFER 405', async () => {
    for (const method of ['BYE', 'UPDATE', 'PRACK']) assert.equal((await ask(method)).status, 481)
    assert.equal((await ask('MESSAGE')).status, 503)
    assert.equal((await ask('REFER')).status, 405)
  })

  it('of a spammer gets 603, and is not delivered', async () => {
    await stage.application((srf) => srf.use('options', () => assert.fail('an application saw it')))
    assert.equal((await ask('OPTIONS', { headers: [['User-Agent', 'a Friendly-Scanner 3']] })).status, 603)
    assert.equal((await ask('OPTIONS', { to: '<sip:victim@here>' })).status, 603)
    assert.equal((await ask('OPTIONS', { headers: [['User-Agent', 'pinger/1']] })).status, 200)
  })

  it('REGISTER is refused for an IP address, and with malformed Contacts', async () => {
    assert.equal((await ask('REGISTER')).status, 403)
    const uri = 'sip:example.org'
    const nextHop = `sip:${stage.host}`
    const contact = (value: string): object => ({ uri, nextHop, headers: [['Contact', value]] })
    assert.equal((await ask('REGISTER', contact('*'))).status, 400)
    assert.equal((await ask('REGISTER', contact('<mailto:a@b>'))).status, 400)
  })

  it('that is malformed gets 400', async () => {
    const socket = createSocket('udp4').bind(0, '127.0.0.1')
    await once(socket, 'listening')
    const lines = ['OPTIONS sip:x SIP/2.0', `Via: SIP/2.0/UDP 127.0.0.1:${socket.address().port};branch=z9hG4bKx`]
    socket.send(
      `${lines.join('\r\n')}\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\n\r\n`,
      Number(stage.host.split(':')[1]),
      '127.0.0.1',
    )
    const [data] = (await once(socket, 'message')) as [Buffer]
    assert.match(data.toString(), /^SIP\/2\.0 400 Bad Request/)
    socket.close()
  })

  it('with compact names, folded lines and no Content-Length is read by drachtio-srf', async () => {
    const seen = new Promise<Req>((resolve) => {
      void stage.application((srf) =>
        srf.use('message', (req, res) => {
          resolve(req)
          res.send(200)
        }),
      )
    })
    await stage.ready()
    const socket = createSocket('udp4').bind(0, '127.0.0.1')
    await once(socket, 'listening')
    const { port } = socket.address()
    const lines = [
      `MESSAGE sip:x@${stage.host} SIP/2.0`,
      `v: SIP/2.0/UDP 127.0.0.1:${port};branch=z9hG4bKy`,
      'f: <sip:a@b>;tag=1',
      't: <sip:x@y>',
      'i: compact@here',
      'CSeq: 1 MESSAGE',
      'r: <sip:target@there>',
      'o: refer',
      'Subject: one',
      ' and two',
      'c: text/plain',
      '',
      'hello\r\n\r\nworld',
    ]
    socket.send(lines.join('\r\n'), Number(stage.host.split(':')[1]), '127.0.0.1')
    const req = await seen
    assert.equal(req.get('Refer-To'), '<sip:target@there>')
    assert.equal(req.get('Event'), 'refer')
    assert.equal(req.get('Subject'), 'one and two')
    assert.equal(req.body, 'hello\r\n\r\nworld')
    await once(socket, 'message')
    socket.close()
  })

  it('SUBSCRIBE makes a dialog in which the application sends NOTIFY', async () => {
    let dialog: SrfDialog | undefined
    await stage.application((srf) =>
      srf.subscribe(
        (req, res) => void srf.createUAS(req, res, { headers: { Expires: '60' } }).then((made) => (dialog = made)),
      ),
    )
    const accepted = await ask('SUBSCRIBE', {
      headers: [
        ['Event', 'presence'],
        ['Expires', '60'],
      ],
    })
    assert.equal(accepted.status, 202)
    await until('the application has its dialog', () => dialog !== undefined)
    const notifying = dialog!.request({
      method: 'NOTIFY',
      headers: { Event: 'presence', 'Subscription-State': 'active' },
    })
    await until('the peer has the NOTIFY', () => peer.messages.includes('in NOTIFY'))
    // The peer has no dialog of the SUBSCRIBE and refuses the NOTIFY.
    assert.equal((await notifying).status, 481)
  })

  it('SUBSCRIBE of an application makes a dialog, even when the NOTIFY comes before the 2xx', async () => {
    const srf = await stage.application()
    const notified: string[] = []
    srf.use('notify', (req, res) => {
      notified.push(req.get('Subscription-State'))
      res.send(200)
    })
    await stage.heard(srf)
    const subscribing = srf.createUAC(peer.uri, { method: 'SUBSCRIBE', headers: { Event: 'presence', Expires: '60' } })
    const subscribe = await peer.log.next<ServerRequest>('SUBSCRIBE')
    const from = `${subscribe.request.header('To') ?? ''};tag=${subscribe.localTag}`
    const notify = {
      uri: `sip:${stage.host}`,
      from,
      to: subscribe.request.header('From') ?? '',
      callId: subscribe.request.callId,
      headers: [
        ['Event', 'presence'],
        ['Subscription-State', 'active'],
      ],
    }
    assert.equal((await ask('NOTIFY', notify)).status, 200)
    subscribe.respond(202, { headers: [['Expires', '60']] })
    const dialog = await subscribing
    assert.equal(dialog.sip.callId, subscribe.request.callId)
    const over = once(dialog, 'notify') as Promise<[Req, Res]>
    const ended = ask('NOTIFY', {
      ...notify,
      cseq: 2,
      headers: [
        ['Event', 'presence'],
        ['Subscription-State', 'terminated'],
      ],
    })
    const [, res] = await over
    res.send(200)
    assert.equal((await ended).status, 200)
    assert.deepEqual(notified, ['active'])
    await stage.settled()
  })
})

describe('a request that cannot be sent', () => {
  let stage: Stage
  let client: RawClient

  beforeEach(async () => {
    stage = await Stage.set()
    client = await RawClient.authenticated(stage.adminPort, secret)
  })

  afterEach(async () => {
    client.socket.destroy()
    await stage.clear()
  })

  const cases: [what: string, frame: (host: string) => string, says: RegExp][] = [
    [
      'to the engine itself',
      (host) => `sip||\r\nOPTIONS sip:x@${host} SIP/2.0\r\n\r\n`,
      /^can not send request to myself$/,
    ],
    [
      'to localhost and the port of the engine',
      (host) => `sip||\r\nOPTIONS sip:localhost:${host.split(':')[1] ?? ''} SIP/2.0\r\n\r\n`,
      /^can not send request to myself$/,
    ],
    [
      'by a transport that is not there',
      () => 'sip||\r\nOPTIONS sip:x@127.0.0.1:9;transport=tcp SIP/2.0\r\n\r\n',
      /^requested protocol\/transport not available$/,
    ],
    [
      'to no URI',
      () => 'sip||\r\nOPTIONS http://x SIP/2.0\r\n\r\n',
      /^invalid request-uri: OPTIONS http:\/\/x SIP\/2.0$/,
    ],
    ['to a number without a route', () => 'sip||\r\nINVITE tel:+123 SIP/2.0\r\n\r\n', /^invalid request-uri: /],
    ['that is no SIP message', () => 'sip||\r\nhello\r\n\r\n', /^invalid request-uri: hello$/],
    [
      'with a body without Content-Type',
      () => 'sip||\r\nMESSAGE sip:x@127.0.0.1:9 SIP/2.0\r\n\r\nhello',
      /^missing content-type$/,
    ],
    [
      'with a malformed From',
      () => 'sip||\r\nOPTIONS sip:x@127.0.0.1:9 SIP/2.0\r\nFrom: <<>>\r\n\r\n',
      /^invalid from value provided by client: <<>>$/,
    ],
    [
      'in no dialog',
      () => 'sip||nothing;from-tag=1\r\nINFO sip:placeholder SIP/2.0\r\n\r\n',
      /^Server error: unable to find dialog for dialog id provided$/,
    ],
    [
      'ACK, of a failure',
      () => 'sip||nothing;from-tag=1\r\nACK sip:placeholder SIP/2.0\r\n\r\n',
      /^Server error: ACK for non-success/,
    ],
    [
      'CANCEL, of nothing',
      () => 'sip|17|\r\nCANCEL sip:x SIP/2.0\r\n\r\n',
      /^unable to cancel unknown transaction id: 17$/,
    ],
    [
      'a response to nothing',
      () => 'sip|17|\r\nSIP/2.0 200 OK\r\nCSeq: 1 INVITE\r\n\r\n',
      /^Response not sent due to unknown transaction$/,
    ],
    [
      'a response to a CANCEL',
      () => 'sip|17|\r\nSIP/2.0 200 OK\r\nCSeq: 1 CANCEL\r\n\r\n',
      /^200 OK to incoming CANCEL is automatically/,
    ],
    [
      'a response to it does not say what',
      () => 'sip||\r\nSIP/2.0 200 OK\r\nCSeq: 1 INVITE\r\n\r\n',
      /^transaction id missing$/,
    ],
    [
      'passed on, that is not there',
      () => 'proxy|17|||||||sip:x@y\r\nINVITE sip:x SIP/2.0\r\n\r\n',
      /^Unknown transaction id: 17$/,
    ],
  ]
  for (const [what, frame, says] of cases) {
    it(`${what}: gets drachtio-server's error text`, async () => {
      const [verdict, text] = await client.ask(frame(stage.host))
      assert.match(verdict ?? '', /^(NOK|NO)$/)
      assert.match(text ?? '', says)
    })
  }

  it('because its host has no address: gets a 503 as if from a peer', async () => {
    const answer = await client.answer('sip||\r\nOPTIONS sip:x@host.invalid SIP/2.0\r\n\r\n')
    assert.equal(answer.fields[3], 'OK')
    const response = await client.sip()
    assert.equal(response.fields[8], answer.fields[10])
    assert.equal(response.fields[3], '0')
    assert.match(response.text, /^SIP\/2\.0 503 DNS Error\r\n/)
  })

  it('is reported with the text of the request that was sent', async () => {
    // Long timers: no message is retransmitted on a busy machine.
    const clock = new FakeClock()
    const listen = [{ transport: 'udp', address: '127.0.0.1', port: 0 }] as const
    const slow = await Stage.set({ sip: { listen, clock } })
    const raw = await RawClient.authenticated(slow.adminPort, secret)
    const peer = await slow.peer({ clock })
    const answer = await raw.answer(
      `sip||\r\nINVITE ${peer.uri} SIP/2.0\r\nContent-Length: 999\r\nVia: not mine\r\n\r\n${offer}`,
    )
    const { fields, text } = answer
    const [address, port] = slow.host.split(':')
    assert.deepEqual(fields.slice(3, 5), ['OK', 'application'])
    assert.deepEqual(fields.slice(6, 9), ['udp', address, port])
    assert.deepEqual(fields.slice(11), ['Msg sent:', ''])
    const invite = await peer.log.next<InitialInvite>('invite')
    assert.match(text, /^INVITE /)
    assert.ok(text.endsWith(`\r\nContent-Length: ${offer.length}\r\n\r\n${offer}`))
    assert.ok(!text.includes('not mine'))
    assert.equal(invite.request.header('Content-Type'), 'application/sdp')
    assert.match(text, /\r\nFrom: <sip:[^>]+>;tag=/)
    assert.match(text, /\r\nContact: <sip:/)
    const cancel = await raw.answer(`sip|${fields[10] ?? ''}|\r\nCANCEL x SIP/2.0\r\nReason: SIP;cause=200\r\n\r\n`)
    assert.notEqual(cancel.fields[10], fields[10])
    assert.match(cancel.text, /^CANCEL [\s\S]*\r\nReason: SIP;cause=200\r\n/)
    assert.deepEqual((await raw.ask(`sip|${fields[10] ?? ''}|\r\nCANCEL x SIP/2.0\r\n\r\n`))[0], 'NOK')
    invite.respond(180)
    const provisional = await raw.sip()
    assert.match(provisional.text, /^SIP\/2\.0 180 /)
    assert.equal(provisional.fields.length, 11)
    const final = await raw.sip()
    assert.match(final.text, /^SIP\/2\.0 487 /)
    assert.equal(final.fields[8], fields[10])
    raw.socket.destroy()
    await slow.clear()
  })
})

describe('a response', () => {
  it('is reported with the id of the dialog that it makes', async () => {
    const stage = await Stage.set()
    const client = await RawClient.authenticated(stage.adminPort, secret)
    await client.ask('route|invite')
    const peer = await stage.peer()
    peer.agent.invite(
      { uri: `sip:x@${stage.host}`, body: offer },
      { ...quiet, accepted: (_: unknown, dialog: Dialog) => dialog.ack() },
    )
    const { fields, text } = await client.sip()
    const callId = /\r\nCall-ID: ([^\r]*)/.exec(text)?.[1] ?? ''
    const tag = /\r\nFrom: [^\r]*;tag=([^\r;]*)/.exec(text)?.[1] ?? ''
    const answer = await client.answer(
      `sip|${fields[8] ?? ''}|\r\nSIP/2.0 200 Fine\r\nCSeq: 1 INVITE\r\ncontact: sip:me@localhost\r\n\r\n${offer}`,
    )
    assert.deepEqual(answer.fields.slice(11), [`${callId};from-tag=${tag}`, '', 'Msg sent:', ''])
    assert.equal(answer.fields[10], fields[8])
    assert.match(answer.text, /^SIP\/2\.0 200 Fine\r\n/)
    assert.match(answer.text, new RegExp(`\r\nContact: <sip:me@${stage.host}>\r\n`))
    assert.match(answer.text, /\r\nTo: [^\r]*;tag=/)
    const ack = await client.sip()
    assert.deepEqual(ack.fields.slice(8), [fields[8], `${callId};from-tag=${tag}`, ''])
    assert.match(ack.text, /^ACK /)
    client.socket.destroy()
    await stage.clear()
  })
})

const quiet = {
  provisional: () => undefined,
  refused: () => undefined,
  unanswered: () => undefined,
  dialog: { request: () => undefined, invite: () => undefined, ended: () => undefined },
}
