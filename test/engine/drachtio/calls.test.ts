import assert from 'node:assert/strict'
import { once } from 'node:events'
import {
  type Dialog,
  type InitialInvite,
  knownMethods,
  type Request,
  type Response,
  type ServerInvite,
  type ServerRequest,
  type UserAgent,
} from '../../../engine/index.ts'
import { FakeClock } from '../fake-clock.ts'
import { RawPeer } from '../user-agent/raw-peer.ts'
import { Happenings, inviteUser, type Party } from '../user-agent/two-agents.ts'
import type { Req, Res, Srf, SrfDialog } from './srf.ts'
import { answer, ignoreResponses, offer, Stage } from './stage.ts'
import { until } from '../../harness/until.ts'

interface Accepted {
  response: Response
  dialog: Dialog
}

/** Sends a request in a dialog and resolves with its final response. */
/** The dialog of a provisional response. */
function earlyDialog({ core }: UserAgent, { callId, fromTag, toTag }: Response): Dialog {
  return core.dialogs.find(callId, fromTag ?? '', toTag ?? '') as Dialog
}

function ask(dialog: Dialog, method: string, options: { body?: string; headers?: [string, string][] } = {}) {
  return new Promise<Response>((resolve) => {
    dialog.send(method, options, { response: resolve, unanswered: resolve })
  })
}

