import assert from 'node:assert/strict'

import { FilteringStack } from '../../../../server/sip/filtered/index.ts'
import { noMediaServer } from '../../../../server/sip/local-response.ts'
import { request, response } from '../../transfer/fake-port.ts'
import { answered, Owner, ScriptedDialog, ScriptedFilter, ScriptedStack, settled } from './scripted-port.ts'

function invite(body: string | undefined = 'v=A', filter = new ScriptedFilter()) {
  const stack = new ScriptedStack()
  const owner = new Owner()
  const dialog = new ScriptedDialog()
  const outgoing = new FilteringStack(stack).invite('sip:desk@host.test', { body, filter, callId: 'call' }, owner)

  return { stack, owner, dialog, filter, outgoing }
}

describe('An INVITE whose sessions pass through a filter', () => {
  it('has the offer and its answers as the filter gives them', () => {
    const { stack, owner, dialog, filter, outgoing } = invite()
    stack.events.trying?.()
    stack.events.progress(answered(183, 'v=B'))
    stack.events.accepted(answered(200, 'v=B'), dialog)
    assert.deepEqual(stack.sent, ['INVITE v=A by filter'])
    assert.deepEqual(owner.told, ['trying', '183 v=B by filter', '200 v=B by filter'])
    assert.deepEqual(filter.asked, ['to peer: offer v=A', 'from peer: answer v=B', 'from peer: answer v=B'])
    assert.deepEqual([outgoing.callId, stack.options?.callId, stack.options?.filter], ['call', 'call', undefined])
    assert.deepEqual([filter.begins, filter.ends], [1, 0])
  })

  it('has all else of a response as the peer sent it', () => {
    const { stack, owner } = invite()
    const received = { ...answered(200, 'v=B'), passedOver: ['bad line'] }
    stack.events.progress(received)
    const [told = assert.fail()] = owner.responses
    assert.notEqual(told, received)
    assert.deepEqual(
      [told.status, told.reason, told.local, told.callId, told.passedOver],
      [200, 'Status 200', false, 'fake', ['bad line']],
    )
    assert.deepEqual(
      [told.header('Content-Type'), told.headers('Content-Type'), told.entries()],
      ['application/sdp', ['application/sdp'], [['Content-Type', 'application/sdp']]],
    )
    stack.events.progress(answered(183, 'v=B'))
    assert.deepEqual(owner.responses[1]?.passedOver, [])
  })

  it('is told responses in the order in which they came, however slow the filter is', async () => {
    const { stack, owner, dialog, filter } = invite()
    filter.isSlow = true
    stack.events.progress(answered(183, 'v=B'))
    stack.events.progress(response(180))
    stack.events.accepted(answered(200, 'v=C'), dialog)
    stack.events.dialog.ended({ by: 'peer', request: request('BYE') })
    await settled()
    assert.deepEqual([owner.told, filter.ends], [[], 0])
    await filter.release()
    assert.deepEqual(owner.told, ['183 v=B by filter', '180'])
    await filter.release()
    assert.deepEqual(owner.told, ['183 v=B by filter', '180', '200 v=C by filter', 'ended by peer'])
    assert.deepEqual([filter.begins, filter.ends], [1, 1])
  })

  it('is sent when a slow filter has given the offer', async () => {
    const slow = new ScriptedFilter()
    slow.isSlow = true
    const { stack, filter, outgoing } = invite('v=A', slow)
    assert.deepEqual([outgoing.keep?.(), outgoing.noteUnresponsive?.(), stack.sent], [undefined, false, []])
    await filter.release()
    assert.deepEqual(stack.sent, ['INVITE v=A by filter'])
    assert.deepEqual([outgoing.keep?.() === stack.keptInvite, outgoing.noteUnresponsive?.()], [true, true])
  })

  it('takes a late offer, and answers it in the ACK', () => {
    const { stack, owner, dialog, filter } = invite('')
    stack.events.accepted(answered(200, 'v=B'), dialog)
    owner.dialogOfInvite?.ack({ body: 'v=A' })
    assert.deepEqual([stack.sent, owner.told, dialog.sent], [['INVITE'], ['200 v=B by filter'], ['ACK v=A by filter']])
    assert.deepEqual(filter.asked, ['from peer: offer v=B', 'to peer: answer v=A'])
  })

  it('leaves messages without a session alone', () => {
    const { stack, owner, dialog, filter } = invite('')
    const ringing = response(180)
    stack.events.progress(ringing)
    stack.events.retried?.(response(401))
    stack.events.accepted(response(200), dialog)
    owner.dialogOfInvite?.ack()
    assert.equal(owner.responses[0], ringing)
    assert.deepEqual([owner.told, dialog.sent, filter.asked], [['180', 'retried 401', '200'], ['ACK'], []])
  })

  it('fails with a local 503 when the filter refuses the offer', async () => {
    const refusing = new ScriptedFilter()
    refusing.isRefusing = true
    const { stack, owner, filter } = invite('v=A', refusing)
    assert.deepEqual(owner.told, [])
    await settled()
    assert.deepEqual([owner.told, stack.sent], [[`failed 503 ${noMediaServer}`], []])
    assert.deepEqual([filter.begins, filter.ends], [1, 1])
  })

  it('has a session of the peer as it came when the filter refuses it', () => {
    const { stack, owner, dialog, filter } = invite()
    filter.isRefusing = true
    const accepted = answered(200, 'v=B')
    stack.events.accepted(accepted, dialog)
    assert.equal(owner.responses[0], accepted)
  })

  it('ends the use of the filter when it fails, after the responses before', async () => {
    const { stack, owner, filter } = invite()
    filter.isSlow = true
    stack.events.progress(answered(183, 'v=B'))
    stack.events.failed(response(486))
    assert.deepEqual([owner.told, filter.ends], [[], 0])
    await filter.release()
    assert.deepEqual([owner.told, filter.begins, filter.ends], [['183 v=B by filter', 'failed 486'], 1, 1])
  })

  it('is not sent when it is cancelled while the filter has the offer', async () => {
    const slow = new ScriptedFilter()
    slow.isSlow = true
    const { stack, owner, filter, outgoing } = invite('v=A', slow)
    outgoing.cancel()
    await filter.release()
    assert.deepEqual([owner.told, stack.sent], [['failed 487 Request Terminated'], []])
    assert.deepEqual([filter.begins, filter.ends], [1, 1])
  })

  // RFC 3261 13.2.2.4, 15: a 2xx that is not wanted any more is acknowledged, and its dialog ended.
  it('acknowledges and ends a dialog whose 2xx the filter had when it was cancelled', async () => {
    const { stack, owner, dialog, filter, outgoing } = invite()
    filter.isSlow = true
    stack.events.progress(answered(183, 'v=B'))
    stack.events.accepted(answered(200, 'v=B'), dialog)
    outgoing.cancel()
    await filter.release()
    await filter.release()
    assert.deepEqual(
      [stack.sent, dialog.sent],
      [
        ['INVITE v=A by filter', 'CANCEL'],
        ['ACK', 'BYE'],
      ],
    )
    assert.deepEqual([owner.told, filter.begins, filter.ends], [['failed 487 Request Terminated'], 1, 1])
  })

  it('tells its failure alone when the peer has ended the dialog, too', async () => {
    const { stack, owner, dialog, filter, outgoing } = invite()
    filter.isSlow = true
    stack.events.accepted(answered(200, 'v=B'), dialog)
    outgoing.cancel()
    stack.events.dialog.ended({ by: 'peer', request: request('BYE') })
    await filter.release()
    assert.deepEqual([owner.told, filter.begins, filter.ends], [['failed 487 Request Terminated'], 1, 1])
  })

  it('goes to the stack as it is when it has no filter', () => {
    const stack = new ScriptedStack()
    const filtering = new FilteringStack(stack)
    const owner = new Owner()
    filtering.invite('sip:desk@host.test', { body: 'v=A' }, owner)
    assert.deepEqual([stack.sent, stack.events === owner], [['INVITE v=A'], true])
    assert.deepEqual([filtering.addresses, filtering.reportsTrying], [stack.addresses, true])
  })

  it('has a Call-ID of its own when none is given', () => {
    const stack = new ScriptedStack()
    const options = { filter: new ScriptedFilter() }
    const { callId } = new FilteringStack(stack).invite('sip:desk@host.test', options, new Owner())
    assert.match(callId, /^[0-9a-f-]{36}$/)
    assert.equal(stack.options?.callId, callId)
  })
})
