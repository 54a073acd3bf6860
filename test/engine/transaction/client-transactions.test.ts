import assert from 'node:assert/strict'
import { LayerOnATable, request, response } from './layer-on-a-table.ts'

const repeat = (count: number, what: string) => Array<string>(count).fill(what)

describe('an INVITE client transaction', () => {
  it('repeats the INVITE at 0.5, 1.5, 3.5 … s and gives up at 64*T1 (timers A and B)', () => {
    const table = new LayerOnATable()
    table.layer.invite(request('INVITE'), table.flow, table.user)
    assert.deepEqual(table.takeSent(), ['INVITE'])
    const at: number[] = []
    for (let ms = 0; ms < 32_500; ms += 500) {
      table.clock.advance(500)
      if (table.takeSent().length > 0) at.push(ms + 500)
    }
    assert.deepEqual(at, [500, 1500, 3500, 7500, 15_500, 31_500])
    assert.deepEqual(table.told, ['timeout'])
    assert.deepEqual([table.layer.size, table.clock.size], [0, 0])
  })

  it('does not repeat it on a reliable transport', () => {
    const table = new LayerOnATable({ reliable: true })
    table.layer.invite(request('INVITE'), table.flow, table.user)
    table.clock.advance(31_999)
    assert.deepEqual([table.sent, table.told], [['INVITE'], []])
    table.clock.advance(1)
    assert.deepEqual(table.told, ['timeout'])
  })

  it('stops repeating once a provisional response has come', () => {
    const table = new LayerOnATable()
    const invite = request('INVITE')
    table.layer.invite(invite, table.flow, table.user)
    table.receive(response(invite, 180))
    table.clock.advance(60_000)
    assert.deepEqual([table.sent, table.told], [['INVITE'], ['180']])
  })

  it('acknowledges a failure, again whenever it comes again, tells of it once and is gone after 32 s (timer D)', () => {
    const table = new LayerOnATable()
    const invite = request('INVITE', { routes: ['<sip:127.0.0.1:5070;lr>'] })
    table.layer.invite(invite, table.flow, table.user)
    for (let i = 0; i < 3; i += 1) table.receive(response(invite, 486))
    assert.deepEqual([table.takeSent(), table.told], [['INVITE', ...repeat(3, 'ACK')], ['486']])
    const ack = table.messages.at(-1)!
    assert.equal(ack.header('Via'), invite.header('Via'))
    assert.equal(ack.header('Route'), '<sip:127.0.0.1:5070;lr>')
    assert.equal(ack.toTag, 'bob')
    assert.equal(ack.header('CSeq'), '1 ACK')
    table.clock.advance(31_999)
    assert.equal(table.layer.size, 1)
    table.clock.advance(1)
    assert.deepEqual([table.layer.size, table.clock.size], [0, 0])
  })

  it('is gone at once after a failure on a reliable transport', () => {
    const table = new LayerOnATable({ reliable: true })
    const invite = request('INVITE')
    table.layer.invite(invite, table.flow, table.user)
    table.receive(response(invite, 404))
    assert.deepEqual([table.sent, table.told, table.layer.size], [['INVITE', 'ACK'], ['404'], 0])
  })

  it('hands up every 2xx for 64*T1, of every fork, and acknowledges none (RFC 6026, timer M)', () => {
    const table = new LayerOnATable()
    const invite = request('INVITE')
    table.layer.invite(invite, table.flow, table.user)
    table.receive(response(invite, 200))
    table.receive(response(invite, 200))
    table.receive(response(invite, 200, 'carol'))
    table.receive(response(invite, 486, 'dave'))
    assert.deepEqual([table.sent, table.told], [['INVITE'], ['200', '200', '200']])
    table.clock.advance(32_000)
    table.receive(response(invite, 200))
    assert.deepEqual([table.told.length, table.strays.length, table.clock.size], [3, 1, 0])
  })

  it('holds a CANCEL until a provisional response has come, with the branch of the INVITE (9.1)', () => {
    const table = new LayerOnATable()
    const invite = request('INVITE', { routes: ['<sip:127.0.0.1:5070;lr>'] })
    const transaction = table.layer.invite(invite, table.flow, table.user)
    const cancel = transaction.cancel([['Reason', 'SIP ;cause=200']])
    assert.equal(transaction.cancel(), undefined)
    assert.deepEqual(table.takeSent(), ['INVITE'])
    table.receive(response(invite, 100))
    assert.deepEqual(table.takeSent(), ['CANCEL'])
    assert.equal(table.messages.at(-1), cancel)
    for (const name of ['Via', 'Route', 'From', 'To', 'Call-ID']) {
      assert.deepEqual(cancel?.headers(name), invite.headers(name))
    }
    assert.deepEqual([cancel?.header('CSeq'), cancel?.header('Reason')], ['1 CANCEL', 'SIP ;cause=200'])
    table.receive(response(cancel!, 200))
    table.receive(response(invite, 487))
    assert.deepEqual(table.takeSent(), ['ACK'])
    assert.deepEqual(table.told, ['100', '487'])
  })

  it('sends no CANCEL when the final response comes first', () => {
    const table = new LayerOnATable()
    const invite = request('INVITE')
    const transaction = table.layer.invite(invite, table.flow, table.user)
    transaction.cancel()
    table.receive(response(invite, 486))
    assert.equal(transaction.cancel(), undefined)
    table.clock.advance(100_000)
    assert.deepEqual([table.sent, table.told], [['INVITE', 'ACK'], ['486']])
  })

  it('gives up 64*T1 after a CANCEL that no final response followed', () => {
    const table = new LayerOnATable()
    const invite = request('INVITE')
    const transaction = table.layer.invite(invite, table.flow, table.user)
    table.receive(response(invite, 180))
    table.clock.advance(10_000)
    transaction.cancel()
    table.receive(response(table.messages.at(-1) as typeof invite, 200))
    table.clock.advance(31_999)
    assert.deepEqual(table.told, ['180'])
    table.clock.advance(1)
    assert.deepEqual(table.told, ['180', 'timeout'])
  })

  it('cancels by itself when nothing comes for three minutes after a provisional response (Timer C)', () => {
    const table = new LayerOnATable()
    const invite = request('INVITE')
    table.layer.invite(invite, table.flow, table.user)
    table.receive(response(invite, 180))
    table.clock.advance(180_000)
    table.receive(response(invite, 180))
    table.clock.advance(184_999)
    assert.deepEqual(table.takeSent(), ['INVITE'])
    table.clock.advance(1)
    assert.deepEqual(table.takeSent(), ['CANCEL'])
  })

  it('ends when its connection cannot be made', () => {
    const table = new LayerOnATable({ reliable: true })
    table.layer.invite(request('INVITE'), table.flow, table.user)
    table.layer.flowFailed(table.flow)
    assert.deepEqual([table.told, table.layer.size, table.clock.size], [['transport error'], 0, 0])
  })
})

