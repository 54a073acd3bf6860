import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import type { Dialog, InitialInvite, Response, ServerRequest } from '../../../engine/index.ts'
import { inviteUser, type Party } from '../user-agent/two-agents.ts'
import type { ProxyResult } from './srf.ts'
import { answer, ignoreResponses, offer, Stage } from './stage.ts'

interface Accepted {
  response: Response
  dialog: Dialog
}

describe('a request that an application proxies', () => {
  let stage: Stage
  let caller: Party
  let first: Party
  let second: Party

  beforeEach(async () => {
    stage = await Stage.set()
    caller = await stage.peer()
    first = await stage.peer()
    second = await stage.peer()
  })

  afterEach(() => stage.clear())

  /** Calls through an application that proxies to these targets; resolves with the application's result. */
  async function proxied(targets: string[], options: object = {}, uri = `sip:1000@${stage.host}`) {
    let resolve: (result: ProxyResult) => void = () => undefined
    let reject: (error: unknown) => void = () => undefined
    const result = new Promise<ProxyResult>((done, failed) => ([resolve, reject] = [done, failed]))
    result.catch(() => undefined)
    await stage.application((srf) =>
      srf.invite((req) => {
        srf.proxyRequest(req, [...targets], options).then(resolve, reject)
      }),
    )
    const nextHop = `sip:${stage.host}`
    const invite = caller.agent.invite({ uri, nextHop, body: offer, maxForwards: 20 }, inviteUser(caller.log))

    return { result, invite }
  }

  it('reaches its target with one hop less, and the application gets the final response', async () => {
    const { result } = await proxied([first.uri])
    const invite = await first.log.next<InitialInvite>('invite')
    assert.equal(invite.request.maxForwards, 19)
    assert.equal(invite.request.uri, first.uri)
    assert.equal(invite.request.list('Via').length, 2)
    assert.equal(invite.request.header('Record-Route'), undefined)
    invite.respond(180)
    await caller.log.next('180')
    invite.respond(200, { body: answer })
    const { response, dialog } = await caller.log.next<Accepted>('accepted')
    assert.equal(response.list('Via').length, 1)
    assert.equal(response.body, answer)
    dialog.ack()
    await first.log.next('ack')
    const { connected, finalStatus, responses } = await result
    assert.deepEqual([connected, finalStatus, responses.length], [true, 200, 1])
    dialog.send('BYE', {}, ignoreResponses)
    await first.log.next('ended')
    await stage.settled()
  })

  it('keeps its Request-URI when that is of another domain', async () => {
    await proxied([first.uri], {}, 'sip:callee@elsewhere.example')
    const invite = await first.log.next<InitialInvite>('invite')
    assert.equal(invite.request.uri, 'sip:callee@elsewhere.example')
    invite.respond(404)
  })

  it('gets a Record-Route when the application asks: ACK, re-INVITE, INFO and BYE are proxied, too', async () => {
    await proxied([first.uri], { remainInDialog: true })
    const invite = await first.log.next<InitialInvite>('invite')
    assert.equal(invite.request.header('Record-Route'), `<sip:${stage.host};lr>`)
    invite.respond(200, { body: answer })
    const { dialog } = await caller.log.next<Accepted>('accepted')
    dialog.ack()
    await first.log.next('ack')
    const info = await new Promise<Response>((response) => dialog.send('INFO', {}, { response, unanswered: response }))
    assert.equal(info.status, 200)
    const { request } = await first.log.next<ServerRequest>('INFO')
    assert.equal(request.list('Via').length, 2)
    assert.equal(request.header('Route'), undefined)
    dialog.send('BYE', {}, ignoreResponses)
    await first.log.next('ended')
    await stage.settled()
  })

  it('goes to the next target when one refuses', async () => {
    const { result } = await proxied([first.uri, second.uri])
    ;(await first.log.next<InitialInvite>('invite')).respond(486)
    const invite = await second.log.next<InitialInvite>('invite')
    invite.respond(200, { body: answer })
    const { dialog } = await caller.log.next<Accepted>('accepted')
    dialog.ack()
    const { connected, responses } = await result
    assert.equal(connected, true)
    assert.deepEqual(
      responses.flatMap(({ msgs }) => msgs.map(({ status }) => status)),
      [486, 200],
    )
    dialog.send('BYE', {}, ignoreResponses)
  })

  it('goes to the next target when one does not respond in time', async () => {
    const silent = createSocket('udp4').bind(0, '127.0.0.1')
    await once(silent, 'listening')
    await proxied([`sip:x@127.0.0.1:${silent.address().port}`, second.uri], { provisionalTimeout: '30ms' })
    ;(await second.log.next<InitialInvite>('invite')).respond(486)
    assert.equal((await caller.log.next<Response>('refused')).status, 486)
    silent.close()
  })

  it('goes to all targets at once when the application asks, and the others are cancelled', async () => {
    const { result } = await proxied([first.uri, second.uri], { forking: 'simultaneous' })
    const [one, two] = await Promise.all([first, second].map(({ log }) => log.next<InitialInvite>('invite')))
    one!.respond(180)
    two!.respond(180)
    await caller.log.next('180')
    two!.respond(200, { body: answer })
    const { dialog } = await caller.log.next<Accepted>('accepted')
    dialog.ack()
    await first.log.next('cancelled')
    assert.equal((await result).connected, true)
    dialog.send('BYE', {}, ignoreResponses)
    await stage.settled()
  })

  it('gets the best of the refusals', async () => {
    const { result } = await proxied([first.uri, second.uri], { forking: 'simultaneous' })
    ;(await first.log.next<InitialInvite>('invite')).respond(503)
    ;(await second.log.next<InitialInvite>('invite')).respond(404)
    assert.equal((await caller.log.next<Response>('refused')).status, 404)
    assert.equal((await result).connected, false)
    await stage.settled()
  })

  it('ends with a 6xx, whatever targets are left', async () => {
    await proxied([first.uri, second.uri])
    ;(await first.log.next<InitialInvite>('invite')).respond(603)
    assert.equal((await caller.log.next<Response>('refused')).status, 603)
    assert.ok(!second.messages.includes('in INVITE'))
  })

  it('follows a redirection when the application asks', async () => {
    await proxied([first.uri], { followRedirects: true })
    const invite = await first.log.next<InitialInvite>('invite')
    invite.respond(302, { headers: [['Contact', `<${second.uri}>`]] })
    ;(await second.log.next<InitialInvite>('invite')).respond(404)
    assert.equal((await caller.log.next<Response>('refused')).status, 404)
  })

  it('follows a redirection when all targets are tried at once, too', async () => {
    await proxied([first.uri], { followRedirects: true, forking: 'simultaneous' })
    const invite = await first.log.next<InitialInvite>('invite')
    invite.respond(302, { headers: [['Contact', `<${second.uri}>`]] })
    ;(await second.log.next<InitialInvite>('invite')).respond(404)
    assert.equal((await caller.log.next<Response>('refused')).status, 404)
  })

  it('is cancelled at its target when the caller cancels', async () => {
    const { invite } = await proxied([first.uri])
    ;(await first.log.next<InitialInvite>('invite')).respond(180)
    await caller.log.next('180')
    invite.cancel()
    await first.log.next('cancelled')
    assert.equal((await caller.log.next<Response>('refused')).status, 487)
    await stage.settled()
  })

  it('that cannot be forwarded gets 500, and the application an error', async () => {
    const { result } = await proxied(['sip:x@127.0.0.1:9;transport=tcp'])
    assert.equal((await caller.log.next<Response>('refused')).status, 500)
    await assert.rejects(result, (error) => String(error).startsWith('error proxying request to'))
  })

  it('gets 483 without hops left, and is not delivered', async () => {
    await stage.application((srf) => srf.invite((req) => void srf.proxyRequest(req, first.uri)))
    caller.agent.invite({ uri: `sip:1000@${stage.host}`, body: offer, maxForwards: 0 }, inviteUser(caller.log))
    assert.equal((await caller.log.next<Response>('refused')).status, 483)
  })

  it('is delivered without hops left when it is OPTIONS, and is not proxied (RFC 3261 11.2, 16.3)', async () => {
    let refused: Promise<unknown> = Promise.resolve()
    await stage.application((srf) =>
      srf.options((req) => {
        refused = srf.proxyRequest(req, first.uri).then(String, String)
      }),
    )
    const status = new Promise<number>((resolve) => {
      const user = { response: (response: Response) => resolve(response.status), unanswered: () => resolve(0) }
      caller.agent.request('OPTIONS', { uri: `sip:1000@${stage.host}`, maxForwards: 0 }, user)
    })
    assert.equal(await status, 483)
    assert.match(String(await refused), /Too Many Hops/)
  })
})
