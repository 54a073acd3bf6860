import assert from 'node:assert/strict'
import { Ladders, type Ladder } from '../../../server/calls/ladders.ts'
import type { MessageRecord } from '../../../server/sip/stack.ts'

interface Told {
  first: string
  callId: string
  cseq?: string
  from?: string
  to?: string
  out?: boolean
  padding?: number
}

function record({
  first,
  callId,
  cseq = '1',
  from = 'caller',
  to = '',
  out = false,
  padding = 0,
}: Told): MessageRecord {
  const status = /^SIP\/2\.0 (\d+) (\S+)/.exec(first)
  const method = status?.[2] ?? first.split(' ')[0] ?? ''
  const text = [
    first,
    'Via: SIP/2.0/UDP 127.0.0.1:5099;branch=z9hG4bK1',
    `From: <sip:a@127.0.0.1>;tag=${from}`,
    `To: <sip:b@127.0.0.1>${to && `;tag=${to}`}`,
    `Call-ID: ${callId}`,
    `CSeq: ${cseq} ${method}`,
    `Subject: ${'x'.repeat(padding)}`,
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n')

  return {
    ...{ at: 0, direction: out ? 'out' : 'in', transport: 'udp', local: '127.0.0.1:5060', remote: '127.0.0.1:5099' },
    ...{ callId, method, status: status ? Number(status[1]) : undefined, text },
  }
}

/** The message as a stack tells of it: with the tags that it has read. */
function tell(ladders: Ladders, told: Told): void {
  const { from = 'caller', to = '' } = told
  ladders.record(record(told), { fromTag: from, toTag: to === '' ? undefined : to })
}

const linesOf = (ladder: Ladder): string[] => ladder.view().messages.map(({ text }) => text.split('\r\n', 1)[0] ?? '')

const invite = { first: 'INVITE sip:b@x SIP/2.0', callId: 'one' }
const answer = { first: 'SIP/2.0 200 INVITE', callId: 'one', to: 'ours', out: true }

/** A caller's call as it comes: the INVITE is seen before there is a call. */
function called(ladders: Ladders, callId: string, padding = 0): Ladder {
  const ladder = ladders.create()
  tell(ladders, { ...invite, callId, padding })
  ladders.open(ladder, 'caller', callId)
  tell(ladders, { ...answer, callId, padding })

  return ladder
}

describe('Ladders', () => {
  const roomy = { perCall: 100_000, total: 1_000_000 }

  it('a message with the Call-ID of a call that is in none of its dialogs is not on its ladder', () => {
    const ladders = new Ladders(roomy)
    const ladder = called(ladders, 'one')
    const options = { first: 'OPTIONS sip:b@x SIP/2.0', callId: 'one' }
    tell(ladders, options)
    tell(ladders, { ...options, from: 'unknown' })
    tell(ladders, { first: 'SIP/2.0 200 OPTIONS', callId: 'one', to: 'another', out: true })
    tell(ladders, { ...invite, from: 'unknown' })
    tell(ladders, { first: 'SIP/2.0 403 INVITE', callId: 'one', from: 'unknown', to: 'another', out: true })
    tell(ladders, { ...options, to: 'ours' })
    tell(ladders, { first: 'BYE sip:a@x SIP/2.0', callId: 'one', from: 'ours', to: 'caller', out: true })
    assert.deepEqual(linesOf(ladder), [
      'INVITE sip:b@x SIP/2.0',
      'SIP/2.0 200 INVITE',
      'OPTIONS sip:b@x SIP/2.0',
      'BYE sip:a@x SIP/2.0',
    ])
    assert.equal(ladder.view().omitted, undefined)
  })

  it('an INVITE that is challenged, cancelled and refused is there with all that belongs to it', () => {
    const ladders = new Ladders(roomy)
    const ladder = ladders.create()
    tell(ladders, invite)
    tell(ladders, { first: 'SIP/2.0 401 INVITE', callId: 'one', to: 'first', out: true })
    tell(ladders, { first: 'ACK sip:b@x SIP/2.0', callId: 'one', to: 'first' })
    tell(ladders, { ...invite, cseq: '2' })
    ladders.open(ladder, 'caller', 'one')
    tell(ladders, { first: 'SIP/2.0 100 INVITE', callId: 'one', out: true })
    tell(ladders, { first: 'CANCEL sip:b@x SIP/2.0', callId: 'one' })
    tell(ladders, { first: 'SIP/2.0 200 CANCEL', callId: 'one', to: 'ours', out: true })
    tell(ladders, { first: 'SIP/2.0 487 INVITE', callId: 'one', to: 'ours', out: true })
    tell(ladders, { first: 'ACK sip:b@x SIP/2.0', callId: 'one', to: 'ours' })
    assert.equal(linesOf(ladder).length, 9)
  })

  it('a leg that we call has the messages with the tag of our INVITE', () => {
    const ladders = new Ladders(roomy)
    const ladder = ladders.create()
    ladders.open(ladder, 'agent', 'one')
    tell(ladders, { ...invite, from: 'ours', out: true })
    tell(ladders, { first: 'SIP/2.0 200 INVITE', callId: 'one', from: 'ours', to: 'agent' })
    tell(ladders, { first: 'REFER sip:b@x SIP/2.0', callId: 'one', from: 'agent', to: 'ours' })
    tell(ladders, { first: 'REFER sip:b@x SIP/2.0', callId: 'one', from: 'agent', to: 'theirs' })
    assert.equal(linesOf(ladder).length, 3)
  })

  it('a call that says too much keeps its beginning and its end, within its memory', () => {
    const perCall = 20_000
    const ladders = new Ladders({ ...roomy, perCall })
    const ladder = called(ladders, 'one')
    for (let cseq = 2; cseq < 50; cseq++) {
      tell(ladders, { first: `INFO sip:${cseq}@x SIP/2.0`, callId: 'one', cseq: `${cseq}`, to: 'ours', padding: 500 })
    }
    const lines = linesOf(ladder)
    assert.equal(lines[0], 'INVITE sip:b@x SIP/2.0')
    assert.equal(lines[2], 'INFO sip:2@x SIP/2.0')
    assert.equal(lines.at(-1), 'INFO sip:49@x SIP/2.0')
    assert.equal(lines.length + (ladder.view().omitted ?? 0), 50)
    assert.ok(ladders.memory.used <= perCall && ladders.memory.used > perCall / 2, String(ladders.memory.used))
    tell(ladders, { first: 'INFO sip:huge@x SIP/2.0', callId: 'one', to: 'ours', padding: perCall })
    assert.ok(!linesOf(ladder).includes('INFO sip:huge@x SIP/2.0'))
    assert.ok(ladders.memory.used <= perCall)
  })

  it('when all memory is taken, the ladder of the call that ended first gives way, and never that of a live call', () => {
    const ladders = new Ladders({ perCall: 100_000, total: 30_000 })
    const [first, second, live] = ['1', '2', '3'].map((callId) => called(ladders, callId, 4000)) as [
      Ladder,
      Ladder,
      Ladder,
    ]
    ladders.ended(first)
    ladders.ended(second)
    const later = called(ladders, '4', 4000)
    assert.deepEqual(
      [first, second, live, later].map((ladder) => linesOf(ladder).length),
      [0, 2, 2, 2],
    )
    assert.equal(first.view().omitted, 2)
    for (let count = 0; count < 20; count++) called(ladders, `more-${count}`, 4000)
    assert.equal(linesOf(live).length, 2)
    assert.equal(linesOf(second).length, 0)
    assert.ok(ladders.memory.used <= 30_000)
  })

  it('a ladder that is deflated, at any moment and however often, tells the same as one that is not', () => {
    const perCall = 20_000
    const infos = Array.from({ length: 60 }, (_, at) => ({
      callId: 'one',
      cseq: `${at + 2}`,
      to: 'ours',
      padding: at * 10,
    }))
    const told = (deflatedAfter: readonly number[]) => {
      const ladders = new Ladders({ ...roomy, perCall })
      const ladder = called(ladders, 'one')
      const deflated = infos.map((info, at) => {
        tell(ladders, { ...info, first: `INFO sip:\u0000é${at}@x SIP/2.0` })

        return deflatedAfter.includes(at) && ladder.deflate()
      })

      return { ladders, ladder, deflations: deflated.filter(Boolean).length }
    }
    const plain = told([])
    for (const deflatedAfter of [[1], [3, 4, 5, 12], [20, 40, 59], infos.map((_, at) => at)]) {
      const { ladders, ladder, deflations } = told(deflatedAfter)
      assert.deepEqual(ladder.view(), plain.ladder.view())
      assert.equal(ladders.memory.used, plain.ladders.memory.used)
      assert.ok(deflations > 0, 'deflated')
      ladders.forget(ladder, ['one'])
      assert.deepEqual(ladder.view(), { messages: [], omitted: infos.length + 2 })
      assert.equal(ladders.memory.used, 0)
    }
  })

  it('a ladder is not deflated anew for each message, nor for a few', () => {
    const ladders = new Ladders({ ...roomy, perCall: 500_000 })
    const ladder = called(ladders, 'one')
    assert.ok(!ladder.deflate(), 'two messages')
    const deflations = Array.from({ length: 200 }, (_, at) => {
      tell(ladders, { first: 'INFO sip:b@x SIP/2.0', callId: 'one', cseq: `${at + 2}`, to: 'ours' })

      return ladder.deflate()
    })
    assert.equal(deflations.filter(Boolean).length, 6)
    assert.equal(linesOf(ladder).length, 202)
  })

  it('nothing is left of a call that is not kept any more', () => {
    const ladders = new Ladders(roomy)
    const ladder = called(ladders, 'one')
    ladders.ended(ladder)
    ladders.forget(ladder, ['one'])
    tell(ladders, { ...answer })
    assert.equal(ladders.memory.used, 0)
  })
})
