import assert from 'node:assert/strict'
import { explain, type ExplainOptions, type Table } from '../../routes/index.ts'
import { pinned } from './fixtures.ts'

type HandoffRecord = Table['handoffs'][number]

const facts = { callId: 'c', callerId: '+14155550123' }
const one = (over: Partial<HandoffRecord>, options: ExplainOptions = {}) =>
  explain(
    pinned({ handoffs: [{ name: 'a', default: true, route: 'sip:a@b', ...over }] }),
    { handoff: 'a' },
    facts,
    options,
  )
const codes = (over: Partial<HandoffRecord>, options: ExplainOptions = {}): string[] =>
  one(over, options).warnings.map(({ code }) => code)

describe('explain', () => {
  it('gives the rule, the plan and the very bytes of each message', () => {
    const table: Table = {
      handoffs: [
        { name: 'a', default: true, route: 'sip:a@b', headers: { 'X-A': 'é' }, on_failure: ['c'] },
        { name: 'c', method: 'bye', fallback: 'none' },
      ],
      rules: [{ name: 'all', handoff: 'a' }],
    }
    const explained = explain(pinned(table), {}, facts, {
      wire: (step, method) => `${method.toUpperCase()} ${step.target}`,
    })
    assert.deepEqual([explained.rule, explained.matched, explained.handoff], ['all', 'hit', 'a'])
    assert.deepEqual(explained.messages, [
      { handoff: 'a', method: 'refer', text: 'REFER sip:a@b', bytes: 13 },
      { handoff: 'a', method: 'invite', text: 'INVITE sip:a@b', bytes: 14 },
      { handoff: 'c', method: 'bye', text: 'BYE ', bytes: 4 },
    ])
    assert.deepEqual(explained.headerBytes, [7, 0])
    assert.deepEqual(explained.warnings, [])
  })

  it('warns of numbers', () => {
    assert.deepEqual(codes({ route: '+19005550100' }), ['premium_number'])
    assert.deepEqual(codes({ route: '+1415555' }), ['impossible_number'])
    assert.deepEqual(codes({ route: 'sip:100@pbx' }), ['short_number'])
    assert.deepEqual(codes({ route: 'tel:911;phone-context=+1', method: 'invite' }), ['short_number'])
    assert.deepEqual(codes({ route: 'sip:4155550111@pbx' }), ['not_e164'])
    assert.deepEqual(codes({ route: '+14155550111' }), [])
    assert.deepEqual(codes({ route: 'sip:front-desk@pbx' }), [])
  })

  it('warns of URIs that need angle brackets', () => {
    assert.deepEqual(codes({ route: 'sip:a@b;transport=tcp' }), ['angle_brackets'])
    assert.deepEqual(codes({ route: 'sip:a@b?X-A=1' }), ['angle_brackets'])
    assert.deepEqual(codes({ route: 'sip:a@b;transport=tcp', method: 'invite' }), [])
  })

  it('warns of TLS that the trunk does not have', () => {
    const trunk = { name: 't', gateways: ['sip:g', 'sip:h;transport=tcp'] } as const
    assert.deepEqual(codes({ transport: 'tls' }, { trunk }), ['no_tls'])
    assert.deepEqual(codes({ route: 'sips:a@b' }, { trunk }), ['no_tls'])
    assert.deepEqual(codes({ encryption: 'required' }, { trunk }), ['no_tls'])
    assert.deepEqual(codes({ encryption: 'preferred' }, { trunk }), [])
    assert.deepEqual(codes({ transport: 'tls' }, { trunk: { name: 't' } }), [])
  })

  it('warns of messages that would be cut into fragments over UDP', () => {
    const wire = (): string => 'x'.repeat(1301)
    assert.deepEqual(codes({ method: 'invite' }, { wire }), ['fragments'])
    assert.deepEqual(codes({ method: 'invite', transport: 'tcp' }, { wire }), [])
    assert.deepEqual(codes({ method: 'invite', route: 'sip:a@b;transport=tls' }, { wire }), [])
    assert.deepEqual(codes({ method: 'invite' }, { wire: () => 'x'.repeat(1300) }), [])
  })

  it('warns of headers that are too large for the profile', () => {
    assert.deepEqual(codes({ profile: 'twilio', headers: { 'X-A': 'a'.repeat(1100) } }), ['headers_too_large'])
  })

  it('keeps data that a tel: URI cannot hold on the REFER itself', () => {
    const { steps } = one({ route: '+14155550111', headers_in: 'refer_to', headers: { 'X-A': '1' } })
    assert.deepEqual([steps[0]?.headersIn, steps[0]?.referTo], ['request', '<tel:+14155550111>'])
  })
})
