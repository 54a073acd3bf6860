import assert from 'node:assert/strict'
import { callView, demo, FakeCall, startApi, type TestApi } from './baton.ts'

const controls = ['\0', '\x01', '\x08', '\x0b', '\x0c', '\x1b', '\x1f', '\x7f']

describe('texts with control characters', () => {
  let baton: TestApi
  let call: FakeCall
  beforeEach(async () => {
    baton = await startApi()
    call = new FakeCall(callView())
    baton.calls.set('call-1', call)
    const headers = { 'content-type': 'application/yaml' }
    await baton.api.inject({ method: 'PUT', url: '/v1/projects/demo', payload: demo, headers })
    await baton.api.inject({ method: 'POST', url: '/v1/projects/demo/versions', payload: {} })
  })
  afterEach(() => baton.close())

  const project = '/v1/projects/demo'
  const live = `${project}/environments/live`
  const transfer = '/v1/calls/call-1/transfer'
  const fields: ['POST' | 'PATCH' | 'PUT', url: string, body: (text: string) => object, pointer: string][] = [
    ['POST', transfer, (text) => ({ handoff: text }), '/handoff'],
    ['POST', transfer, (text) => ({ handoff: 'a', reason: text }), '/reason'],
    ['POST', transfer, (text) => ({ handoff: 'a', variables: { v: text } }), '/variables/v'],
    ['POST', transfer, (text) => ({ handoff: 'a', variables: { [text]: 'v' } }), '/variables/'],
    ['POST', transfer, (text) => ({ handoff: 'a', headers: { 'X-A': text } }), '/headers/X-A'],
    ['POST', `${project}/versions`, (text) => ({ message: text }), '/message'],
    ['POST', `${live}/promote`, (text) => ({ version: 1, message: text }), '/message'],
    ['POST', `${live}/rollback`, (text) => ({ message: text }), '/message'],
    ['POST', `${project}/draft/handoffs`, (text) => ({ name: 'a', route: '+14155550100', description: text }), '/description'],
    ['PATCH', `${project}/draft/handoffs/front-desk`, (text) => ({ description: text }), '/description'],
    ['PATCH', `${project}/draft/handoffs/front-desk`, (text) => ({ labels: { [text]: 'x' } }), '/labels/'],
    ['PUT', `${live}/draft`, (text) => ({ variables: { region: text } }), '/variables/region'],
    ['POST', `${project}/explain`, (text) => ({ environment: 'live', reason: text }), '/reason'],
    ['POST', `${project}/explain`, (text) => ({ environment: 'live', call: { callerName: text } }), '/call/callerName'],
    ['POST', `${project}/rehearsals`, (text) => ({ environment: 'live', handoff: 'a', headers: { 'X-A': text } }), '/headers/X-A'],
  ] // prettier-ignore

  for (const [method, url, body, pointer] of fields) {
    it(`are refused with 422 that names ${pointer} of ${method} ${url}, and nothing is done`, async () => {
      const before = (await baton.api.inject(`${project}/history`)).body
      for (const control of controls) {
        const { statusCode, json } = await baton.api.inject({ method, url, payload: body(`red ${control}[31m`) })
        const { errors } = json<{ errors: { pointer: string; problem: string }[] }>()

        assert.equal(statusCode, 422, JSON.stringify(control))
        assert.equal(errors.length, 1)
        assert.ok(errors[0]?.pointer.startsWith(pointer), errors[0]?.pointer)
        assert.match(errors[0]?.problem ?? '', /^holds (NUL|the control character U\+00[0-9a-f]{2})$/)
      }
      assert.equal(call.requests.length, 0)
      assert.equal((await baton.api.inject(`${project}/history`)).body, before)
    })
  }

  it('may have several lines where no message has them, and any script', async () => {
    const message = 'two\r\nlines,\tZoë, 東京'
    const { statusCode } = await baton.api.inject({ method: 'POST', url: `${project}/versions`, payload: { message } })

    assert.equal(statusCode, 201)
  })

  it('are found in a YAML document, too, with their line', async () => {
    const headers = { 'content-type': 'application/yaml' }
    const payload = `description: "\\e[31mred"\n${demo}`
    const answer = await baton.api.inject({ method: 'PUT', url: project, payload, headers })
    const { errors } = answer.json<{ errors: { pointer: string; line: number }[] }>()

    assert.equal(answer.statusCode, 422)
    assert.deepEqual(
      errors.map(({ pointer, line }) => [pointer, line]),
      [['/description', 1]],
    )
  })
})