describe('a non-INVITE client transaction', () => {
  it('repeats the request at T1, doubling up to T2, and gives up at 64*T1 (timers E and F)', () => {
    const table = new LayerOnATable()
    table.layer.request(request('OPTIONS'), table.flow, table.user)
    table.takeSent()
    const at: number[] = []
    for (let ms = 500; ms <= 32_000; ms += 500) {
      table.clock.advance(500)
      if (table.takeSent().length > 0) at.push(ms)
    }
    assert.deepEqual(at, [500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500])
    assert.deepEqual([table.told, table.layer.size, table.clock.size], [['timeout'], 0, 0])
  })

  it('repeats it at T2 once a provisional response has come', () => {
    const table = new LayerOnATable()
    const options = request('OPTIONS')
    table.layer.request(options, table.flow, table.user)
    table.receive(response(options, 100))
    table.takeSent()
    table.clock.advance(500)
    assert.deepEqual(table.takeSent(), ['OPTIONS'])
    table.clock.advance(3999)
    assert.deepEqual(table.takeSent(), [])
    table.clock.advance(1)
    assert.deepEqual(table.takeSent(), ['OPTIONS'])
  })

  it('tells of the final response once and swallows its repetitions for T4 (timer K)', () => {
    const table = new LayerOnATable()
    const options = request('OPTIONS')
    table.layer.request(options, table.flow, table.user)
    table.receive(response(options, 200))
    table.receive(response(options, 200))
    assert.deepEqual([table.told, table.strays.length, table.clock.size], [['200'], 0, 1])
    table.clock.advance(5000)
    assert.deepEqual([table.layer.size, table.clock.size], [0, 0])
  })

  it('takes no response of another method for its own (17.1.3)', () => {
    const table = new LayerOnATable()
    const options = request('OPTIONS')
    table.layer.request(options, table.flow, table.user)
    table.receive(response(options, 200).set('CSeq', '1 INFO'))
    assert.deepEqual([table.told, table.strays.length], [[], 1])
    table.layer.close()
    assert.deepEqual([table.layer.size, table.clock.size], [0, 0])
  })
})
