import assert from 'node:assert/strict'
import { explain, plan, type ExplainedMessage, type Table } from '../../routes/index.ts'
import { pinned } from './fixtures.ts'

type ExplainOptions = NonNullable<Parameters<typeof explain>[1]>
type HandoffRecord = Table['handoffs'][number]

const facts = { callId: 'c', callerId: '+14155550123' }
const planOf = (over: Partial<HandoffRecord>, { trunk }: ExplainOptions = {}) => {
  const table = { handoffs: [{ name: 'a', default: true, route: 'sip:a@b', ...over }] }

  return plan(pinned(table), { handoff: 'a' }, facts, { trunk })
}
const codes = (over: Partial<HandoffRecord>, options: ExplainOptions = {}): string[] =>
  explain(planOf(over, options), options).warnings.map(({ code }) => code)

describe('explain', () => {
  it('tells the bytes of the headers of each step, and the warnings of the plan before its own', () => {
    const table: Table = {
      handoffs: [
        { name: 'a', default: true, route: 'sip:100@b', headers: { 'X-A': 'é', 'X-B': '${x}' }, on_failure: ['c'] },
        { name: 'c', method: 'bye' },
      ],
    }
    const { headerBytes, warnings } = explain(plan(pinned(table), { handoff: 'a' }, facts))
    assert.deepEqual(headerBytes, [7, 0])
    assert.deepEqual(
      warnings.map(({ code }) => code),
      ['unknown_variable', 'short_number'],
    )
  })

  it('tells what would stop a step, once for all of its methods', () => {
    const problem = { code: 'number_format', detail: 'it cannot be written' } as const
    const problems = () => [
      { ...problem, method: 'refer' as const },
      { ...problem, method: 'invite' as const },
    ]
    assert.deepEqual(explain(planOf({}), { problems }).warnings, [{ ...problem, handoff: 'a' }])
  })

  it('tells that a trunk takes no REFER', () => {
    assert.deepEqual(codes({}, { trunk: { name: 't', refer: false } }), ['refer_off'])
    assert.deepEqual(codes({ method: 'invite' }, { trunk: { name: 't', refer: false } }), [])
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
    assert.deepEqual(codes({ encryption: 'required' }, { trunk }), ['srtp_required', 'no_tls'])
    assert.deepEqual(codes({ encryption: 'preferred' }, { trunk }), [])
    assert.deepEqual(codes({ transport: 'tls' }, { trunk: { name: 't' } }), [])
  })

  it('warns of messages that would be cut into fragments over UDP', () => {
    const sent = (transport: string, bytes: number): ExplainedMessage => {
      const text = `INVITE sip:a@b SIP/2.0\r\nVia: SIP/2.0/${transport} c\r\n`

      return { handoff: 'a', method: 'invite', to: 'destination', text, bytes }
    }
    const of = (transport: string, bytes: number) => codes({ method: 'invite' }, { messages: [sent(transport, bytes)] })
    assert.deepEqual(of('UDP', 1301), ['fragments'])
    assert.deepEqual(of('UDP', 1300), [])
    assert.deepEqual(of('TCP', 1301), [])
  })

  it('warns of headers that are too large for the profile', () => {
    assert.deepEqual(codes({ profile: 'twilio', headers: { 'X-A': 'a'.repeat(1100) } }), ['headers_too_large'])
  })

  it('keeps data that a tel: URI cannot hold on the REFER itself', () => {
    const { steps } = planOf({ route: '+14155550111', headers_in: 'refer_to', headers: { 'X-A': '1' } })
    assert.deepEqual([steps[0]?.headersIn, steps[0]?.referTo], ['request', '<tel:+14155550111>'])
  })
})
