import assert from 'node:assert/strict'
import type { AuditEntry } from '../../server/audit/index.ts'
import type { CallView, LadderView } from '../../server/legs/views.ts'
import { Baton } from '../harness/baton.ts'
import { needs } from '../harness/needs.ts'
import { freePort } from '../harness/ports.ts'
import { RawPhone } from '../harness/raw-call.ts'
import { stacks } from '../harness/stacks.ts'
import { until } from '../harness/until.ts'
import { RedisServer } from '../routes/redis-server.ts'

const dialled = '+14155550179'
const lost = '+14155550180'

for (const stack of stacks) {
  describe(`The API of one of two Batons (${stack.name})`, function () {
    this.timeout(60_000)
    needs('redis-server')
    let redis: RedisServer
    let owner: Baton
    let other: Baton
    let phones: RawPhone[]

    before(async () => {
      redis = await RedisServer.start()
      const env = { REDIS_URL: redis.url, ADMIN_TOKEN: 'one-token-for-both-batons' }
      const token = { ADMIN_TOKEN: env.ADMIN_TOKEN }
      // Only an address that stays has a lease, under which Redis has the calls.
      const at = stack.name === 'embedded' ? { SIP_LISTEN: `udp:127.0.0.1:${await freePort()}` } : {}
      owner = await Baton.start({ stack, env: { ...env, ...token, ...at, NODE_NAME: 'owner' } })
      other = await Baton.start({ stack, env: { ...env, ...token, NODE_NAME: 'other' } })
    })

    after(async () => {
      await owner.stop()
      await other.stop()
      await redis.stop()
    })

    afterEach(() => {
      for (const phone of phones) phone.close()
    })

    const ask = (baton: Baton, method: string, path: string, body?: unknown): Promise<Response> =>
      fetch(`${baton.http}${path}`, {
        method,
        headers: {
          ...{ authorization: 'Bearer one-token-for-both-batons', 'x-baton-actor': 'operator@site' },
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      })

    it('shows, hands over and ends a call of the other, and tells its events', async () => {
      phones = [await RawPhone.open(owner.sip()), await RawPhone.open(owner.sip()), await RawPhone.open(owner.sip())]
      const [caller, agent, desk] = phones as [RawPhone, RawPhone, RawPhone]
      const done = await ask(owner, 'PUT', '/v1/projects/shared', {
        project: 'shared',
        table: { handoffs: [{ name: 'desk', default: true, method: 'invite', route: desk.uri }] },
        environments: { sandbox: { numbers: [dialled], agents: [agent.uri] } },
      })
      assert.ok(done.ok, await done.text())
      await ask(owner, 'POST', '/v1/projects/shared/versions', { message: 'for a test' })
      await ask(owner, 'POST', '/v1/projects/shared/environments/sandbox/promote', {
        version: 1,
        message: 'for a test',
      })
      caller.call(dialled)
      await agent.answer(await agent.invited())
      await caller.answered()
      const { callId = '' } = await owner.events.of('call.answered', caller.callId)

      const shown = await until('the other one has found the owner', async () => {
        const answer = await ask(other, 'GET', `/v1/calls/${callId}`)

        return answer.status === 200 && answer
      })
      assert.equal(shown.headers.get('baton-owner'), owner.http)
      const view = (await shown.json()) as CallView
      assert.deepEqual([view.id, view.state, view.node], [callId, 'connected', 'owner'])
      const ladder = (await (await ask(other, 'GET', `/v1/calls/${callId}/ladder`)).json()) as LadderView
      assert.ok(ladder.messages.length > 0)
      assert.equal((await fetch(`${other.http}/v1/calls/${callId}`)).status, 401)
      assert.equal((await ask(other, 'GET', '/v1/calls/00000000-0000-4000-8000-000000000000')).status, 404)

      const reading = new AbortController()
      const events = await fetch(`${other.http}/v1/events?callId=${callId}`, {
        headers: { authorization: 'Bearer one-token-for-both-batons' },
        signal: reading.signal,
      })
      assert.match(events.headers.get('content-type') ?? '', /^text\/event-stream/)
      let told = ''
      const read = (async () => {
        for await (const chunk of events.body ?? []) told += Buffer.from(chunk as Uint8Array).toString()
      })().catch(() => undefined)

      const accepted = await ask(other, 'POST', `/v1/calls/${callId}/transfer`, { handoff: 'desk' })
      assert.equal(accepted.status, 202)
      await desk.answer(await desk.invited())
      caller.respond(await caller.next(/^INVITE /), '200 OK', { body: caller.session })
      await agent.released()
      await until('the transfer is told', () => told.includes('event: transfer.ended'))

      const ended = await ask(other, 'POST', `/v1/calls/${callId}/hangup`)
      assert.ok(ended.ok, await ended.text())
      await Promise.all([caller.takes('BYE'), desk.takes('BYE')])
      await until('the end is told', () => told.includes('event: call.ended'))
      reading.abort()
      await read
      const last = (await (await ask(other, 'GET', `/v1/calls/${callId}`)).json()) as CallView
      assert.deepEqual([last.state, last.transfers.at(-1)?.result], ['ended', 'succeeded'])

      // The history has each command once, as the Baton that has the call has carried it out.
      const commands = await until('the history has both', async () => {
        const { history } = (await (await ask(other, 'GET', '/v1/history')).json()) as { history: AuditEntry[] }
        const of = history.filter(({ request }) => request?.path.includes(callId))

        return of.length >= 2 && of
      })
      assert.deepEqual(
        commands.map(({ request, status, from, who }) => [request?.path.split('/').at(-1), status, from, who]).sort(),
        [
          ['hangup', ended.status, '127.0.0.1', 'operator@site'],
          ['transfer', 202, '127.0.0.1', 'operator@site'],
        ],
      )
      for (const baton of [owner, other]) {
        const { history } = (await (await ask(baton, 'GET', '/v1/history')).json()) as { history: AuditEntry[] }
        assert.equal(history.filter(({ request }) => request?.path.includes(callId)).length, 2)
      }
    })

    // On a drachtio server a call is no more without its Baton.
    if (stack.name !== 'embedded') return

    it('says which Baton has the call while that one does not answer', async () => {
      phones = [await RawPhone.open(owner.sip()), await RawPhone.open(owner.sip())]
      const [caller, agent] = phones as [RawPhone, RawPhone]
      const sandbox = { numbers: [lost], agents: [agent.uri] }
      const table = { handoffs: [{ name: 'desk', default: true, method: 'invite', route: agent.uri }] }
      await ask(owner, 'PUT', '/v1/projects/lost', { project: 'lost', table, environments: { sandbox } })
      await ask(owner, 'POST', '/v1/projects/lost/versions', { message: 'for a test' })
      await ask(owner, 'POST', '/v1/projects/lost/environments/sandbox/promote', { version: 1, message: 'for a test' })
      caller.call(lost)
      await agent.answer(await agent.invited())
      await caller.answered()
      const { callId = '' } = await owner.events.of('call.answered', caller.callId)
      await until('the other one has found the owner', async () => (await ask(other, 'GET', `/v1/calls/${callId}`)).ok)
      await owner.kill()
      const refused = await ask(other, 'POST', `/v1/calls/${callId}/hangup`)
      const { type, detail } = (await refused.json()) as { type: string; detail: string }
      assert.deepEqual([refused.status, type], [503, 'urn:baton:problem:owner-unreachable'])
      assert.ok(detail.startsWith(`${owner.http} has the call`), detail)
    })
  })
}
