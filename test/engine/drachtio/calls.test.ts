import assert from 'node:assert/strict'
import type { Dialog, Response } from '../../../engine/index.ts'
import { inviteUser } from '../user-agent/two-agents.ts'
import type { Req } from './srf.ts'
import { answer, offer, Stage } from './stage.ts'

describe('an application on the engine', () => {
  let stage: Stage

  beforeEach(async () => {
    stage = await Stage.set()
  })

  afterEach(() => stage.clear())

  it('answers a call with createUAS, and is told of its end', async () => {
    const peer = await stage.peer()
    let request: Req | undefined
    const ended = new Promise<string>((resolve) => {
      void stage.application((srf) =>
        srf.invite((req, res) => {
          request = req
          void srf.createUAS(req, res, { localSdp: answer }).then((dialog) => {
            dialog.on('destroy', (_: Req, reason: string) => resolve(reason))
          })
        }),
      )
    })
    await new Promise((resolve) => setTimeout(resolve, 50))
    peer.agent.invite({ uri: `sip:1000@${stage.host}`, body: offer }, inviteUser(peer.log))
    const { response, dialog } = await peer.log.next<{ response: Response; dialog: Dialog }>('accepted')
    assert.equal(response.body, answer)
    dialog.ack()
    dialog.send('BYE', {}, { response: () => peer.log.add('bye answered'), unanswered: () => undefined })
    assert.equal(await ended, 'normal release')
    assert.equal(request?.receivedOn, stage.host)
    await peer.log.next('bye answered')
    await stage.settled()
  })

  it('calls with createUAC and hangs up', async () => {
    const peer = await stage.peer()
    const srf = await stage.application()
    const calling = srf.createUAC(`${peer.uri}`, { localSdp: offer })
    const invite = await peer.log.next<import('../../../engine/index.ts').InitialInvite>('invite')
    invite.respond(180)
    invite.respond(200, { body: answer })
    const dialog = await calling
    assert.equal(dialog.remote.sdp, answer)
    await peer.log.next('ack')
    await dialog.destroy()
    await peer.log.next('ended')
    await stage.settled()
  })
})