describe('a call to an application', () => {
  let stage: Stage
  let peer: Party

  beforeEach(async () => {
    stage = await Stage.set()
    peer = await stage.peer()
  })

  afterEach(() => stage.clear())

  const call = (options: object = {}) =>
    peer.agent.invite({ uri: `sip:1000@${stage.host}`, body: offer, ...options }, inviteUser(peer.log))

  /** Both dialogs of a call answered by createUAS. */
  async function answered(options: object = {}): Promise<{ dialog: SrfDialog; far: Dialog; srf: Srf }> {
    let resolve: (dialog: SrfDialog) => void = () => undefined
    const taken = new Promise<SrfDialog>((done) => (resolve = done))
    const srf = await stage.application((app) =>
      app.invite((req, res) => void srf.createUAS(req, res, { localSdp: answer, ...options }).then(resolve)),
    )
    call()
    const { dialog: far } = await peer.log.next<Accepted>('accepted')
    far.ack()

    return { dialog: await taken, far, srf }
  }

  it('is answered by createUAS, and the application learns of its end', async () => {
    const requests: Req[] = []
    const ended = new Promise<string>((resolve) => {
      void stage.application((srf) =>
        srf.invite((req, res) => {
          requests.push(req)
          void srf.createUAS(req, res, { localSdp: answer }).then((dialog) => {
            dialog.on('destroy', (_: Req, reason: string) => resolve(reason))
          })
        }),
      )
    })
    await stage.ready()
    call()
    const { response, dialog } = await peer.log.next<Accepted>('accepted')
    assert.equal(response.body, answer)
    assert.equal(response.header('Content-Type'), 'application/sdp')
    assert.match(response.header('Contact') ?? '', new RegExp(`^<sip:${stage.host}>$`))
    dialog.ack()
    assert.equal((await ask(dialog, 'BYE')).status, 200)
    assert.equal(await ended, 'normal release')
    const request = requests[0]!
    assert.equal(request.receivedOn, stage.host)
    assert.equal(request.protocol, 'udp')
    assert.equal(request.server.hostport, `udp/${stage.host}`)
    await stage.settled()
  })

  it('has the Call-ID and the From tag of its INVITE as its id, in both directions', async () => {
    const { dialog, far } = await answered()
    assert.equal(dialog.id, `${far.callId};from-tag=${far.localTag}`)
    assert.equal(dialog.sip.localTag, far.remoteTag)
    assert.equal(dialog.sip.remoteTag, far.localTag)
    await dialog.destroy()
    await peer.log.next('ended')
  })

  it('is ended by the BYE of an RFC 2543 peer, which has no To tag', async () => {
    const ended = new Promise((resolve) => {
      void stage.application((srf) =>
        srf.invite(
          (req, res) =>
            void srf.createUAS(req, res, { localSdp: answer }).then((dialog) => dialog.on('destroy', resolve)),
        ),
      )
    })
    await stage.ready()
    const old = await RawPeer.open(`sip:${stage.host}`)
    const to = `<sip:1000@${stage.host}>`
    old.send(old.make('INVITE', { to, body: offer, headers: [['Content-Type', 'application/sdp']] }))
    const ok = await old.response('INVITE', 200)
    old.send(old.inDialog('ACK', ok, { to }))
    old.send(old.inDialog('BYE', ok, { to }))
    assert.equal((await old.response('BYE')).status, 200)
    await ended
    await stage.settled()
    old.close()
  })

  it('gets 100 Trying before the application responds', async () => {
    await stage.application((srf) => srf.invite(() => undefined))
    call()
    await until('the caller has 100', () => peer.messages.includes('in 100 INVITE'))
  })

  it('gets provisional responses, with a body if the application has one, and one To tag', async () => {
    await stage.application((srf) =>
      srf.invite((_, res) => {
        res.send(180)
        res.send(183, { body: answer })
        res.send(486, { headers: { 'X-Why': 'busy with this' } })
      }),
    )
    call()
    const ringing = await peer.log.next<Response>('180')
    const early = await peer.log.next<Response>('183')
    const busy = await peer.log.next<Response>('refused')
    assert.equal(early.body, answer)
    assert.equal(busy.status, 486)
    assert.equal(busy.header('X-Why'), 'busy with this')
    assert.equal(new Set([ringing, early, busy].map((response) => response.toTag)).size, 1)
    await stage.settled()
  })

  it('has the To tag that the application sets', async () => {
    await stage.application((srf) => srf.invite((_, res) => res.send(486, { headers: { To: '<sip:x@y>;tag=mine' } })))
    call()
    assert.equal((await peer.log.next<Response>('refused')).toTag, 'mine')
  })

  it('delivers a CANCEL to the application, after the engine has answered it', async () => {
    const cancelled = new Promise<Req>((resolve) => {
      void stage.application((srf) =>
        srf.invite((req, res) => {
          req.on('cancel', resolve)
          res.send(180)
        }),
      )
    })
    await stage.ready()
    const invite = call()
    await peer.log.next('180')
    invite.cancel([['Reason', 'SIP;cause=200;text="Call completed elsewhere"']])
    assert.equal((await peer.log.next<Response>('refused')).status, 487)
    assert.match((await cancelled).get('Reason'), /elsewhere/)
    assert.ok(peer.messages.includes('in 200 CANCEL'))
    await stage.settled()
  })

  it('is refused by the engine when its Contact is no SIP URI (RFC 3261 8.1.1.8)', async () => {
    let seen = 0
    await stage.application((srf) => {
      srf.invite((_req, res) => {
        seen++
        res.send(486)
      })
    })
    call({ headers: [['Contact', '<tel:+14155550123>']] })
    assert.equal((await peer.log.next<Response>('refused')).status, 400)
    assert.equal(seen, 0)
  })

  it('cannot be answered after a CANCEL', async () => {
    const refused = new Promise<string>((resolve) => {
      void stage.application((srf) =>
        srf.invite((req, res) => {
          res.send(180)
          req.on('cancel', () => res.send(200, { body: answer }, (error) => resolve(String(error))))
        }),
      )
    })
    await stage.ready()
    const invite = call()
    await peer.log.next('180')
    invite.cancel()
    assert.equal(await refused, 'Response not sent due to unknown transaction')
  })

  it('is ended by the engine when no ACK comes, and the application gets "ACK timeout"', async () => {
    const ended = new Promise<string>((resolve) => {
      void stage.application((srf) =>
        srf.invite(
          (req, res) =>
            void srf.createUAS(req, res, { localSdp: answer }).then((dialog) => {
              dialog.on('destroy', (_: Req, reason: string) => resolve(reason))
            }),
        ),
      )
    })
    await stage.ready()
    call()
    await peer.log.next('accepted')
    assert.equal(await ended, 'ACK timeout')
    const { request } = await peer.log.next<{ request: Request }>('ended')
    assert.equal(request.header('Reason'), 'SIP ;cause=200 ;text="ACK timeout"')
    assert.ok(peer.messages.filter((one) => one === 'in 200 INVITE').length > 3)
    await stage.settled()
  })

  it('is answered with any 2xx', async () => {
    await stage.application((srf) => {
      srf.invite((_, res) => res.send(202, { body: answer }))
      // drachtio-srf makes a dialog for 200 only, the engine for every 2xx.
      srf.info((req, res) => res.send(req.stackDialogId === '' ? 500 : 200))
    })
    call()
    const { response, dialog } = await peer.log.next<Accepted>('accepted')
    assert.equal(response.status, 202)
    dialog.ack()
    assert.equal((await ask(dialog, 'INFO')).status, 200)
    dialog.send('BYE', {}, ignoreResponses)
  })

  it('gets 408 when the application does not answer, and the application a CANCEL', async () => {
    const cancelled = new Promise<unknown>((resolve) => {
      void stage.application((srf) => srf.invite((req) => req.on('cancel', resolve)))
    })
    await stage.ready()
    call()
    assert.equal((await peer.log.next<Response>('refused')).status, 408)
    await cancelled
    await stage.settled()
  })

  it('brings the answer in the ACK when its INVITE has no offer', async () => {
    const acknowledged = new Promise<Req>((resolve) => {
      void stage.application((srf) =>
        srf.invite((_, res) =>
          res.send(
            200,
            { body: offer },
            () => undefined,
            (ack) => resolve(ack),
          ),
        ),
      )
    })
    await stage.ready()
    call({ body: '' })
    const { dialog } = await peer.log.next<Accepted>('accepted')
    dialog.ack({ body: answer })
    assert.equal((await acknowledged).body, answer)
    dialog.send('BYE', {}, ignoreResponses)
  })

  it('delivers INFO, REFER, NOTIFY, MESSAGE, OPTIONS and UPDATE to the application', async () => {
    const { dialog, far } = await answered()
    for (const method of ['INFO', 'REFER', 'NOTIFY', 'MESSAGE', 'OPTIONS', 'UPDATE']) {
      dialog.once(method.toLowerCase(), (req: Req, res: Res) => {
        assert.equal(req.get('X-Which'), method)
        res.send(method === 'REFER' ? 202 : 200, { headers: { 'X-Heard': method } })
      })
      const response = await ask(far, method, { headers: [['X-Which', method]] })
      assert.equal(response.status, method === 'REFER' ? 202 : 200)
      assert.equal(response.header('X-Heard'), method)
    }
    await dialog.destroy()
  })

  it('goes on after a NOTIFY that ends the subscription of a REFER', async () => {
    const { dialog, far } = await answered()
    const headers: [string, string][] = [
      ['Event', 'presence'],
      ['Subscription-State', 'terminated;reason=noresource'],
    ]
    assert.equal((await ask(far, 'NOTIFY', { headers })).status, 200)
    assert.equal((await ask(far, 'INFO')).status, 200)
    await dialog.destroy()
  })

  it('is held and resumed by re-INVITE', async () => {
    const { dialog, far } = await answered()
    const held = once(dialog, 'hold')
    dialog.on('unhold', () => undefined)
    const first = await ask(far, 'INVITE', { body: offer.replace('sendrecv', 'sendonly') })
    far.ack()
    await held
    assert.match(first.body, /a=recvonly/)
    const second = await ask(far, 'INVITE', { body: offer })
    far.ack()
    assert.match(second.body, /a=sendrecv/)
    await dialog.destroy()
  })

  it('is changed by a re-INVITE that the application answers, and refuses a second one meanwhile', async () => {
    const { dialog, far } = await answered()
    const asked = once(dialog, 'modify') as Promise<[Req, Res]>
    const changing = ask(far, 'INVITE', { body: offer.replace('4000', '4002') })
    const [req, res] = await asked
    assert.match(req.body, /m=audio 4002/)
    await assert.rejects(dialog.modify(answer), { status: 491 })
    const acknowledged = once(dialog, 'ack')
    res.send(200, { body: answer })
    assert.equal((await changing).body, answer)
    far.ack()
    await acknowledged
    await dialog.destroy()
  })

  it('follows the Contact of a re-INVITE', async () => {
    const { dialog, far } = await answered()
    const elsewhere = await stage.peer()
    const [host] = elsewhere.uri.split(';')
    await ask(far, 'INVITE', { body: offer, headers: [['Contact', `<${host ?? ''}>`]] })
    far.ack()
    const destroyed = dialog.destroy()
    await until('the new target has the BYE', () => elsewhere.messages.includes('in BYE'))
    await destroyed
  })

  it('refuses a request out of order with 500, and one without a dialog with 481', async () => {
    const { dialog, far } = await answered()
    await ask(far, 'INFO')
    peer.agent.request(
      'INFO',
      { uri: `sip:${stage.host}`, to: '<sip:a@b>;tag=unknown' },
      { response: (response) => peer.log.add('stray', response), unanswered: () => undefined },
    )
    assert.equal((await peer.log.next<Response>('stray')).status, 481)
    await dialog.destroy()
  })

  it('sends provisional responses reliably with 100rel, and delivers the PRACK', async () => {
    let pracked: Req | undefined
    await stage.application((srf) =>
      srf.invite((_, res) => {
        const headers = { Require: '100rel' }
        res.send(
          183,
          { body: answer, headers },
          () => undefined,
          (prack) => (pracked = prack),
        )
        res.send(200, { body: answer })
      }),
    )
    call({ headers: [['Supported', '100rel']] })
    const early = await peer.log.next<Response>('183')
    assert.equal(early.header('Require'), '100rel')
    const rseq = early.header('RSeq') ?? ''
    // The response is retransmitted until the PRACK.
    await peer.log.next('183')
    assert.ok(!peer.log.names.includes('accepted'))
    const dialog = earlyDialog(peer.agent, early)
    const wrong = await ask(dialog, 'PRACK', { headers: [['RAck', `${Number(rseq) + 7} 1 INVITE`]] })
    assert.equal(wrong.status, 481)
    const right = await ask(dialog, 'PRACK', { headers: [['RAck', `${rseq} 1 INVITE`]] })
    assert.equal(right.status, 200)
    const { dialog: confirmed } = await peer.log.next<Accepted>('accepted')
    assert.equal(pracked?.get('RAck'), `${rseq} 1 INVITE`)
    confirmed.ack()
    confirmed.send('BYE', {}, ignoreResponses)
  })

  it('cannot be answered reliably when the caller does not support 100rel', async () => {
    const failed = new Promise<string>((resolve) => {
      void stage.application((srf) =>
        srf.invite((_, res) => {
          res.send(183, { headers: { Require: '100rel' } }, (error) => resolve(String(error)))
          res.send(486)
        }),
      )
    })
    await stage.ready()
    call()
    assert.equal(await failed, 'Remote endpoint does not support 100rel')
  })

  it('delivers an UPDATE before the final response, which the application answers with the transaction id of the INVITE', async () => {
    await stage.application((srf) =>
      srf.invite((req, res) => {
        req.on('update', (_: Req, response: Res) => {
          response.send(200, { body: answer })
          res.send(486)
        })
        res.send(183, { body: answer })
      }),
    )
    call()
    const early = await peer.log.next<Response>('183')
    const dialog = earlyDialog(peer.agent, early)
    const response = await ask(dialog, 'UPDATE', { body: offer })
    assert.equal(response.status, 200)
    assert.equal(response.body, answer)
    assert.equal((await peer.log.next<Response>('refused')).status, 486)
    await stage.settled()
  })

  it('refuses an UPDATE before the final response while another waits (RFC 3311 5.2), and delivers the next', async () => {
    const log = new Happenings()
    await stage.application((srf) =>
      srf.invite((req, res) => {
        req.on('update', (_: Req, response: Res) => log.add('update', { response, res }))
        res.send(183, { body: answer })
      }),
    )
    call()
    const dialog = earlyDialog(peer.agent, await peer.log.next<Response>('183'))
    const first = ask(dialog, 'UPDATE', { body: offer })
    const held = await log.next<{ response: Res; res: Res }>('update')
    const refused = await ask(dialog, 'UPDATE', { body: offer })
    assert.equal(refused.status, 500)
    assert.match(refused.header('Retry-After') ?? '', /^(?:\d|10)$/)
    held.response.send(200, { body: answer })
    assert.equal((await first).status, 200)
    const next = ask(dialog, 'UPDATE', { body: offer })
    ;(await log.next<{ response: Res; res: Res }>('update')).response.send(200, { body: answer })
    assert.equal((await next).status, 200)
    held.res.send(486)
    await peer.log.next('refused')
    await stage.settled()
  })

  it('refuses a session interval below the minimum', async () => {
    const { dialog, far } = await answered()
    const response = await ask(far, 'INVITE', { body: offer, headers: [['Session-Expires', '30']] })
    assert.equal(response.status, 422)
    assert.equal(response.header('Min-SE'), '90')
    await dialog.destroy()
  })

  it('agrees on a session timer whose refresher the caller has named', async () => {
    await stage.application((srf) => srf.invite((req, res) => void srf.createUAS(req, res, { localSdp: answer })))
    call({ headers: [['Session-Expires', '1800;refresher=uac']] })
    const { response, dialog } = await peer.log.next<Accepted>('accepted')
    assert.equal(response.header('Session-Expires'), '1800;refresher=uac')
    dialog.ack()
    dialog.send('BYE', {}, ignoreResponses)
  })
})

