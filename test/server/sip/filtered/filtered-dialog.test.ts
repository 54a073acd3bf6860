import assert from 'node:assert/strict'

import { restoredDialog } from '../../../../server/sip/filtered/index.ts'
import { noMediaServer } from '../../../../server/sip/local-response.ts'
import type { DialogEvents } from '../../../../server/sip/stack.ts'
import { request } from '../../transfer/fake-port.ts'
import { answered, offering, Owner, PeerRequest, ScriptedDialog, ScriptedFilter, settled } from './scripted-port.ts'

function open() {
  const filter = new ScriptedFilter()
  const owner = new Owner()
  const inner = new ScriptedDialog()
  const taken: DialogEvents[] = []
  const dialog = restoredDialog(filter, owner.dialog, (each) => {
    taken.push(each)

    return inner
  })
  const [events = assert.fail()] = taken

  return { filter, owner, inner, dialog, events }
}

const bye = { by: 'peer', request: request('BYE') } as const

describe('Requests to the peer in a dialog whose sessions pass through a filter', () => {
  it('offer in a re-INVITE, and get the answer', async () => {
    const { filter, inner, dialog } = open()
    inner.answer = answered(200, 'v=B')
    const { body } = await dialog.reinvite({ body: 'v=A' })
    assert.deepEqual([inner.sent, body], [['INVITE v=A by filter'], 'v=B by filter'])
    assert.deepEqual(filter.asked, ['to peer: offer v=A', 'from peer: answer v=B'])
  })

  it('ask for an offer in a re-INVITE, and answer in the ACK', async () => {
    const { filter, inner, dialog } = open()
    inner.answer = answered(200, 'v=B')
    const { body } = await dialog.reinvite()
    dialog.ack({ body: 'v=A' })
    assert.deepEqual([inner.sent, body], [['INVITE', 'ACK v=A by filter'], 'v=B by filter'])
    assert.deepEqual(filter.asked, ['from peer: offer v=B', 'to peer: answer v=A'])
  })

  it('offer in an UPDATE, and get the answer', async () => {
    const { filter, inner, dialog } = open()
    inner.answer = answered(200, 'v=B')
    const { body } = await dialog.request('UPDATE', { body: 'v=A' })
    assert.deepEqual([inner.sent, body], [['UPDATE v=A by filter'], 'v=B by filter'])
    assert.deepEqual(filter.asked, ['to peer: offer v=A', 'from peer: answer v=B'])
  })

  it('pass untouched without a session, and where the method makes no offer', async () => {
    const { filter, inner, dialog } = open()
    assert.equal(await dialog.request('UPDATE'), inner.answer)
    assert.equal(await dialog.request('INFO', { body: 'v=A' }), inner.answer)
    inner.answer = answered(488, 'v=B')
    assert.equal(await dialog.reinvite(), inner.answer)
    assert.deepEqual([inner.sent, filter.asked], [['UPDATE', 'INFO v=A', 'INVITE'], []])
  })

  it('fail with a local 503 when the filter refuses their offer', async () => {
    const { filter, inner, dialog } = open()
    filter.isRefusing = true
    for (const sending of [dialog.reinvite({ body: 'v=A' }), dialog.request('UPDATE', { body: 'v=A' })]) {
      const { status, reason, local } = await sending
      assert.deepEqual([status, reason, local], [503, noMediaServer, true])
    }
    assert.deepEqual(inner.sent, [])
  })

  it('have an ACK without an answer that the filter refuses, and an answer as it came', async () => {
    const { filter, inner, dialog } = open()
    inner.answer = answered(200, 'v=B')
    filter.isRefusing = true
    assert.equal(await dialog.reinvite(), inner.answer)
    dialog.ack({ body: 'v=A' })
    assert.deepEqual(inner.sent, ['INVITE', 'ACK'])
  })

  it('go in their order, however slow the filter is', async () => {
    const { filter, inner, dialog } = open()
    filter.isSlow = true
    dialog.ack({ body: 'v=A' })
    const info = dialog.request('INFO')
    const update = dialog.request('UPDATE', { body: 'v=C' })
    const end = dialog.bye()
    assert.deepEqual([inner.sent, dialog.ended, inner.ended, filter.ends], [[], true, false, 1])
    await filter.release()
    assert.deepEqual(inner.sent, ['ACK v=A by filter', 'INFO'])
    await filter.release()
    await Promise.all([info, update, end])
    assert.deepEqual(inner.sent, ['ACK v=A by filter', 'INFO', 'UPDATE v=C by filter', 'BYE'])
  })

  it('reject when the stack throws', async () => {
    const { inner, dialog } = open()
    inner.request = () => {
      throw new Error('broken')
    }
    await assert.rejects(dialog.request('INFO'), /broken/)
    await assert.rejects(dialog.request('UPDATE', { body: 'v=A' }), /broken/)
  })
})

