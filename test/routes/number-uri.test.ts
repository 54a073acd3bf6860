import assert from 'node:assert/strict'
import fc from 'fast-check'
import {
  handoffProblems,
  inviteUris,
  normaliseNumber,
  type NumberFormat,
  type NumberTrunk,
} from '../../routes/index.ts'
import { numberOfRoute, referUris } from '../../routes/plan/target-uri.ts'
import { compileHandoff } from '../../routes/table/table.ts'
import { dialledNumber } from '../../routes/plan/dialled-number.ts'

const gateways = ['sip:gw.example:5070', 'sips:[2001:db8::1];transport=tcp', 'sip:10.0.0.9']
const trunk = { name: 'carrier', country: 'US', gateways }
const number = 'tel:+14155550111'

/** The first one, or why there is none. */
const referUri = (...given: Parameters<typeof referUris>) => {
  const uris = referUris(...given)

  return 'code' in uris ? uris : uris[0]
}

const codeOf = (uris: ReturnType<typeof inviteUris> | string) =>
  typeof uris === 'object' && 'code' in uris ? uris.code : undefined

describe('a number goes to every gateway of a trunk, in the format', () => {
  const cases: [format: NumberFormat, written: string][] = [
    ['as_written', '+14155550111'],
    ['e164', '+14155550111'],
    ['without_plus', '14155550111'],
    ['prefix_00', '0014155550111'],
    ['national', '4155550111'],
  ]
  for (const [format, written] of cases) {
    it(`${format}, be it of the trunk or of the handoff`, () => {
      const uris = [
        `sip:${written}@gw.example:5070;user=phone`,
        `sips:${written}@[2001:db8::1];transport=tcp;user=phone`,
        `sip:${written}@10.0.0.9;user=phone`,
      ]
      assert.deepEqual(inviteUris(number, { ...trunk, numberFormat: format }), uris)
      assert.deepEqual(inviteUris(number, { ...trunk, numberFormat: 'prefix_00' }, format), uris)
    })
  }

  it('and a SIP URI stands for itself', () => {
    assert.deepEqual(inviteUris('sip:+14155550111@pbx;user=phone', { ...trunk, numberFormat: 'national' }), [
      'sip:+14155550111@pbx;user=phone',
    ])
  })

  it('but a short code, which has no other form, as it is written', () => {
    const [first] = [inviteUris('tel:911;phone-context=+1', { ...trunk, numberFormat: 'e164' })].flat()
    assert.equal(first, 'sip:911@gw.example:5070;user=phone')
  })
})

describe('a Refer-To names a number', () => {
  const cases: [refer: NumberTrunk['referTo'], format: NumberFormat, uri: string][] = [
    ['as_written', 'as_written', 'tel:+1-415-555-0111'],
    ['as_written', 'e164', 'tel:+14155550111'],
    ['as_written', 'without_plus', 'tel:14155550111;phone-context=gw.example'],
    ['as_written', 'prefix_00', 'tel:0014155550111;phone-context=gw.example'],
    ['as_written', 'national', 'tel:4155550111;phone-context=+1'],
    ['sip_phone', 'as_written', 'sip:+14155550111@gw.example:5070;user=phone'],
    ['sip_phone', 'without_plus', 'sip:14155550111@gw.example:5070;user=phone'],
    ['sip_phone', 'national', 'sip:4155550111@gw.example:5070;user=phone'],
  ]
  for (const [referTo, format, uri] of cases) {
    it(`with refer_to: ${referTo} and number_format: ${format} as ${uri}`, () => {
      assert.equal(referUri('tel:+1-415-555-0111', { ...trunk, referTo, numberFormat: format }), uri)
      assert.equal(referUri('tel:+1-415-555-0111', { ...trunk, referTo }, format), uri)
    })
  }

  it('at each gateway in turn, where it names gateways', () => {
    assert.deepEqual(referUris(number, { ...trunk, referTo: 'sip_phone' }), inviteUris(number, trunk))
    assert.deepEqual(referUris(number, trunk), [number])
  })

  it('and a short code with the context that it has', () => {
    const uri = 'tel:100;phone-context=pbx.example'
    assert.equal(referUri(uri, { ...trunk, numberFormat: 'e164' }), uri)
  })

  it('and what is written nationally is read as the same number', () => {
    const numbers = fc.constantFrom('+14155550111', '+442079460018', '+4930123456', '+390612345678', '+5511987654321')
    fc.assert(
      fc.property(numbers, (e164) => {
        const written = referUri(`tel:${e164}`, { name: 't' }, 'national')
        assert.equal(typeof written === 'string' && normaliseNumber(written), e164)
      }),
    )
  })
})

