import assert from 'node:assert/strict'
import type { Dialog, InitialInvite, Request, Response, ServerInvite } from '../../../engine/index.ts'
import { FakeClock } from '../fake-clock.ts'
import { inviteUser, type Party } from '../user-agent/two-agents.ts'
import type { Req, SrfDialog } from './srf.ts'
import { answer, offer, Stage } from './stage.ts'
import { until } from '../../harness/until.ts'

interface Accepted {
  response: Response
  dialog: Dialog
}

const timerOf = (value: string) => ({ 'Session-Expires': value, Supported: 'timer' })

describe('a session that ends unless it is refreshed', () => {
  let clock: FakeClock
  let stage: Stage
  let peer: Party

  beforeEach(async () => {
    clock = new FakeClock()
    stage = await Stage.set({ sip: { listen: [{ transport: 'udp', address: '127.0.0.1', port: 0 }], clock } })
    peer = await stage.peer()
  })

  afterEach(() => stage.clear())

  /** A call of the peer that the application answers with these headers. */
  async function answered(agreed: string): Promise<{ dialog: SrfDialog; far: Dialog }> {
    let resolve: (dialog: SrfDialog) => void = () => undefined
    const taken = new Promise<SrfDialog>((done) => (resolve = done))
    await stage.application((srf) =>
      srf.invite((req, res) => {
        void srf.createUAS(req, res, { localSdp: answer, headers: timerOf(agreed) }).then(resolve)
      }),
    )
    peer.agent.invite({ uri: `sip:x@${stage.host}`, body: offer }, inviteUser(peer.log))
    const { dialog: far } = await peer.log.next<Accepted>('accepted')
    far.ack()
    const dialog = await taken
    await stage.requests('ACK')

    return { dialog, far }
  }

  /** Advances the clock, then in small steps until the peer gets a refresh. */
  async function refreshed(least: number): Promise<ServerInvite> {
    const seen = peer.log.names.length
    clock.advance(least)
    await clock.advanceUntil('a refresh', 10, () => peer.log.names.slice(seen).includes('reinvite'))

    return peer.log.next<ServerInvite>('reinvite')
  }

  it('is refreshed by the engine after half its interval, without the application', async () => {
    const { dialog } = await answered('180;refresher=uas')
    let troubled = false
    dialog.on('modify', () => (troubled = true))
    const refresh = await refreshed(84_999)
    assert.equal(refresh.request.body, answer)
    assert.equal(refresh.request.header('Session-Expires'), '180;refresher=uac')
    assert.equal(refresh.request.header('Min-SE'), '90')
    refresh.respond(200, { body: offer, headers: [['Session-Expires', '180;refresher=uac']] })
    await peer.log.next('ack')
    await refreshed(84_999)
    assert.equal(troubled, false)
  })

  it('goes on when its refresh is refused, and is refreshed again as the refusal says', async () => {
    await answered('180;refresher=uas')
    const refused = await refreshed(84_999)
    refused.respond(500, { headers: [['Retry-After', '4']] })
    await until('the engine has the 500', () => peer.messages.includes('in ACK'))
    const again = await refreshed(3_900)
    again.respond(200, { body: offer, headers: [['Session-Expires', '180;refresher=uac']] })
    await peer.log.next('ack')
    assert.ok(!peer.log.names.includes('ended'))
  })

  it('ends with its interval when its refreshes are refused, and the application gets the reason', async () => {
    const { dialog } = await answered('180;refresher=uas')
    let reason = ''
    dialog.on('destroy', (_: Req, why: string) => (reason = why))
    ;(await refreshed(84_999)).respond(488)
    const refuse = (): void => {
      for (const [what, invite] of peer.log.all) if (what === 'reinvite') (invite as ServerInvite).respond(488)
    }
    await clock.advanceUntil('the end of the session', 400, () => (refuse(), reason !== ''), 110_000)
    assert.equal(reason, 'Session timer expired')
    const { request } = await peer.log.next<{ request: Request }>('ended')
    assert.equal(request.header('Reason'), 'SIP ;cause=200 ;text="Session timer expired"')
  })

  it('ends when the peer does not refresh it', async () => {
    const { dialog } = await answered('90;refresher=uac')
    const ended = new Promise<string>((resolve) => dialog.on('destroy', (_: Req, reason: string) => resolve(reason)))
    clock.advance(90_001)
    assert.equal(await ended, 'Session timer expired')
    await peer.log.next('ended')
  })

  it('goes on when the peer refreshes it', async () => {
    const { far } = await answered('90;refresher=uac')
    clock.advance(80_000)
    const headers: [string, string][] = [['Session-Expires', '90;refresher=uac']]
    const accepted = await new Promise<Response>((response) => {
      far.send('INVITE', { body: offer, headers }, { response, unanswered: response })
    })
    assert.equal(accepted.header('Session-Expires'), '90;refresher=uac')
    far.ack()
    await stage.requests('ACK', 2)
    clock.advance(80_000)
    assert.ok(!peer.log.names.includes('ended'))
    clock.advance(11_000)
    await peer.log.next('ended')
  })

  it('that an application began is refreshed by the engine too', async () => {
    const srf = await stage.application()
    const calling = srf.createUAC(peer.uri, { localSdp: offer, headers: timerOf('120') })
    const invite = await peer.log.next<InitialInvite>('invite')
    invite.respond(200, { body: answer, headers: [['Session-Expires', '120;refresher=uac']] })
    await calling
    await peer.log.next('ack')
    const refresh = await refreshed(54_999)
    assert.equal(refresh.request.body, offer)
  })
})

describe('an application that is slow to respond', () => {
  it('may take 64 seconds for its first response, as at drachtio-server', async () => {
    const clock = new FakeClock()
    const listen = [{ transport: 'udp', address: '127.0.0.1', port: 0 }] as const
    const stage = await Stage.set({ sip: { listen, clock, timers: {} } })
    await stage.application((srf) => srf.invite(() => undefined))
    const peer = await stage.peer({ timers: { t1: 500, t2: 4000, t4: 5000, c: 180_000, trying: 0 } })
    peer.agent.invite({ uri: `sip:x@${stage.host}`, body: offer }, inviteUser(peer.log))
    await until('the caller has 100', () => peer.messages.includes('in 100 INVITE'))
    clock.advance(63_000)
    assert.deepEqual([...stage.server.userAgent.stats.transport.responsesOut.keys()], ['INVITE 100'])
    clock.advance(1_001)
    assert.equal((await peer.log.next<Response>('refused')).status, 408)
    await stage.clear()
  })
})
