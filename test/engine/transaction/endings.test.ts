import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { InviteClientTransaction } from '../../../engine/transaction/index.ts'
import { following, LayerOnATable, request, response } from './layer-on-a-table.ts'

const statuses = [100, 180, 183, 200, 202, 302, 404, 487, 503, 603]
const reliable = fc.boolean()
const happening = fc.oneof(
  fc.constantFrom(...statuses).map((status) => ({ kind: 'status' as const, status })),
  fc.nat(40_000).map((ms) => ({ kind: 'wait' as const, ms })),
  fc.constantFrom('cancel' as const, 'again' as const, 'ack' as const, 'failure' as const).map((kind) => ({ kind })),
)
const story = fc.array(happening, { maxLength: 25 })
const longest = 185_000 + 64_000 + 1

describe('whatever happens to a transaction', () => {
  it('an INVITE that we sent ends, tells of one final outcome, and leaves no timer', () => {
    fc.assert(
      fc.property(reliable, story, (isReliable, happenings) => {
        const table = new LayerOnATable({ reliable: isReliable })
        const invite = request('INVITE')
        const transaction: InviteClientTransaction = table.layer.invite(invite, table.flow, table.user)
        for (const what of happenings) {
          if (what.kind === 'status') table.receive(response(invite, what.status))
          else if (what.kind === 'wait') table.clock.advance(what.ms)
          else if (what.kind === 'cancel') transaction.cancel()
          else if (what.kind === 'failure') table.layer.flowFailed(table.flow)
        }
        table.clock.advance(longest)
        assert.deepEqual([table.layer.size, table.clock.size], [0, 0])
        const finals = table.told.filter((what) => !what.startsWith('1'))
        assert.ok(finals.length === 1 || (finals.length > 1 && finals.every((what) => what.startsWith('2'))))
      }),
    )
  })

  it('another request that we sent ends, tells of one final outcome, and leaves no timer', () => {
    fc.assert(
      fc.property(reliable, story, (isReliable, happenings) => {
        const table = new LayerOnATable({ reliable: isReliable })
        const info = request('INFO')
        table.layer.request(info, table.flow, table.user)
        for (const what of happenings) {
          if (what.kind === 'status') table.receive(response(info, what.status))
          else if (what.kind === 'wait') table.clock.advance(what.ms)
          else if (what.kind === 'failure') table.layer.flowFailed(table.flow)
        }
        table.clock.advance(longest)
        assert.deepEqual([table.layer.size, table.clock.size], [0, 0])
        assert.equal(table.told.filter((what) => !what.startsWith('1')).length, 1)
      }),
    )
  })

  for (const method of ['INVITE', 'INFO']) {
    it(`a received ${method} ends, sends one final response at most but for its repetitions, and leaves no timer`, () => {
      fc.assert(
        fc.property(reliable, story, (isReliable, happenings) => {
          const table = new LayerOnATable({ reliable: isReliable })
          const received = request(method)
          table.receive(received)
          const { transaction } = table.requests[0]!
          for (const what of happenings) {
            if (what.kind === 'status') transaction.respond(response(received, what.status))
            else if (what.kind === 'wait') table.clock.advance(what.ms)
            else if (what.kind === 'again') table.receive(received)
            else if (what.kind === 'ack') table.receive(following(received, 'ACK'))
            else if (what.kind === 'failure') table.layer.flowFailed(table.flow)
          }
          table.clock.advance(longest)
          // What came again after its end began, and went through, a transaction of its own.
          table.clock.advance(longest)
          assert.deepEqual([table.layer.size, table.clock.size], [0, 0])
          if (table.requests.length > 1) return
          const finals = new Set(table.sent.filter((what) => !what.startsWith('1')).map((what) => what[0]))
          assert.ok(finals.size <= 1)
        }),
      )
    })
  }
})
