import assert from 'node:assert/strict'

import fc from 'fast-check'

import type { Dns } from '../../../engine/index.ts'
import { LocalResponse } from '../../../server/sip/local-response.ts'
import { PromptInvite, ProvisionalLimiter } from '../../../server/sip/invite-limits.ts'
import type { SipDialog, InviteEvents } from '../../../server/sip/stack.ts'
import { EmbeddedStack } from '../../../server/sip/embedded/index.ts'
import { FakeClock } from '../../engine/fake-clock.ts'
import { RawPeer } from '../../engine/user-agent/raw-peer.ts'
import { Happenings } from '../../engine/user-agent/two-agents.ts'
import { recordInvite, RecordingUser } from './recording-user.ts'
import { response } from '../transfer/fake-port.ts'

const answers = ['trying', 'progress', 'retried', 'accepted', 'failed'] as const

/** An INVITE on a stack whose next hop has so many addresses, and the events of its user. */
function invite(addresses: number, progressTimeout = 3, reportsTrying = true) {
  const clock = new FakeClock()
  const sent: InviteEvents[] = []
  const told: string[] = []
  let cancelled = 0
  const events: InviteEvents = {
    dialog: { request: () => undefined, reinvite: () => undefined, ended: () => undefined },
    trying: () => told.push('trying'),
    progress: () => told.push('progress'),
    retried: () => told.push('retried'),
    accepted: () => told.push('accepted'),
    failed: ({ status, reason }) => told.push(`${status} ${reason}`),
  }
  const stack = {
    reportsTrying,
    invite: (_uri: string, _options: object, sentEvents: InviteEvents) => {
      const at = sent.push(sentEvents)

      return { callId: 'id', cancel: () => void (cancelled += 1), noteUnresponsive: () => at < addresses }
    },
  }
  const prompt = new PromptInvite({ stack, clock, progressTimeout }, 'sip:desk@host.test', {}, events)
  const says = (what: (typeof answers)[number], which = sent.length - 1): void => {
    const heard = sent[which] ?? assert.fail()
    const busy = new LocalResponse(486, 'id')
    if (what === 'accepted') heard.accepted(busy, {} as SipDialog)
    else if (what === 'trying') heard.trying?.()
    else heard[what]?.(busy)
  }

  return { clock, sent, told, says, prompt, cancelled: () => cancelled }
}

describe('An INVITE that must have a response in time', () => {
  it('fails with a local 408 when none comes, and ignores later responses', () => {
    const { clock, told, says, cancelled, prompt } = invite(1)
    clock.advance(3000)
    for (const what of answers) says(what)
    clock.advance(60_000)
    assert.deepEqual([told, cancelled(), prompt.isHeard, clock.size], [['408 No Response'], 1, false, 0])
  })

  it('goes to each address of the name, with its own time for each', () => {
    const { clock, sent, told, says, cancelled } = invite(3)
    clock.advance(5999)
    assert.deepEqual([sent.length, told], [2, []])
    clock.advance(1)
    says('accepted', 0)
    says('progress')
    says('accepted')
    assert.deepEqual([sent.length, told, cancelled()], [3, ['progress', 'accepted'], 2])
  })

  it('has no limit where it is 0, or where the stack does not report 100', () => {
    for (const { clock, told } of [invite(2, 0), invite(2, 3, false)]) {
      clock.advance(600_000)
      assert.deepEqual([told, clock.size], [[], 0])
    }
  })

  it('ends once, whatever comes in what order, and leaves no timer', () => {
    const step = fc.oneof(
      fc.record({ wait: fc.nat(4000) }),
      fc.record({ says: fc.constantFrom(...answers), which: fc.nat(2) }),
      fc.constant({ cancel: true }),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), fc.nat(2), (steps, more) => {
        const { clock, sent, told, says, prompt } = invite(1 + more)
        for (const each of steps) {
          if ('wait' in each) clock.advance(each.wait)
          else if ('cancel' in each) prompt.cancel()
          else if (each.which < sent.length) says(each.says, each.which)
        }
        clock.advance(60_000)
        assert.equal(clock.size, 0)
        assert.ok(told.filter((what) => what === '408 No Response').length <= 1)
        const silent = told.indexOf('408 No Response')
        assert.ok(silent === -1 || silent === told.length - 1)
      }),
    )
  })

  it('is sent to the second address of its name on the embedded engine', async () => {
    const [silent, peer] = [await RawPeer.open('sip:127.0.0.1:9'), await RawPeer.open('sip:127.0.0.1:9')]
    const targets = [silent, peer].map(({ port }, priority) => ({ priority, weight: 0, port, name: 'host.test' }))
    const dns: Dns = {
      query: (type, name) => {
        const addresses = type === 'A' ? ['127.0.0.1'] : []
        const found = type === 'SRV' && name === '_sip._udp.service.test' ? targets : addresses

        return Promise.resolve({ records: found as never[], ttl: 60 })
      },
    }
    const stack = new EmbeddedStack({
      listen: [{ transport: 'udp', address: '127.0.0.1', port: 0 }],
      timers: { t1: 20, t2: 80, t4: 60 },
      userAgent: 'Baton',
      log: { warn: () => undefined, error: (message, fields) => console.error(message, fields) },
      surroundings: { dns },
    })
    await stack.start(new RecordingUser())
    const clock = new FakeClock()
    const log = new Happenings()
    try {
      const events = recordInvite(log)
      const prompt = new PromptInvite({ stack, clock, progressTimeout: 3 }, 'sip:bob@service.test', {}, events)
      await silent.request('INVITE')
      clock.advance(3000)
      const second = await peer.request('INVITE')
      peer.answer(second, 486, 'b')
      const refused = await log.next<{ status: number }>('failed')
      assert.deepEqual([refused.status, prompt.isHeard], [486, true])
      // The next call goes to the one that answers.
      new PromptInvite({ stack, clock, progressTimeout: 3 }, 'sip:bob@service.test', {}, recordInvite(log))
      peer.answer(await peer.request('INVITE'), 486, 'c')
      await log.next('failed')
      assert.equal(clock.size, 0)
    } finally {
      silent.close()
      peer.close()
      await stack.close()
    }
  })
})

describe('The provisional responses of one INVITE', () => {
  it('are acted on when they say something new, and again after a while', () => {
    const clock = new FakeClock()
    const limiter = new ProvisionalLimiter(clock)
    const ringing = response(180)
    assert.equal(limiter.admits(ringing), true)
    assert.equal(limiter.admits(ringing), false)
    assert.equal(limiter.admits(response(183, 'v=0')), true)
    clock.advance(10_000)
    assert.equal(limiter.admits(ringing), true)
  })

  it('are bounded, whatever they say', () => {
    const limiter = new ProvisionalLimiter(new FakeClock())
    const taken = Array.from({ length: 5000 }, (_, at) => limiter.admits(response(183, `v=${at}`)))
    assert.equal(taken.filter(Boolean).length, 100)
  })
})
