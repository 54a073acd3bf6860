import assert from 'node:assert/strict'
import type { CallView } from '../../../server/legs/views.ts'
import { readPcap } from '../../harness/pcap.ts'
import { callView, FakeCall, startApi, type TestApi } from './baton.ts'

describe('the API for calls', () => {
  let baton: TestApi
  let call: FakeCall
  beforeEach(async () => {
    baton = await startApi()
    call = new FakeCall(callView())
    baton.calls.set('call-1', call)
  })
  afterEach(() => baton.close())

  const transfer = (payload: object, key?: string) =>
    baton.api.inject({
      method: 'POST',
      url: '/v1/calls/call-1/transfer',
      payload,
      headers: key === undefined ? {} : { 'idempotency-key': key },
    })

  it('lists calls by state, project and environment, up to a limit', async () => {
    baton.calls.set('call-2', new FakeCall(callView({ id: 'call-2', state: 'ended', environment: 'sandbox' })))
    baton.calls.set('call-3', new FakeCall(callView({ id: 'call-3', project: 'other' })))
    const ids = async (query: string) => {
      const { json } = await baton.api.inject(`/v1/calls${query}`)

      return json<{ calls: CallView[] }>().calls.map(({ id }) => id)
    }

    assert.deepEqual(await ids(''), ['call-1', 'call-2', 'call-3'])
    assert.deepEqual(await ids('?state=ended'), ['call-2'])
    assert.deepEqual(await ids('?project=other'), ['call-3'])
    assert.deepEqual(await ids('?environment=live&limit=1'), ['call-1'])
  })

  it('lists the other calls when one cannot be shown', async () => {
    const broken = new FakeCall(callView({ id: 'call-2' }))
    broken.view = () => {
      throw new Error('no view')
    }
    baton.calls.set('call-2', broken)
    baton.calls.set('call-3', new FakeCall(callView({ id: 'call-3' })))
    const response = await baton.api.inject('/v1/calls')

    assert.equal(response.statusCode, 200)
    assert.deepEqual(
      response.json<{ calls: CallView[] }>().calls.map(({ id }) => id),
      ['call-1', 'call-3'],
    )
  })

  it('refuses filters that it does not have', async () => {
    for (const query of ['?state=asleep', '?limit=0', '?limit=many', '?colour=red']) {
      assert.equal((await baton.api.inject(`/v1/calls${query}`)).statusCode, 400, query)
    }
  })

  it('shows a call, and 404 for one it does not know', async () => {
    assert.deepEqual((await baton.api.inject('/v1/calls/call-1')).json(), callView())
    for (const path of ['', '/ladder', '/pcap']) {
      assert.equal((await baton.api.inject(`/v1/calls/missing${path}`)).statusCode, 404)
    }
  })

  it('gives the ladder as JSON, and drawn for clients that accept text', async () => {
    const json = await baton.api.inject('/v1/calls/call-1/ladder')
    const text = await baton.api.inject({ url: '/v1/calls/call-1/ladder', headers: { accept: 'text/plain' } })

    assert.deepEqual(json.json(), call.ladder())
    assert.equal(text.headers['content-type'], 'text/plain; charset=utf-8')
    assert.match(text.body, /caller +Baton/)
    assert.match(text.body, /\|-+ INVITE -+>\|/)
  })

  it('gives the ladder as a capture file that has the id of the call in its name', async () => {
    const { headers, rawPayload } = await baton.api.inject('/v1/calls/call-1/pcap')

    assert.equal(headers['content-type'], 'application/vnd.tcpdump.pcap')
    assert.equal(headers['content-disposition'], 'attachment; filename="call-call-1.pcap"')
    assert.deepEqual(
      readPcap(rawPayload).map(({ payload }) => payload),
      call.ladder().messages.map(({ text }) => text),
    )
  })

  it('accepts a transfer with everything that was asked for', async () => {
    const payload = {
      handoff: 'front-desk',
      headers: { 'X-Ticket': '42' },
      variables: { tier: 'gold' },
      reason: 'asked',
    }
    const { statusCode, json } = await transfer(payload)

    assert.equal(statusCode, 202)
    assert.deepEqual(json(), { transferId: 'transfer-1', joined: false })
    assert.deepEqual(call.requests, [payload])
  })

  it('joins the transfer that runs to the same handoff, and refuses another with 409', async () => {
    await transfer({ handoff: 'front-desk' })
    const same = await transfer({ handoff: 'front-desk' })
    const other = await transfer({ handoff: 'duty-manager' })

    assert.deepEqual([same.statusCode, same.json()], [202, { transferId: 'transfer-1', joined: true }])
    assert.equal(other.statusCode, 409)
    assert.equal(other.headers['content-type'], 'application/problem+json')
    assert.equal(other.json<{ type: string }>().type, 'urn:baton:problem:transfer-running')
  })

  it('calls the running transfer off, and says 409 when there is none', async () => {
    await transfer({ handoff: 'front-desk' })
    const cancel = () => baton.api.inject({ method: 'POST', url: '/v1/calls/call-1/transfer/cancel' })
    const [first, again] = [await cancel(), await cancel()]

    assert.deepEqual([first.statusCode, first.json()], [202, { transferId: 'transfer-1' }])
    assert.equal(again.statusCode, 409)
    assert.equal(again.json<{ type: string }>().type, 'urn:baton:problem:no-transfer-running')
  })

  it('transfers once under one Idempotency-Key, however often it is sent', async () => {
    const first = await transfer({ handoff: 'front-desk', reason: 'asked' }, 'key-1')
    call.forget()
    const again = await transfer({ reason: 'asked', handoff: 'front-desk' }, 'key-1')
    const another = await transfer({ handoff: 'duty-manager' }, 'key-1')
    const next = await transfer({ handoff: 'front-desk', reason: 'asked' }, 'key-2')

    assert.deepEqual(again.json(), first.json())
    assert.equal(another.statusCode, 422)
    assert.deepEqual(next.json(), { transferId: 'transfer-2', joined: false })
    assert.equal(call.requests.length, 2)
  })

  it('lets a refused transfer be tried again under its Idempotency-Key', async () => {
    await transfer({ handoff: 'front-desk' })
    const refused = await transfer({ handoff: 'duty-manager' }, 'key')
    call.forget()
    const accepted = await transfer({ handoff: 'duty-manager' }, 'key')

    assert.deepEqual([refused.statusCode, accepted.statusCode], [409, 202])
  })

  it('names every mistake of a transfer request', async () => {
    const { statusCode, json } = await transfer({ headers: { 'X-A': 1 }, handof: 'front-desk' })
    const pointers = json<{ errors: { pointer: string }[] }>().errors.map(({ pointer }) => pointer)

    assert.equal(statusCode, 422)
    assert.deepEqual(pointers.sort(), ['/handof', '/handoff', '/headers/X-A'])
    assert.equal(call.requests.length, 0)
  })

  it('refuses headers that would break the message, or that the stack owns', async () => {
    const headers = { 'X-A': 'a\r\nVia: b', 'X-B': 'a\0', Contact: '<sip:x>', v: 'x', 'X/C': 'c', 'X-Good': 'Zoë' }
    const { statusCode, json } = await transfer({ handoff: 'front-desk', headers })
    const pointers = json<{ errors: { pointer: string }[] }>().errors.map(({ pointer }) => pointer)

    assert.equal(statusCode, 422)
    assert.deepEqual(pointers.sort(), [
      '/headers/Contact',
      '/headers/X-A',
      '/headers/X-B',
      '/headers/X~1C',
      '/headers/v',
    ])
    assert.equal(call.requests.length, 0)
  })

  it('refuses bodies that are no JSON, and other kinds of body', async () => {
    const url = '/v1/calls/call-1/transfer'
    const broken = await baton.api.inject({
      method: 'POST',
      url,
      payload: '{',
      headers: { 'content-type': 'application/json' },
    })
    const text = await baton.api.inject({
      method: 'POST',
      url,
      payload: '{}',
      headers: { 'content-type': 'text/plain' },
    })
    const proto = await baton.api.inject({
      method: 'POST',
      url,
      payload: '{"handoff":"a","__proto__":{}}',
      headers: { 'content-type': 'application/json' },
    })
    const large = await transfer({ handoff: 'a', reason: 'x'.repeat(300_000) })

    assert.deepEqual(
      [broken, text, proto, large].map(({ statusCode }) => statusCode),
      [400, 415, 400, 413],
    )
  })

  it('ends a call', async () => {
    const { statusCode, json } = await baton.api.inject({ method: 'POST', url: '/v1/calls/call-1/hangup' })

    assert.equal(statusCode, 202)
    assert.equal(json<{ id: string }>().id, 'call-1')
    assert.equal(call.hungUp, 1)
  })

  it('answers 500 without particulars when something breaks, and logs them', async () => {
    call.hangup = () => {
      throw new Error('secret particulars')
    }
    const { statusCode, body, headers } = await baton.api.inject({ method: 'POST', url: '/v1/calls/call-1/hangup' })

    assert.equal(statusCode, 500)
    assert.equal(headers['content-type'], 'application/problem+json')
    assert.doesNotMatch(body, /secret/)
    assert.match(JSON.stringify(baton.logged), /secret particulars/)
  })
})
