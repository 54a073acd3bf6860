import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { Dialog, InitialInvite, Response, ServerRequest } from '../../../engine/index.ts'
import { inviteUser, type Party } from '../user-agent/two-agents.ts'
import type { Req, Res, Srf, SrfDialog } from './srf.ts'
import { answer, ignoreResponses, offer, Stage } from './stage.ts'
import { until } from '../../harness/until.ts'

interface Accepted {
  response: Response
  dialog: Dialog
}

describe('a back-to-back call of an application', () => {
  let stage: Stage
  let caller: Party
  let callee: Party

  beforeEach(async () => {
    stage = await Stage.set()
    caller = await stage.peer()
    callee = await stage.peer()
  })

  afterEach(() => stage.clear())

  const call = () => caller.agent.invite({ uri: `sip:1000@${stage.host}`, body: offer }, inviteUser(caller.log))

  async function bridge(
    options: object = {},
    then: (legs: { uas: SrfDialog; uac: SrfDialog }, srf: Srf) => void = () => undefined,
  ): Promise<Srf> {
    return await stage.application((srf) =>
      srf.invite((req, res) => {
        srf.createB2BUA(req, res, callee.uri, { ...options }).then(
          (legs) => then(legs, srf),
          () => undefined,
        )
      }),
    )
  }

  it('rings, is answered, and each end hangs up the other', async () => {
    await bridge({ proxyRequestHeaders: ['X-Account'], proxyResponseHeaders: ['X-Agent'] }, ({ uas, uac }) => {
      uas.on('destroy', () => void uac.destroy())
      uac.on('destroy', () => void uas.destroy())
    })
    caller.agent.invite(
      { uri: `sip:1000@${stage.host}`, body: offer, headers: [['X-Account', '42']] },
      inviteUser(caller.log),
    )
    const invite = await callee.log.next<InitialInvite>('invite')
    assert.equal(invite.request.header('X-Account'), '42')
    assert.equal(invite.request.body, offer)
    invite.respond(180)
    await caller.log.next('180')
    invite.respond(200, { body: answer, headers: [['X-Agent', 'smith']] })
    const { response, dialog } = await caller.log.next<Accepted>('accepted')
    assert.equal(response.body, answer)
    assert.equal(response.header('X-Agent'), 'smith')
    dialog.ack()
    await callee.log.next('ack')
    dialog.send('BYE', {}, ignoreResponses)
    await callee.log.next('ended')
    await stage.settled()
  })

  it('forwards a refusal', async () => {
    await bridge()
    call()
    const invite = await callee.log.next<InitialInvite>('invite')
    invite.respond(486)
    assert.equal((await caller.log.next<Response>('refused')).status, 486)
    await stage.settled()
  })

  it('forwards a CANCEL', async () => {
    await bridge()
    const calling = call()
    const invite = await callee.log.next<InitialInvite>('invite')
    invite.respond(180)
    await caller.log.next('180')
    calling.cancel()
    await callee.log.next('cancelled')
    assert.equal((await caller.log.next<Response>('refused')).status, 487)
    await stage.settled()
  })

  it('takes a REFER of its callee, sends NOTIFY, and ends that dialog', async () => {
    const referred = new Promise<string>((resolve) => {
      void bridge({}, ({ uas, uac }) => {
        uac.on('refer', (req: Req, res: Res) => {
          res.send(202)
          resolve(req.get('Refer-To'))
          const headers = {
            Event: 'refer',
            'Subscription-State': 'terminated;reason=noresource',
            'Content-Type': 'message/sipfrag',
          }
          void uac.request({ method: 'NOTIFY', headers, body: 'SIP/2.0 200 OK\r\n' })
        })
        uac.on('destroy', () => void uas.destroy())
      })
    })
    await stage.ready()
    call()
    const invite = await callee.log.next<InitialInvite>('invite')
    invite.respond(200, { body: answer })
    ;(await caller.log.next<Accepted>('accepted')).dialog.ack()
    await callee.log.next('ack')
    const accepted = new Promise<Response>((response) => {
      invite.dialog?.send('REFER', { headers: [['r', '<sip:front-desk@here>']] }, { response, unanswered: response })
    })
    assert.equal((await accepted).status, 202)
    assert.equal(await referred, '<sip:front-desk@here>')
    const notify = await callee.log.next<ServerRequest>('NOTIFY')
    assert.equal(notify.request.body, 'SIP/2.0 200 OK\r\n')
    invite.dialog?.send('BYE', {}, ignoreResponses)
    await caller.log.next('ended')
    await stage.settled()
  })

  it('takes the answer of a caller without an offer in its ACK, and acknowledges the callee with it', async () => {
    await bridge()
    caller.agent.invite({ uri: `sip:1000@${stage.host}` }, inviteUser(caller.log))
    const invite = await callee.log.next<InitialInvite>('invite')
    assert.equal(invite.request.body, '')
    invite.respond(200, { body: offer })
    const { response, dialog } = await caller.log.next<Accepted>('accepted')
    assert.equal(response.body, offer)
    dialog.ack({ body: answer })
    const ack = await callee.log.next<{ body: string }>('ack')
    assert.equal(ack.body, answer)
    dialog.send('BYE', {}, ignoreResponses)
    invite.dialog?.send('BYE', {}, ignoreResponses)
  })
})