describe('Requests of the peer in a dialog whose sessions pass through a filter', () => {
  it('offer in a re-INVITE or UPDATE, and get the answer', () => {
    const { filter, owner, events } = open()
    owner.respond = [200, { body: 'v=A' }]
    const reinvite = new PeerRequest(offering('INVITE', 'v=B'))
    events.reinvite(reinvite)
    const update = new PeerRequest(offering('UPDATE', 'v=C'))
    events.request(update)
    assert.deepEqual(owner.told, ['INVITE v=B by filter', 'UPDATE v=C by filter'])
    assert.deepEqual([reinvite.answers, update.answers], [['200 v=A by filter'], ['200 v=A by filter']])
    assert.deepEqual(filter.asked, [
      ...['from peer: offer v=B', 'to peer: answer v=A'],
      ...['from peer: offer v=C', 'to peer: answer v=A'],
    ])
    const [told = assert.fail()] = owner.requests
    const { uri, source } = reinvite.request
    assert.deepEqual([told.method, told.uri, told.source], ['INVITE', uri, source])
  })

  it('ask for an offer in a re-INVITE, and answer in the ACK', () => {
    const { filter, owner, events } = open()
    const acks: string[] = []
    owner.respond = [200, { body: 'v=A' }, ({ body }) => acks.push(body)]
    const reinvite = new PeerRequest(request('INVITE'))
    events.reinvite(reinvite)
    reinvite.onAck?.(offering('ACK', 'v=B'))
    reinvite.onAck?.(request('ACK'))
    assert.deepEqual([owner.told, reinvite.answers, acks], [['INVITE'], ['200 v=A by filter'], ['v=B by filter', '']])
    assert.deepEqual(filter.asked, ['to peer: offer v=A', 'from peer: answer v=B'])
  })

  it('pass untouched without a session, as a refusal of theirs does', () => {
    const { filter, owner, events } = open()
    const received = ['UPDATE', 'INFO'].map((method) => new PeerRequest(request(method)))
    for (const each of received) events.request(each)
    events.ack?.(request('ACK'))
    const reinvite = new PeerRequest(request('INVITE'))
    events.reinvite(reinvite)
    assert.deepEqual(
      owner.requests.slice(0, 2),
      received.map((each) => each.request),
    )
    assert.deepEqual([owner.told, filter.asked], [['UPDATE', 'INFO', 'ACK', 'INVITE'], []])
    owner.respond = [488, { body: 'v=A' }]
    const refused = ['UPDATE', 'INVITE'].map((method) => new PeerRequest(offering(method, 'v=B')))
    events.request(refused[0] ?? assert.fail())
    events.reinvite(refused[1] ?? assert.fail())
    assert.deepEqual([reinvite.answers, ...refused.map((each) => each.answers)], [['200'], ['488 v=A'], ['488 v=A']])
  })

  for (const method of ['UPDATE', 'INVITE']) {
    const come = ({ events }: ReturnType<typeof open>, received: PeerRequest): void => {
      if (method === 'UPDATE') events.request(received)
      else events.reinvite(received)
    }

    it(`are refused with 500 when the filter refuses the offer of an ${method}`, () => {
      const opened = open()
      const received = new PeerRequest(offering(method, 'v=B'))
      opened.filter.isRefusing = true
      come(opened, received)
      assert.deepEqual([opened.owner.told, received.answers], [[], ['500']])
    })

    it(`are answered when a slow filter has given the answer to an ${method}, or refused with 500`, async () => {
      for (const outcome of ['given', 'refused', 'failed']) {
        const opened = open()
        const { filter, owner } = opened
        const received = new PeerRequest(offering(method, 'v=B'))
        owner.respond = [200, { body: 'v=A' }]
        filter.isSlow = true
        come(opened, received)
        filter.isRefusing = outcome === 'refused'
        await filter.release()
        assert.deepEqual([owner.told, received.answers], [[`${method} v=B by filter`], []])
        await (outcome === 'failed' ? filter.fail(new Error('broken')) : filter.release())
        assert.deepEqual(received.answers, [outcome === 'given' ? '200 v=A by filter' : '500'])
      }
    })
  }

  it('tell the CANCEL of a re-INVITE to its owner', () => {
    const { owner, events } = open()
    const reinvite = new PeerRequest(offering('INVITE', 'v=B'))
    events.reinvite(reinvite)
    reinvite.onCancel()
    assert.equal(owner.wasCancelled, true)
  })

  // RFC 3261 9.2: the stack has answered both.
  it('are not told when a re-INVITE is cancelled while the filter has its offer', async () => {
    const { filter, owner, events } = open()
    filter.isSlow = true
    const reinvite = new PeerRequest(offering('INVITE', 'v=B'))
    events.reinvite(reinvite)
    reinvite.onCancel()
    await filter.release()
    assert.deepEqual([owner.told, reinvite.answers], [[], []])
  })

  it('are told in their order, however slow the filter is', async () => {
    const { filter, owner, events } = open()
    filter.isSlow = true
    owner.respond = [488]
    events.reinvite(new PeerRequest(offering('INVITE', 'v=B')))
    events.ack?.(request('ACK'))
    events.request(new PeerRequest(request('INFO')))
    events.ended(bye)
    await settled()
    assert.deepEqual([owner.told, filter.ends], [[], 0])
    await filter.release()
    assert.deepEqual(owner.told, ['INVITE v=B by filter', 'ACK', 'INFO', 'ended by peer'])
    assert.equal(filter.ends, 1)
  })

  it('throw on what their owner throws, as events that did not wait do', async () => {
    const { filter, owner, events } = open()
    const broken = new Error('broken')
    owner.dialog.ack = () => {
      throw broken
    }
    assert.throws(() => events.ack?.(request('ACK')), broken)
    filter.isSlow = true
    events.reinvite(new PeerRequest(offering('INVITE', 'v=B')))
    events.ack?.(request('ACK'))
    events.request(new PeerRequest(request('INFO')))
    assert.equal(await uncaught(() => filter.release()), broken)
    assert.deepEqual(owner.told, ['INVITE v=B by filter', 'INFO'])
  })
})

