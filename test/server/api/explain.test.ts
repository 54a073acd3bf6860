import assert from 'node:assert/strict'
import type { RehearsalRequest, RehearsalView } from '../../../server/api/index.ts'
import { demo, promoteDemo, startApi, yaml } from './baton.ts'

interface Explained {
  version: number
  matched: string
  handoff: string
  attempts: {
    handoff: string
    method: string
    headers: Record<string, string>
    messages: { method: string; text: string }[]
  }[]
}

describe('explain', () => {
  it('tells the plan and the headers that a transfer would have', async () => {
    const baton = await startApi()
    await promoteDemo(baton)
    const { statusCode, json } = await baton.api.inject({
      method: 'POST',
      url: '/v1/projects/demo/explain',
      payload: { environment: 'live', handoff: 'front-desk', call: { caller: '+14155550123', called: '+14155550100' } },
    })
    const { version, matched, attempts } = json<Explained>()
    await baton.close()

    assert.equal(statusCode, 200)
    assert.deepEqual([version, matched], [1, 'hit'])
    assert.deepEqual(
      attempts.map(({ handoff, method }) => [handoff, method]),
      [
        ['front-desk', 'refer'],
        ['duty-manager', 'invite'],
      ],
    )
    assert.deepEqual(attempts[0]?.headers, { 'X-Caller': '+14155550123', 'X-Account': 'acct-7', 'X-Env': 'live' })
  })

  it('takes the default handoff for a name that the table does not have', async () => {
    const baton = await startApi()
    await promoteDemo(baton)
    const { json } = await baton.api.inject({
      method: 'POST',
      url: '/v1/projects/demo/explain',
      payload: { environment: 'sandbox', handoff: 'nowhere' },
    })
    await baton.close()

    assert.deepEqual([json<Explained>().matched, json<Explained>().handoff], ['default', 'front-desk'])
  })

  it('shows the messages of each attempt: the REFER, and the INVITE that follows when it is refused', async () => {
    const baton = await startApi({
      wireOf: (step, method) => ({ method, text: `${method.toUpperCase()} ${step.target}`, bytes: 7 }),
    })
    await promoteDemo(baton)
    const { json } = await baton.api.inject({
      method: 'POST',
      url: '/v1/projects/demo/explain',
      payload: { environment: 'live', handoff: 'front-desk' },
    })
    await baton.close()

    assert.deepEqual(
      json<Explained>().attempts.map(({ messages }) => messages.map(({ text }) => text)),
      [
        ['REFER sip:front-desk@127.0.0.1:5092', 'INVITE sip:front-desk@127.0.0.1:5092'],
        ['INVITE sip:duty@127.0.0.1:5093'],
      ],
    )
  })

  it('warns of what the trunk cannot do', async () => {
    const baton = await startApi({
      wireOf: (_step, method) => ({ method, text: 'x'.repeat(1400), bytes: 1400 }),
      trunkOf: (name = 'carrier') => ({ name, gateways: ['sip:gw.example'] }),
    })
    await promoteDemo(baton)
    await baton.api.inject({
      method: 'PATCH',
      url: '/v1/projects/demo/draft/handoffs/front-desk',
      payload: { transport: 'tls' },
    })
    await baton.api.inject({ method: 'POST', url: '/v1/projects/demo/versions' })
    await baton.api.inject({
      method: 'POST',
      url: '/v1/projects/demo/environments/live/promote',
      payload: { version: 2 },
    })
    const payload = { environment: 'live', handoff: 'front-desk', call: { trunk: 'pbx' } }
    const { json } = await baton.api.inject({ method: 'POST', url: '/v1/projects/demo/explain', payload })
    await baton.close()

    const { warnings } = json<{ warnings: { code: string; detail: string }[] }>()
    assert.match(warnings.find(({ code }) => code === 'no_tls')?.detail ?? '', /trunk pbx has udp/)
    assert.ok(warnings.some(({ code }) => code === 'fragments'))
  })

  it('says which environment has no version, and which is not there', async () => {
    const baton = await startApi()
    await baton.api.inject({ method: 'PUT', url: '/v1/projects/demo', headers: yaml, payload: demo })
    const explain = async (project: string, environment: string) => {
      const url = `/v1/projects/${project}/explain`
      const answer = await baton.api.inject({ method: 'POST', url, payload: { environment, handoff: 'front-desk' } })

      return answer.statusCode
    }
    const statuses = [await explain('demo', 'live'), await explain('demo', 'moon'), await explain('none', 'live')]
    await baton.close()

    assert.deepEqual(statuses, [409, 404, 404])
  })
})

describe('rehearsals', () => {
  it('are placed with what was asked for, and answer with the verdict', async () => {
    const asked: RehearsalRequest[] = []
    const result: RehearsalView = {
      id: 'r1',
      project: 'demo',
      environment: 'sandbox',
      version: 1,
      handoff: 'front-desk',
      verdict: 'passed',
      cause: 'the destination answered',
      ladder: { messages: [] },
      headersReceived: { 'X-Env': 'sandbox' },
      timings: { answered: 0.2 },
    }
    const baton = await startApi({
      rehearse: (request) => {
        asked.push(request)

        return Promise.resolve(result)
      },
    })
    const payload = { environment: 'sandbox', handoff: 'front-desk' }
    const { statusCode, json } = await baton.api.inject({
      method: 'POST',
      url: '/v1/projects/demo/rehearsals',
      payload,
    })
    await baton.close()

    assert.equal(statusCode, 200)
    assert.deepEqual(json(), result)
    assert.deepEqual(asked, [{ project: 'demo', ...payload }])
  })

  it('are answered 501 where no Baton serves', async () => {
    const baton = await startApi()
    const payload = { environment: 'sandbox', handoff: 'front-desk' }
    const { statusCode } = await baton.api.inject({ method: 'POST', url: '/v1/projects/demo/rehearsals', payload })
    await baton.close()

    assert.equal(statusCode, 501)
  })
})