describe('a call that an application makes', () => {
  let stage: Stage
  let peer: Party
  let srf: Srf

  beforeEach(async () => {
    stage = await Stage.set()
    peer = await stage.peer()
    srf = await stage.application()
  })

  afterEach(() => stage.clear())

  async function answered(options: object = {}): Promise<{ dialog: SrfDialog; invite: InitialInvite }> {
    const calling = srf.createUAC(peer.uri, { localSdp: offer, ...options })
    const invite = await peer.log.next<InitialInvite>('invite')
    invite.respond(200, { body: answer })
    const dialog = await calling
    await peer.log.next('ack')

    return { dialog, invite }
  }

  it('is made by createUAC, answered, acknowledged and ended', async () => {
    const rung: number[] = []
    const calling = srf.createUAC(
      peer.uri,
      { localSdp: offer },
      { cbProvisional: (response: { status: number }) => rung.push(response.status) },
    )
    const invite = await peer.log.next<InitialInvite>('invite')
    assert.equal(invite.request.body, offer)
    assert.equal(invite.request.maxForwards, 70)
    assert.equal(invite.request.header('Contact'), `<sip:${stage.host}>`)
    assert.match(invite.request.header('Via') ?? '', /;rport/)
    invite.respond(180)
    invite.respond(200, { body: answer })
    const dialog = await calling
    assert.deepEqual(rung, [180])
    assert.equal(dialog.remote.sdp, answer)
    assert.equal(dialog.id, `${invite.request.callId};from-tag=${invite.request.fromTag ?? ''}`)
    await peer.log.next('ack')
    await dialog.destroy()
    await peer.log.next('ended')
    await stage.settled()
  })

  it('has the local address where the application writes localhost', async () => {
    const headers = {
      From: '"Zoë" <sip:zoe@localhost>',
      To: 'sip:bob@localhost;x=y',
      Contact: 'sip:me@localhost',
      'P-Asserted-Identity': '<sip:zoe@localhost:9>',
      'x-keep-as-it-is': 'sip:a@localhost',
      'some-header': '1',
      subject: 'hello',
    }
    const { invite, dialog } = await answered({ headers })
    const { request } = invite
    assert.match(
      Buffer.from(request.header('From') ?? '', 'latin1').toString(),
      new RegExp(`^"Zoë" <sip:zoe@${stage.host}>;tag=`),
    )
    assert.equal(request.header('To'), `<sip:bob@${stage.host};x=y>`)
    assert.equal(request.header('Contact'), `<sip:me@${stage.host}>`)
    assert.equal(request.header('P-Asserted-Identity'), `<sip:zoe@${stage.host}>`)
    const names = [...request.entries()].map(([name]) => name)
    assert.ok(names.includes('Subject'))
    assert.match(request.toString(), /\r\nSome-Header: 1\r\n/)
    assert.match(request.toString(), /\r\nx-keep-as-it-is: sip:a@localhost\r\n/)
    await dialog.destroy()
  })

  it('fails with the status of the refusal, which the engine acknowledges', async () => {
    const calling = srf.createUAC(peer.uri, { localSdp: offer })
    const invite = await peer.log.next<InitialInvite>('invite')
    invite.respond(486)
    await assert.rejects(calling, { status: 486 })
    await until('the peer has the ACK', () => peer.messages.includes('in ACK'))
    await stage.settled()
  })

  it('fails with 408 when no answer comes', async () => {
    const { createSocket } = await import('node:dgram')
    const silent = createSocket('udp4').bind(0, '127.0.0.1')
    await once(silent, 'listening')
    await assert.rejects(srf.createUAC(`sip:x@127.0.0.1:${silent.address().port}`, { localSdp: offer }), {
      status: 408,
    })
    silent.close()
    await stage.settled()
  })

  it('is cancelled', async () => {
    let sent: Req | undefined
    const calling = srf.createUAC(peer.uri, { localSdp: offer }, { cbRequest: (_: unknown, req: Req) => (sent = req) })
    const invite = await peer.log.next<InitialInvite>('invite')
    invite.respond(180)
    await until('the INVITE is sent', () => sent !== undefined)
    sent!.cancel({ headers: { Reason: 'Q.850;cause=16' } })
    await assert.rejects(calling, { status: 487 })
    await peer.log.next('cancelled')
    await stage.settled()
  })

  it('is acknowledged and ended when its CANCEL is too late, and the application learns of it', async () => {
    // The peer sends no provisional response: the CANCEL is held, and the 200 comes first.
    const silent = await stage.peer({ clock: new FakeClock() })
    let sent: Req | undefined
    const calling = srf.createUAC(
      silent.uri,
      { localSdp: offer },
      { cbRequest: (_: unknown, req: Req) => (sent = req) },
    )
    const invite = await silent.log.next<InitialInvite>('invite')
    await until('the INVITE is sent', () => sent !== undefined)
    sent!.cancel()
    await stage.heard(srf)
    invite.respond(200, { body: answer })
    const dialog = await calling
    const [, reason] = (await Promise.race([
      once(dialog, 'destroy'),
      silent.log.next('ended').then(() => ['', 'late']),
    ])) as string[]
    const { request } = (silent.log.all.find(([what]) => what === 'ended')?.[1] ??
      (await silent.log.next('ended'))) as {
      request: Request
    }
    assert.match(request.header('Reason') ?? '', /ACK-BYE due to cancel race condition/)
    assert.ok(reason === 'late' || reason === 'ACK-BYE due to cancel race condition')
    await stage.settled()
  })

  it('answers a digest challenge with the same Call-ID and From, and the next CSeq', async () => {
    const calling = srf.createUAC(peer.uri, { localSdp: offer, auth: { username: 'ann', password: 'secret' } })
    const first = await peer.log.next<InitialInvite>('invite')
    first.respond(401, { headers: [['WWW-Authenticate', 'Digest realm="here", nonce="n1", qop="auth"']] })
    const second = await peer.log.next<InitialInvite>('invite')
    assert.match(second.request.header('Authorization') ?? '', /^Digest username="ann"/)
    assert.equal(second.request.callId, first.request.callId)
    assert.equal(second.request.fromTag, first.request.fromTag)
    assert.equal(second.request.cseq?.number, (first.request.cseq?.number ?? 0) + 1)
    second.respond(200, { body: answer })
    const dialog = await calling
    await peer.log.next('ack')
    await dialog.destroy()
    await stage.settled()
  })

  it('acknowledges reliable provisional responses when the application does', async () => {
    const reliable = await stage.peer({ methods: knownMethods })
    const calling = srf.createUAC(reliable.uri, { localSdp: offer, headers: { Supported: '100rel' } })
    const invite = await reliable.log.next<InitialInvite>('invite')
    invite.respond(183, {
      headers: [
        ['Require', '100rel'],
        ['RSeq', '77'],
      ],
      body: answer,
    })
    const prack = await reliable.log.next<ServerRequest>('PRACK')
    assert.equal(prack.request.header('RAck'), `77 ${invite.request.header('CSeq') ?? ''}`)
    invite.respond(200)
    const dialog = await calling
    await dialog.destroy()
  })

  it('has the answer in the ACK when its INVITE has no offer', async () => {
    const calling = srf.createUAC(peer.uri, { noAck: true }) as unknown as Promise<{
      sdp: string
      ack: (sdp: string) => Promise<SrfDialog>
    }>
    const invite = await peer.log.next<InitialInvite>('invite')
    assert.equal(invite.request.body, '')
    invite.respond(200, { body: offer })
    const { sdp, ack } = await calling
    assert.equal(sdp, offer)
    const dialog = await ack(answer)
    assert.equal((await peer.log.next<Request>('ack')).body, answer)
    await dialog.destroy()
  })

  it('sends requests in the dialog, in order, to the remote target', async () => {
    const { dialog } = await answered()
    for (const method of ['INFO', 'REFER', 'NOTIFY', 'MESSAGE', 'OPTIONS', 'UPDATE']) {
      const headers = { 'X-Which': method }
      const response = await dialog.request({ method, headers })
      assert.equal(response.status, 200)
      const { request } = await peer.log.next<ServerRequest>(method)
      assert.equal(request.header('X-Which'), method)
      assert.equal(request.uri, peer.uri)
    }
    await dialog.destroy()
    await stage.settled()
  })

  it('is changed by a re-INVITE that the application acknowledges', async () => {
    const { dialog } = await answered()
    const changing = dialog.modify(offer.replace('4000', '4004'))
    const invite = await peer.log.next<ServerInvite>('reinvite')
    assert.match(invite.request.body, /4004/)
    invite.respond(200, { body: answer.replace('5000', '5002') })
    assert.match(await changing, /5002/)
    await peer.log.next('ack')
    await dialog.destroy()
  })

  it('gives the application 487 when a BYE crosses its re-INVITE', async () => {
    const { dialog, invite } = await answered()
    const changing = dialog.modify(offer.replace('4000', '4004'))
    await peer.log.next<ServerInvite>('reinvite')
    invite.dialog?.send('BYE', {}, ignoreResponses)
    await assert.rejects(changing, { status: 487 })
    await stage.settled()
  })

  it('gives the application a response to every request that its own BYE overtakes', async () => {
    const { dialog } = await answered()
    const changing = dialog.modify(offer.replace('4000', '4004'))
    await peer.log.next<ServerInvite>('reinvite')
    const destroyed = dialog.destroy()
    await assert.rejects(changing, { status: 487 })
    await destroyed
    await stage.settled()
  })

  it('gives ENODIALOG for a dialog that has ended', async () => {
    const { dialog, invite } = await answered()
    const over = once(dialog, 'destroy')
    invite.dialog?.send('BYE', {}, ignoreResponses)
    await over
    await assert.rejects(dialog.request({ method: 'INFO' }), { code: 'ENODIALOG' })
  })

  it('sends a challenged BYE again with credentials', async () => {
    const { dialog, invite } = await answered({ auth: { username: 'ann', password: 'secret' } })
    const byes: ServerRequest[] = []
    invite.dialogUser = {
      request: () => undefined,
      invite: () => undefined,
      bye: (bye) => {
        byes.push(bye)
        bye.respond(401, { headers: [['WWW-Authenticate', 'Digest realm="here", nonce="n1"']] })
      },
      ended: () => undefined,
    }
    await dialog.destroy()
    // The peer's dialog has ended with the first BYE; the test is about the engine's second one.
    await until('a second BYE', () => peer.messages.filter((one) => one === 'in BYE').length >= 2)
    assert.equal(byes.length, 1)
  })

  it('delivers the responses of every branch of a fork, and ends the second that accepts', async () => {
    const { createSocket } = await import('node:dgram')
    const fork = createSocket('udp4').bind(0, '127.0.0.1')
    await once(fork, 'listening')
    const { port } = fork.address()
    const got: string[] = []
    const seen = new Set<string>()
    fork.on('message', (data, from) => {
      const text = data.toString('latin1')
      // Some are retransmitted on a busy machine.
      if (seen.has(text)) return
      seen.add(text)
      got.push(text.slice(0, text.indexOf(' ')))
      const respond = (status: string, tag: string): void => {
        const to = /\r\nTo: ([^\r]*)/.exec(text)?.[1] ?? ''
        const copied = ['Via', 'From', 'Call-ID', 'CSeq'].map(
          (name) => `${name}: ${new RegExp(`\r\n${name}: ([^\r]*)`).exec(text)?.[1] ?? ''}`,
        )
        const full = to.includes('tag=') ? to : `${to};tag=${tag}`
        const lines = [
          `SIP/2.0 ${status}`,
          ...copied,
          `To: ${full}`,
          `Contact: <sip:${tag}@127.0.0.1:${port}>`,
          'Content-Length: 0',
          '',
          '',
        ]
        fork.send(lines.join('\r\n'), from.port, from.address)
      }
      if (text.startsWith('INVITE')) {
        respond('180 Ringing', 'one')
        respond('183 Session Progress', 'two')
        respond('200 OK', 'two')
        respond('200 OK', 'one')
      } else if (!text.startsWith('ACK')) respond('200 OK', '')
    })
    const heard: number[] = []
    const dialog = await srf.createUAC(
      `sip:x@127.0.0.1:${port}`,
      { localSdp: offer },
      { cbProvisional: ({ status }: { status: number }) => heard.push(status) },
    )
    assert.equal(dialog.sip.remoteTag, 'two')
    assert.deepEqual(heard, [180, 183])
    await until('both branches have their ACK', () => got.filter((method) => method === 'ACK').length >= 2)
    assert.equal(got.filter((method) => method === 'BYE').length, 1)
    await dialog.destroy()
    fork.close()
  })
})