describe('A dialog whose sessions pass through a filter', () => {
  it('is the dialog of the stack in all else', () => {
    const { inner, dialog, events } = open()
    assert.deepEqual(
      [dialog.callId, dialog.localTag, dialog.remoteTag, dialog.remoteTarget, dialog.silence, dialog.ended],
      ['call', 'local', 'remote', 'sip:peer@127.0.0.1', 7, false],
    )
    assert.equal(dialog.keep?.(), inner.kept)
    inner.ended = true
    assert.equal(dialog.ended, true)
    assert.deepEqual(events.byeHeadersFor?.('session_expired'), [['Reason', 'session_expired']])
  })

  it('has no headers for a BYE when its owner has none', () => {
    const { owner, events } = open()
    delete owner.dialog.byeHeadersFor
    assert.deepEqual(events.byeHeadersFor?.('ack_timeout'), [])
  })

  it('uses the filter once, and ends the use once, whichever side ends it first', async () => {
    for (const order of ['ours', 'peer', 'ours, then peer', 'peer, then ours']) {
      const { filter, owner, dialog, events } = open()
      for (const side of order.split(', then ')) {
        if (side === 'ours') await dialog.bye()
        else events.ended(bye)
      }
      assert.deepEqual([order, filter.begins, filter.ends], [order, 1, 1])
      assert.deepEqual([order, owner.told], [order, order.startsWith('peer') ? ['ended by peer'] : []])
    }
  })

  it('does not tell its end to an owner that has ended it while the filter had a message', async () => {
    const { filter, owner, inner, dialog, events } = open()
    filter.isSlow = true
    owner.respond = [488]
    events.reinvite(new PeerRequest(offering('INVITE', 'v=B')))
    events.ended(bye)
    await dialog.bye()
    await filter.release()
    assert.deepEqual([owner.told, inner.sent], [['INVITE v=B by filter'], ['BYE']])
    assert.deepEqual([filter.begins, filter.ends], [1, 1])
  })
})

/** The exception that the process gets while this runs. */
async function uncaught(run: () => Promise<void>): Promise<unknown> {
  const listeners = process.listeners('uncaughtException')
  process.removeAllListeners('uncaughtException')
  try {
    const exceptions: unknown[] = []
    process.on('uncaughtException', (error) => exceptions.push(error))
    await run()

    return exceptions[0]
  } finally {
    process.removeAllListeners('uncaughtException')
    for (const listener of listeners) process.on('uncaughtException', listener)
  }
}
