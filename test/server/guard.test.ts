import assert from 'node:assert/strict'

import { Guard } from '../../server/guard.ts'
import type { CallStack } from '../../server/guard.ts'
import type { InviteEvents } from '../../server/sip/stack.ts'
import { FakeClock } from '../engine/fake-clock.ts'
import { FakeDialog, response } from './transfer/fake-port.ts'

const oops = new Error('oops')

describe('the guard of a call', () => {
  const told: unknown[] = []
  const guard = new Guard((error) => told.push(error))
  beforeEach(() => told.splice(0))

  it('catches exceptions', () => {
    guard.run(() => {
      throw oops
    })
    assert.deepEqual(told, [oops])
  })

  it('catches rejections', async () => {
    guard.run(() => Promise.reject(oops))
    await new Promise(setImmediate)
    assert.deepEqual(told, [oops])
  })

  it('runs the recovery before it reports the exception', async () => {
    const due: string[] = []
    guard.run(
      () => Promise.reject(oops),
      () => due.push(`500 after ${told.length}`),
    )
    await new Promise(setImmediate)
    assert.deepEqual(due, ['500 after 0'])
    assert.deepEqual(told, [oops])
  })

  it('reports an exception of the recovery, too', () => {
    guard.run(
      () => {
        throw oops
      },
      () => {
        throw new Error('and again')
      },
    )
    assert.deepEqual(told, [new Error('and again'), oops])
  })

  it('catches the exceptions of timers', () => {
    const clock = new FakeClock()
    guard.clock(clock).after(10, () => {
      throw oops
    })
    clock.advance(10)
    assert.deepEqual(told, [oops])
  })

  it('catches the exceptions of a listener', () => {
    const heard: string[] = []
    const listener = guard.listener({
      started: (call: string): void => {
        heard.push(call)
        throw oops
      },
    })
    listener.started('a call')
    assert.deepEqual(heard, ['a call'])
    assert.deepEqual(told, [oops])
  })

  it('ends the dialog of a 2xx whose handling fails (RFC 3261 13.2.2.4)', async () => {
    const clock = new FakeClock()
    const dialog = new FakeDialog(clock, 1000, () => ({ afterMs: 0, response: response(200) }))
    let events: InviteEvents | undefined
    const stack: CallStack = {
      addresses: [],
      reportsTrying: true,
      invite: (_uri, _options, wired) => {
        events = wired

        return { callId: 'fake', cancel: () => undefined }
      },
    }
    guard.stack(stack).invite(
      'sip:agent@127.0.0.1',
      {},
      {
        progress: () => undefined,
        accepted: () => {
          throw oops
        },
        failed: () => undefined,
        dialog: { request: () => undefined, reinvite: () => undefined, ended: () => undefined },
      },
    )
    events?.accepted(response(200), dialog)
    await new Promise(setImmediate)
    assert.ok(dialog.isReleased)
    assert.deepEqual(told, [oops])
  })
})
