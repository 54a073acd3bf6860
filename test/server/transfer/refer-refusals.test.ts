import assert from 'node:assert/strict'
import type { SipResponse } from '../../../server/sip/stack.ts'
import { meaningOf, refusedOutcome, secondsRemembered } from '../../../server/transfer/refer-refusals.ts'
import { TrunkMemory } from '../../../server/transfer/trunk-memory.ts'
import { FakeClock } from '../../engine/fake-clock.ts'

const refusal = (status: number, headers: Record<string, string> = {}, local = false): SipResponse => ({
  ...{ status, local, reason: '', callId: '', body: '' },
  header: (name) => headers[name],
  headers: (name) => [headers[name] ?? []].flat(),
  entries: (isWanted = () => true) => Object.entries(headers).filter(([name]) => isWanted(name)),
})

describe('A refusal of REFER', () => {
  it('says that the trunk takes no REFER, takes none now, or does not know the destination', () => {
    const by = (meaning: string) =>
      Array.from({ length: 400 }, (_, i) => 300 + i).filter((status) => meaningOf(refusal(status)) === meaning)
    assert.deepEqual(by('cannot'), [403, 405, 420, 481, 488, 489, 501, 603])
    assert.deepEqual(by('not_there'), [404, 410, 416, 484, 485, 486, 600, 604])
    assert.equal(by('not_now').length, 400 - 16)
    assert.equal(meaningOf(refusal(408, {}, true)), 'cannot')
  })

  it('leads to a bridge where the destination may still be reached, unless the handoff says otherwise', () => {
    assert.equal(refusedOutcome(refusal(405), 'invite').then, 'bridge')
    assert.equal(refusedOutcome(refusal(480), 'invite').then, 'bridge')
    assert.equal(refusedOutcome(refusal(404), 'invite').then, 'next')
    assert.equal(refusedOutcome(refusal(405), 'none').then, 'next')
  })

  it('is remembered for the trunk as long as its setting says, and 503 as long as it asks itself', () => {
    assert.equal(secondsRemembered(refusal(405), 3600), 3600)
    assert.equal(secondsRemembered(refusal(480), 3600), 0)
    assert.equal(secondsRemembered(refusal(503), 3600), 0)
    assert.equal(secondsRemembered(refusal(503, { 'Retry-After': '120;duration=60' }), 3600), 120)
    assert.equal(secondsRemembered(refusal(503, { 'Retry-After': '7200' }), 3600), 3600)
    assert.equal(secondsRemembered(refusal(503, { 'Retry-After': 'soon' }), 3600), 0)
  })

  it('is forgotten in time', () => {
    const clock = new FakeClock()
    const memory = new TrunkMemory(clock)
    memory.remember('carrier', 60, '405')
    assert.ok(memory.refusal('carrier'))
    assert.ok(!memory.refusal('another'))
    memory.remember('carrier', 0, '405')
    assert.ok(memory.refusal('carrier'), 'a refusal that says nothing new takes nothing back')
    clock.advance(60_001)
    assert.ok(!memory.refusal('carrier'))
  })
})
