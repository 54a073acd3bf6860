import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { createRequire } from 'node:module'
import { createServer as createTcpServer, type Server as TcpServer } from 'node:net'
import type { Dialog, InitialInvite, Response } from '../../../engine/index.ts'
import { inviteUser, type Party } from '../user-agent/two-agents.ts'
import type { Srf, SrfDialog } from './srf.ts'
import { answer, offer, secret, Stage } from './stage.ts'
import { until } from '../../harness/until.ts'

const SrfClass = createRequire(import.meta.url)('drachtio-srf') as new (tags?: string[]) => Srf

describe('a call whose application a web server chooses', () => {
  let stage: Stage
  let peer: Party
  let web: Server
  let asked: { url: URL; body: string; method: string }[]
  let decision: string
  let port: number

  beforeEach(async () => {
    asked = []
    web = createServer((request, response) => {
      let body = ''
      request.on('data', (chunk: Buffer) => (body += chunk.toString('latin1')))
      request.on('end', () => {
        asked.push({ url: new URL(request.url ?? '', 'http://x'), body, method: request.method ?? '' })
        response.end(decision)
      })
    }).listen(0, '127.0.0.1')
    await once(web, 'listening')
    const address = web.address()
    port = address && typeof address === 'object' ? address.port : 0
    await set({ httpMethod: 'GET' })
  })

  afterEach(async () => {
    await stage.clear()
    web.closeAllConnections()
    web.close()
  })

  async function set(handler: { httpMethod: 'GET' | 'POST'; url?: string }): Promise<void> {
    await (stage as Stage | undefined)?.clear()
    const url = handler.url ?? `http://127.0.0.1:${port}/route?mine=1`
    stage = await Stage.set({ requestHandlers: [{ sipMethod: 'INVITE', verifyPeer: false, ...handler, url }] })
    peer = await stage.peer()
  }

  const call = () => {
    const uri = `sip:1000@${stage.host};x-para=7`
    peer.agent.invite({ uri, from: '<sip:ann@here>', to: '<sip:bob@there>', body: offer }, inviteUser(peer.log))
  }
  const refusal = (): Promise<Response> => peer.log.next<Response>('refused')

  it('is rejected with the status of the decision; the query has the caller and the callee', async () => {
    decision = JSON.stringify({ action: 'reject', data: { status: 486, reason: 'Very Busy' } })
    call()
    const response = await refusal()
    assert.deepEqual([response.status, response.reason], [486, 'Very Busy'])
    const question = Object.fromEntries(asked[0]!.url.searchParams)
    assert.deepEqual(question, {
      mine: '1',
      method: 'INVITE',
      domain: '127.0.0.1',
      protocol: 'udp',
      source_address: '127.0.0.1',
      fromUser: 'ann',
      toUser: 'bob',
      uriUser: '1000',
      contentType: 'application/sdp',
      uri: `sip:1000@${stage.host};x-para=7`,
      'x-para': '7',
    })
  })

  it('is sent as a whole to a web server by POST', async () => {
    await set({ httpMethod: 'POST' })
    decision = JSON.stringify({ action: 'reject', data: { status: 603 } })
    call()
    assert.equal((await refusal()).status, 603)
    assert.match(asked[0]!.body, /^INVITE sip:1000@[\s\S]*\r\n\r\nv=0/)
  })

  it('is redirected', async () => {
    decision = JSON.stringify({ action: 'redirect', data: { contact: ['sip:a@b', 'sip:c@d'] } })
    call()
    const response = await refusal()
    assert.equal(response.status, 302)
    assert.deepEqual(response.headers('Contact'), ['<sip:a@b>', '<sip:c@d>'])
  })

  it('is proxied', async () => {
    const target = await stage.peer()
    decision = JSON.stringify({ action: 'proxy', data: { destination: target.uri } })
    call()
    ;(await target.log.next<InitialInvite>('invite')).respond(404)
    assert.equal((await refusal()).status, 404)
  })

  it('goes to a connected application by its tag, or gets 480', async () => {
    decision = JSON.stringify({ action: 'route', data: { tag: 'ivr' } })
    await stage.application((srf) => srf.invite((_, res) => res.send(404)))
    call()
    assert.equal((await refusal()).status, 480)
    await stage.application((srf) => srf.invite((_, res) => res.send(486)), { tags: ['ivr'] })
    call()
    assert.equal((await refusal()).status, 486)
  })

  for (const [what, text] of [
    ['nonsense', 'hello'],
    ['no action', '{}'],
    ['a status that is none', '{"action":"reject","data":{"status":42}}'],
  ] as const) {
    it(`gets 500 when the decision is ${what}`, async () => {
      decision = text
      call()
      assert.equal((await refusal()).status, 500)
    })
  }

  it('gets 500 without a web server, and 480 without the application', async () => {
    await set({ httpMethod: 'GET', url: 'http://127.0.0.1:9' })
    call()
    assert.equal((await refusal()).status, 500)
    await set({ httpMethod: 'GET', url: 'tcp://127.0.0.1:9' })
    call()
    assert.equal((await refusal()).status, 480)
  })

  it('goes to an application that the engine connects to, until its end', async () => {
    const server: TcpServer = createTcpServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port: applicationPort } = server.address() as { port: number }
    const srf = new SrfClass()
    const dialogs: SrfDialog[] = []
    let resolve: () => void = () => undefined
    const over = new Promise<void>((done) => (resolve = done))
    srf.on('error', () => undefined)
    srf.invite((req, res) => {
      void srf.createUAS(req, res, { localSdp: answer }).then((dialog) => {
        dialogs.push(dialog)
        dialog.on('destroy', () => {
          srf.endSession(req)
          resolve()
        })
      })
    })
    srf.listen({ server, secret })
    decision = JSON.stringify({ action: 'route', data: { uri: `127.0.0.1:${applicationPort}` } })
    call()
    const { dialog } = await peer.log.next<{ dialog: Dialog }>('accepted')
    dialog.ack()
    assert.ok(stage.server.applications > 0)
    dialog.send('BYE', {}, { response: () => undefined, unanswered: () => undefined })
    await over
    const { server: drachtio } = stage
    await until('the application is disconnected', () => drachtio.applications === 0)
    server.close()
    await stage.settled()
  })
})
