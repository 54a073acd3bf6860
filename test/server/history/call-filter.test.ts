import assert from 'node:assert/strict'
import fc from 'fast-check'
import {
  comparePlaces,
  cursorAt,
  matchesFilter,
  needsSummary,
  noValue,
  readCursor,
  summaryOf,
  type CallFilter,
} from '../../../server/history/index.ts'
import { endedCall, startOfDay } from './records.ts'

describe('the filter of calls', () => {
  const busy = summaryOf(endedCall(10))
  const matches: [string, CallFilter, boolean][] = [
    ['everything', {}, true],
    ['a part of the number, as people write it', { number: '+1 (415) 555-0000 10' }, true],
    ['the called number', { number: '5550100' }, true],
    ['another number', { number: '+44' }, false],
    ['a result of the call', { result: 'answered' }, true],
    ['a result of its transfer', { result: 'failed' }, true],
    ['a result of neither', { result: 'abandoned' }, false],
    ['a reason of the outcome with the result', { result: 'failed', reason: 'busy' }, true],
    ['a reason of another outcome', { result: 'answered', reason: 'busy' }, false],
    ['the handoff with its result', { handoff: 'front-desk', result: 'failed' }, true],
    ['another handoff', { handoff: 'duty-manager', result: 'answered' }, false],
    ['a method', { method: 'invite' }, true],
    ['another method', { method: 'refer' }, false],
    ['trunk, version and agent', { trunk: 'carrier', version: 2, agent: 'sip:agent@192.0.2.2' }, true],
    ['another version', { version: 9 }, false],
    ['live calls', { state: 'live' }, false],
    ['ended calls', { state: 'ended' }, true],
    ['one of some projects', { isShown: (project) => ['hotel', 'other'].includes(project) }, true],
    ['none of them', { isShown: (project) => project === 'other' }, false],
    ['also without rehearsals', { rehearsals: false }, true],
    ['from its beginning on', { from: startOfDay + 10_000 }, true],
    ['until its beginning', { to: startOfDay + 10_000 }, false],
  ]
  for (const [what, filter, expected] of matches) {
    it(`takes ${what}: ${expected ? 'found' : 'not found'}`, () => {
      assert.equal(matchesFilter(busy, filter), expected)
    })
  }

  it('leaves rehearsals out where that is asked for', () => {
    const rehearsal = summaryOf(endedCall(10, { rehearsal: true }))
    assert.ok(matchesFilter(rehearsal, {}))
    assert.ok(matchesFilter(rehearsal, { rehearsals: true }))
    assert.ok(!matchesFilter(rehearsal, { rehearsals: false }))
    assert.ok(needsSummary({ rehearsals: false }))
  })

  it('finds a call by each handoff that its transfer tried', () => {
    const [transfer] = endedCall(10).transfers
    assert.ok(transfer?.attempts[0])
    const attempts = [...transfer.attempts, { ...transfer.attempts[0], handoff: 'night-desk' }]
    const summary = summaryOf(endedCall(10, { transfers: [{ ...transfer, attempts }] }))
    assert.ok(matchesFilter(summary, { handoff: 'night-desk' }))
    assert.ok(matchesFilter(summary, { handoff: 'front-desk' }))
  })
})

describe('the filter of calls, for what is not there', () => {
  const call = endedCall(10)
  const [transfer] = call.transfers
  assert.ok(transfer)
  const without = summaryOf({
    ...call,
    agent: { uri: '', callId: '' },
    transfers: [{ ...omit(transfer, 'reason'), attempts: [] }],
  })

  for (const filter of [
    { agent: noValue },
    { method: noValue },
    { reason: noValue },
    { handoff: 'front-desk', result: 'failed', reason: noValue, method: noValue, agent: noValue },
  ] satisfies CallFilter[]) {
    it(`finds it by ${JSON.stringify(filter)}, and no call that has it`, () => {
      assert.ok(matchesFilter(without, filter))
      assert.ok(!matchesFilter(summaryOf(call), filter))
    })
  }

  it('takes no live call for one that ended without a reason', () => {
    const live = summaryOf({ ...omit(call, 'result', 'reason'), state: 'connected', transfers: [] })
    assert.ok(!matchesFilter(live, { reason: noValue }))
  })
})

function omit<Value extends object, Name extends keyof Value>(value: Value, ...names: Name[]): Omit<Value, Name> {
  return Object.fromEntries(Object.entries(value).filter(([name]) => !names.includes(name as Name))) as Omit<
    Value,
    Name
  >
}

describe('the order of calls', () => {
  const place = fc
    .tuple(fc.integer({ min: 0, max: 5 }), fc.stringMatching(/^[a-c]{1,2}$/))
    .map(([startedAt, id]) => ({ startedAt, id }))

  it('is total, and a cursor is a place in it', () => {
    fc.assert(
      fc.property(place, place, place, (a, b, c) => {
        assert.equal(Math.sign(comparePlaces(a, b)) + Math.sign(comparePlaces(b, a)), 0)
        if (comparePlaces(a, b) < 0 && comparePlaces(b, c) < 0) assert.ok(comparePlaces(a, c) < 0)
        assert.deepEqual(readCursor(cursorAt(a)), a)
      }),
    )
  })

  it('has no place for other texts', () => {
    for (const text of ['', 'x', '12', '12.', '.id', '-1.id']) assert.equal(readCursor(text), undefined)
  })
})
