import assert from 'node:assert/strict'
import { formatNumber, normaliseNumber, numberKind, type NumberContext } from '../../routes/index.ts'

describe('a number is compared as E.164', () => {
  const cases: [written: string, context: NumberContext, e164: string | undefined][] = [
    ['+14155550100', {}, '+14155550100'],
    ['sip:+14155550100@host;user=phone', {}, '+14155550100'],
    ['sips:+14155550100@host', {}, '+14155550100'],
    ['sip:+14155550100;isub=1@host', {}, '+14155550100'],
    ['sip:%2B14155550100@host', {}, '+14155550100'],
    ['"Ann" <sip:+14155550100@host>;tag=1', {}, '+14155550100'],
    ['tel:+1-415-555-0100', {}, '+14155550100'],
    ['tel:+1(415)555.0100;ext=5', {}, '+14155550100'],
    ['+44 20 7946 0018', {}, '+442079460018'],
    ['004420 7946 0018', {}, '+442079460018'],
    ['01144 20 7946 0018', { country: 'US' }, '+442079460018'],
    ['4155550100', { country: 'US' }, '+14155550100'],
    ['(415) 555-0100', { country: 'us' }, '+14155550100'],
    ['14155550100', { country: 'US' }, '+14155550100'],
    ['020 7946 0018', { country: 'GB' }, '+442079460018'],
    ['14155550100', { format: 'without_plus' }, '+14155550100'],
    ['442079460018', { format: 'without_plus' }, '+442079460018'],
    // What must never become a +number.
    ['14155550100', {}, undefined],
    ['4155550100', {}, undefined],
    ['100', { country: 'US' }, undefined],
    ['911', { country: 'US' }, undefined],
    ['112', { country: 'DE', format: 'without_plus' }, undefined],
    ['4711', { country: 'DE' }, undefined],
    ['123456', { country: 'DE', format: 'without_plus' }, undefined],
    ['5550100', { country: 'US' }, undefined],
    ['*72', { country: 'US' }, undefined],
    ['tel:5550100;phone-context=+1415', { country: 'DE' }, '+14155550100'],
    ['tel:4155550100;phone-context=+1', {}, '+14155550100'],
    ['4155550100;phone-context=+1', {}, '+14155550100'],
    ['tel:14155550100;phone-context=+1', {}, '+14155550100'],
    ['tel:5550100;phone-context=pbx.example', { country: 'US' }, undefined],
    ['tel:911;phone-context=+1', { country: 'US' }, undefined],
    ['01114155550100', { country: 'US' }, '+14155550100'],
    ['01114155550100', {}, undefined],
    ['sip:4711@pbx', { country: 'DE' }, undefined],
    ['sip:front-desk@host', { country: 'US' }, undefined],
    ['sip:host', {}, undefined],
    ['+1234567890123456', {}, undefined],
    ['+0123456789', {}, undefined],
    ['anonymous', { country: 'US' }, undefined],
    ['sip:%zz@host', {}, undefined],
    ['', {}, undefined],
  ]
  for (const [written, context, e164] of cases) {
    it(`${written || 'nothing'} (${JSON.stringify(context)}) is ${e164 ?? 'none'}`, () => {
      assert.equal(normaliseNumber(written, context), e164)
    })
  }
})

describe('a number is written as the trunk wants it', () => {
  it('with plus, without, with 00, nationally or as it is', () => {
    assert.equal(formatNumber('+14155550100', 'e164'), '+14155550100')
    assert.equal(formatNumber('+14155550100', 'as_written'), '+14155550100')
    assert.equal(formatNumber('+14155550100', 'without_plus'), '14155550100')
    assert.equal(formatNumber('+14155550100', 'prefix_00'), '0014155550100')
    assert.equal(formatNumber('+14155550100', 'national', 'US'), '4155550100')
    assert.equal(formatNumber('+442079460018', 'national', 'GB'), '02079460018')
    assert.equal(formatNumber('+14165550100', 'national', 'US'), '4165550100')
    assert.equal(formatNumber('+14155550100', 'national'), '4155550100')
  })

  it('but for one of another country than the trunk, which has no national form there', () => {
    assert.equal(formatNumber('+442079460018', 'national', 'US'), undefined)
    assert.equal(formatNumber('+14155550100', 'national', 'XX'), undefined)
  })

  it('and an extension stays an extension', () => {
    for (const format of ['e164', 'without_plus', 'prefix_00', 'national'] as const) {
      assert.equal(formatNumber('100', format, 'US'), '100')
    }
  })
})

it('premium, impossible and unassigned numbers are told apart', () => {
  assert.equal(numberKind('+14155550100'), 'ordinary')
  assert.equal(numberKind('+19005550100'), 'premium')
  assert.equal(numberKind('+1415555'), 'impossible')
})
