import assert from 'node:assert/strict'
import { createRequest, createResponse, type Flow } from '../../../engine/index.ts'
import { Registrations } from '../../../engine/drachtio/registrations.ts'
import { FakeClock } from '../fake-clock.ts'

const maxEndpoints = 100_000

function setUp() {
  const clock = new FakeClock()
  const registrations = new Registrations(clock)
  const register = (user: string, flow: Flow, expires = 3600) => {
    const request = createRequest({
      ...{ method: 'REGISTER', uri: 'sip:example.com', callId: 'c', cseq: 1 },
      ...{ from: '<sip:a@example.com>;tag=1', to: '<sip:a@example.com>' },
    })
    request.add('Contact', `<sip:${user}@192.0.2.1>`)
    request.add('Expires', String(expires))
    registrations.note(request, createResponse(request, 200, undefined, 't'), flow)
  }

  return { clock, registrations, register, flowTo: (user: string) => registrations.flowTo(`sip:${user}@192.0.2.1`) }
}

const connection = (): Flow => ({ reliable: true, open: true }) as Flow

describe('endpoints that have registered over connections', () => {
  it('are bounded in number: the oldest registration is dropped, a refreshed one is kept', () => {
    const { registrations, register, flowTo } = setUp()
    const flow = connection()
    register('phone', flow)
    register('other', flow)
    for (let i = 0; i < maxEndpoints - 2; i++) register(`other-${i}`, flow)
    assert.equal(registrations.size, maxEndpoints)

    // One phone refreshes its registration, another one registers for the first time.
    register('phone', flow)
    register('newest', flow)

    assert.equal(registrations.size, maxEndpoints)
    assert.equal(flowTo('newest'), flow)
    assert.equal(flowTo('phone'), flow)
    assert.equal(flowTo('other'), undefined)
    assert.equal(flowTo('other-0'), flow)
  })

  it('are dropped when they unregister, expire, or their connection has closed', () => {
    const { clock, registrations, register, flowTo } = setUp()
    const flow = connection()
    register('leaves', flow)
    register('leaves', flow, 0)
    register('expires', flow, 60)
    register('closed', { ...flow, open: false })
    clock.advance(60_000)

    for (const user of ['leaves', 'expires', 'closed']) assert.equal(flowTo(user), undefined, user)
    assert.equal(registrations.size, 0)
  })
})