describe('what a trunk cannot be sent is known before a call', () => {
  it('a number of another country, nationally', () => {
    const foreign = { ...trunk, numberFormat: 'national' } as const
    assert.equal(codeOf(inviteUris('tel:+442079460018', foreign)), 'number_format')
    assert.equal(codeOf(referUri('tel:+442079460018', foreign)), 'number_format')
    assert.deepEqual(codeOf(inviteUris('tel:+442079460018', foreign, 'prefix_00')), undefined)
  })

  it('a number without a gateway, but for a Refer-To that names none', () => {
    assert.equal(codeOf(inviteUris(number, { name: 'bare' })), 'no_gateway')
    assert.equal(codeOf(referUri(number, { name: 'bare', referTo: 'sip_phone' })), 'no_gateway')
    assert.equal(referUri(number, { name: 'bare' }), number)
  })

  const problems = (record: object, place: object = {}) =>
    handoffProblems(compileHandoff({ name: 'desk', route: '+14155550111', ...record }), {
      trunk: { name: 'bare' },
      trunkNamed: (name) => (name === 'carrier' ? trunk : undefined),
      ...place,
    }).map(({ code, method }) => `${method} ${code}`)

  it('handoff by handoff, for the trunk of the caller and for the one that the handoff names', () => {
    assert.deepEqual(problems({}), ['invite no_gateway'])
    assert.deepEqual(problems({ fallback: 'none' }), [])
    assert.deepEqual(problems({ trunk: 'carrier' }), [])
    assert.deepEqual(problems({ trunk: 'moon' }), ['invite unknown_trunk', 'invite no_gateway'])
    assert.deepEqual(problems({ method: 'bye', route: undefined }), [])
    assert.deepEqual(problems({ route: 'sip:a@b' }), [])
    assert.deepEqual(problems({ fallback: 'none' }, { trunk: { name: 'bare', refer: false } }), [
      'refer refer_not_supported',
    ])
    const national = { name: 'german', country: 'DE', numberFormat: 'national', gateways } as const
    assert.deepEqual(problems({}, { trunk: national }), ['refer number_format', 'invite number_format'])
    assert.deepEqual(problems({ trunk: 'carrier' }, { trunk: national }), ['refer number_format'])
  })

  it('a gateway that nothing of ours speaks to', () => {
    const tls = { trunk: { name: 'secure', gateways: ['sips:gw.example'] }, listens: ['udp', 'tcp'] }
    assert.deepEqual(problems({}, tls), ['invite no_listener'])
    assert.deepEqual(problems({}, { ...tls, listens: ['udp', 'tls'] }), [])
    assert.deepEqual(problems({ route: 'sip:a@b', transport: 'tls' }, tls), ['invite no_listener'])
    assert.deepEqual(problems({ route: 'sip:a@b;transport=tcp' }, tls), [])
  })
})

it('the number of a route is its E.164 one', () => {
  assert.deepEqual(
    ['+14155550111', 'tel:+1-415-555-0111', 'sip:+14155550111@pbx', 'tel:100;phone-context=pbx'].map(numberOfRoute),
    ['+14155550111', '+14155550111', undefined, undefined],
  )
})

describe('a premium-rate number', () => {
  const paid = { ...trunk, allowPremium: ['+1976'] }
  const denied = (uri: string, more: Partial<NumberTrunk> = {}) => {
    const codes = [inviteUris(uri, { ...paid, ...more }), referUris(uri, { ...paid, ...more })].map(codeOf)
    assert.equal(codes[0], codes[1], uri)

    return codes[0] === 'premium_denied'
  }

  it('is denied as the user of a SIP URI at a gateway’s host, however it is written', () => {
    for (const uri of [
      ...['tel:+19005550100', 'tel:9005550100', 'tel:900-555-0100;phone-context=+1', 'tel:0019005550100'],
      ...[
        'sip:+19005550100@gw.example',
        'sip:+19005550100@gw.example:5070;user=phone',
        'sips:+19005550100@GW.example.',
      ],
      ...['sip:9005550100@10.0.0.9', 'sip:01119005550100@10.0.0.9', 'sip:19005550100@10.0.0.9:5099;transport=tcp'],
      ...['sip:+1-900-555-0100@[2001:db8::1]', 'sip:%2B1%39005550100@gw.example', 'sip:+19005550100:secret@gw.example'],
      ...['sip:+19005550100;npdi@gw.example', 'sip:9005550100;phone-context=+1@gw.example'],
      ...['sip:+19005550100@elsewhere.example;maddr=10.0.0.9', 'sip:+19005550100@gw.example?X-A=1@b'],
    ]) {
      assert.equal(denied(uri), true, uri)
      assert.equal(denied(uri, { allowPremium: ['+1900'] }), false, uri)
    }
  })

  it('is the trunk’s to pay at its gateways alone, and other users are no numbers', () => {
    for (const uri of [
      ...['sip:+19005550100@pbx.example', 'sip:+19005550100@pbx.example;user=phone', 'sip:desk@gw.example'],
      ...['sip:900@gw.example', 'sip:+14155550111@gw.example', 'sip:gw.example', 'tel:+19765550100', 'tel:911'],
    ]) {
      assert.equal(denied(uri), false, uri)
    }
    assert.equal(denied('sip:+19005550100@gw.example', { gateways: [] }), false)
  })

  it('is found whatever separators and escapes its user part has', () => {
    const separators = fc.array(fc.constantFrom('', '-', '.', '(', ')'), { minLength: 10, maxLength: 10 })
    const escapes = fc.array(fc.boolean(), { minLength: 10, maxLength: 10 })
    fc.assert(
      fc.property(separators, escapes, fc.constantFrom('+1', '%2B1', '011-1', '001'), (marks, escaped, prefix) => {
        const digits = Array.from('9005550100', (digit, at) => (escaped[at] ? `%3${digit}` : digit) + (marks[at] ?? ''))
        const uri = `sip:${prefix}${digits.join('')}@gw.example`
        assert.equal(dialledNumber(uri), '+19005550100', uri)
        assert.equal(denied(uri), true, uri)
      }),
    )
  })
})