describe('an application whose connection is lost', () => {
  let stage: Stage
  let peer: Party

  beforeEach(async () => {
    stage = await Stage.set({ applicationLossGraceMs: 1000 })
    peer = await stage.peer()
  })

  afterEach(() => stage.clear())

  it('has its unanswered calls refused with 503', async () => {
    const srf = await stage.application((app) => app.invite((_, res) => res.send(180)))
    peer.agent.invite({ uri: `sip:1000@${stage.host}`, body: offer }, inviteUser(peer.log))
    await peer.log.next('180')
    srf.disconnect()
    assert.equal((await peer.log.next<Response>('refused')).status, 503)
    await stage.settled()
  })

  it('has its calls ended after the grace period; requests in them are refused meanwhile', async () => {
    const srf = await stage.application((app) =>
      app.invite((req, res) => void srf.createUAS(req, res, { localSdp: answer })),
    )
    peer.agent.invite({ uri: `sip:1000@${stage.host}`, body: offer }, inviteUser(peer.log))
    const { dialog } = await peer.log.next<Accepted>('accepted')
    dialog.ack()
    await stage.requests('ACK')
    srf.disconnect()
    await until('the application is disconnected', () => stage.server.applications === 0)
    const info = await new Promise<Response>((response) => dialog.send('INFO', {}, { response, unanswered: response }))
    assert.equal(info.status, 481)
    await peer.log.next('ended')
    await stage.settled()
  })

  it('has its own unanswered calls cancelled', async () => {
    const srf = await stage.application()
    srf.createUAC(peer.uri, { localSdp: offer }).catch(() => undefined)
    const invite = await peer.log.next<InitialInvite>('invite')
    invite.respond(180)
    const { transport } = stage.server.userAgent.stats
    await until('the 180 is there', () => transport.responsesIn.has('INVITE 180'))
    srf.disconnect()
    await peer.log.next('cancelled')
    await stage.settled()
  })

  it('connects again by itself and takes calls', async () => {
    const srf = await stage.application((app) => app.invite((_, res) => res.send(486)))
    const { client } = (srf as unknown as { _app: { client: { _getDefaultSocket(): { destroy(): void } } } })._app
    const socket = client._getDefaultSocket()
    const reconnecting = once(srf, 'reconnecting')
    const connected = once(srf, 'connect')
    socket.destroy()
    await reconnecting
    await connected
    await stage.heard(srf)
    peer.agent.invite({ uri: `sip:1000@${stage.host}`, body: offer }, inviteUser(peer.log))
    assert.equal((await peer.log.next<Response>('refused')).status, 486)
  })

  it('gets no new calls: they go to the other applications', async () => {
    const first = await stage.application((srf) => srf.invite((_, res) => res.send(480)))
    await stage.application((srf) => srf.invite((_, res) => res.send(486)))
    first.disconnect()
    await until('the first application is disconnected', () => stage.server.applications === 1)
    for (let i = 0; i < 3; i++) {
      peer.agent.invite({ uri: `sip:1000@${stage.host}`, body: offer }, inviteUser(peer.log))
      assert.equal((await peer.log.next<Response>('refused')).status, 486)
    }
  })
})
