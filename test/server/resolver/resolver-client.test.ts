import assert from 'node:assert/strict'
import fc from 'fast-check'
import { ResolverClient, type ResolverFailure } from '../../../server/resolver/index.ts'
import { readAnswer } from '../../../server/resolver/resolver-client.ts'
import { json, HttpEndpoint } from '../../harness/http-endpoint.ts'
import { until } from '../../harness/until.ts'
import { FakeClock } from '../../engine/fake-clock.ts'

const never = new AbortController().signal

describe('A resolver', () => {
  let endpoint: HttpEndpoint
  let clock: FakeClock
  const counted: string[] = []
  before(async () => {
    endpoint = await HttpEndpoint.start({
      hangs: () => undefined,
      empty: (response) => response.end(),
      ok: json({}),
    })
  })
  after(() => endpoint.close())
  beforeEach(() => {
    clock = new FakeClock()
    counted.length = 0
  })
  const client = () =>
    new ResolverClient({ clock, secrets: [], observed: (result, seconds) => counted.push(`${result} ${seconds}`) })
  const resultOf = (answer: object) => ('result' in answer ? (answer as ResolverFailure).result : 'answered')
  const ask = (by: ResolverClient, resolver: { url: string; secret?: string }, cancelled = never) =>
    by.ask(resolver, { type: 'transfer.resolve' }, (answer) => answer, cancelled)

  it('that hangs cannot pile up: further transfers do not wait for it, and those that wait do so for its time-out', async () => {
    const asked = client()
    const url = endpoint.url('hangs')
    const waiting = Array.from({ length: 32 }, () => ask(asked, { url }))
    assert.deepEqual(await ask(asked, { url }), {
      result: 'busy',
      detail: '32 requests to it are under way, and 32 in all',
    })
    await until('all are asked', () => endpoint.asked.length >= 32)
    clock.advance(1000)
    assert.deepEqual(
      (await Promise.all(waiting)).map((answer) => ('detail' in answer ? answer.detail : '')),
      Array.from({ length: 32 }, () => 'no answer within 1 s'),
    )
    assert.deepEqual(counted, ['busy 0', ...Array.from({ length: 32 }, () => 'timeout 1')])
    // There is room again.
    assert.equal(resultOf(await ask(asked, { url: endpoint.url('ok') })), 'answered')
  })

  it('is asked no longer when the transfer has ended', async () => {
    const over = new AbortController()
    const waiting = ask(client(), { url: endpoint.url('hangs') }, over.signal)
    over.abort()
    assert.equal(resultOf(await waiting), 'cancelled')
  })

  it('without the secret that its handoff names is not asked', async () => {
    const before = endpoint.asked.length
    assert.deepEqual(await ask(client(), { url: endpoint.url('ok'), secret: 'crm' }), {
      result: 'no_secret',
      detail: 'RESOLVER_SECRETS has no secret crm',
    })
    assert.equal(endpoint.asked.length, before)
  })

  it('that answers nothing decides nothing', async () => {
    assert.deepEqual(await ask(client(), { url: endpoint.url('empty') }), {})
  })

  it('whose answer is another JSON than it should be is told from a good one', () => {
    assert.deepEqual(readAnswer('{"route":"sip:a@b","headers":{"X-A":"1"},"announce":null,"other":1}'), {
      route: 'sip:a@b',
      headers: { 'X-A': '1' },
    })
    for (const [text, why] of [
      ['[]', 'it is no JSON object'],
      ['{"route":7}', 'its route is no text of at most 1000 characters'],
      [`{"announce":"${'x'.repeat(1001)}"}`, 'its announce is no text of at most 1000 characters'],
      ['{"headers":{"X-A":1}}', 'its headers are no names with texts, at most 100 of 4096 characters'],
    ]) {
      assert.deepEqual(readAnswer(text ?? ''), { result: 'invalid', detail: why })
    }
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
        const answer = readAnswer(text)
        assert.ok(
          'result' in answer || Object.keys(answer).every((key) => ['route', 'headers', 'announce'].includes(key)),
        )
      }),
    )
  })
})
