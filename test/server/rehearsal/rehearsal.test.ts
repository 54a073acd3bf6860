import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import type { RehearsalView } from '../../../server/rehearsal/index.ts'
import { ladderText } from '../../../server/calls/ladder-text.ts'
import { callWith, openDestination } from './destination.ts'
import { serve, shop, type TestBaton } from './baton.ts'

const route = 'sip:desk@127.0.0.1:9'
const desk = {
  name: 'desk',
  description: 'Reception',
  route,
  headers: { 'X-Caller': '$caller_id', 'X-Region': '$region', 'X-Name': 'Zoë & co; 50%' },
}
const handoffs = [
  desk,
  { ...desk, name: 'inside', headers_in: 'refer_to' },
  { ...desk, name: 'bridge', method: 'invite' },
  { name: 'pbx', description: 'Back to the PBX', method: 'bye', headers: { 'X-Why': 'asked for $handoff' } },
  { name: 'closed', description: 'Not in use', active: false, route, on_failure: ['desk'] },
]
const told = { 'X-Caller': '+14155550123', 'X-Region': 'west', 'X-Name': 'Zoë & co; 50%' }

describe('a rehearsal', () => {
  let baton: TestBaton
  const rehearse = (handoff: string, more: object = {}): Promise<RehearsalView> =>
    baton.app.rehearsals.rehearse({
      ...{ project: 'shop', environment: 'sandbox', handoff, destination: 'synthetic' },
      ...more,
    })

  before(async () => {
    baton = await serve(shop(handoffs))
  })
  after(() => baton.close())

  it('proves a handoff by REFER: a real call, in which the caller goes to the destination by itself', async () => {
    const rehearsal = await rehearse('desk')
    const [transfer] = rehearsal.call?.transfers ?? []

    assert.equal(rehearsal.verdict, 'passed', rehearsal.cause)
    assert.match(
      rehearsal.cause,
      /^The caller reached desk by REFER in \d\.\d\d s, and its 3 headers with it\. Synthetic: the caller, the agent and the destination\.$/,
    )
    assert.deepEqual(rehearsal.synthetic, ['caller', 'agent', 'destination'])
    assert.deepEqual(rehearsal.headersReceived, told)
    assert.equal(rehearsal.call?.rehearsal, true)
    assert.equal(transfer?.result, 'succeeded')
    assert.equal(transfer.requestedBy, 'refer')
    assert.deepEqual(
      transfer.attempts.map(({ method, result, code }) => [method, result, code]),
      [['refer', 'succeeded', 200]],
    )
  })

  it('reads headers inside Refer-To as a carrier would', async () => {
    const { verdict, cause, headersReceived } = await rehearse('inside')

    assert.equal(verdict, 'passed', cause)
    assert.deepEqual(headersReceived, told)
  })

  it('proves a handoff by INVITE: Baton calls the destination and brings the caller to it', async () => {
    const { verdict, cause, headersReceived, call } = await rehearse('bridge')

    assert.equal(verdict, 'passed', cause)
    assert.match(cause, /by INVITE/)
    assert.deepEqual(headersReceived, told)
    assert.equal(call?.endedBy, 'destination')
  })

  it('proves a handoff by BYE: the headers come back with it', async () => {
    const { verdict, cause, headersReceived } = await rehearse('pbx')

    assert.equal(verdict, 'passed', cause)
    assert.match(cause, /^The caller was given back for pbx by BYE/)
    assert.deepEqual(headersReceived, { 'X-Why': 'asked for pbx' })
  })

  it('proves a handoff itself, though it is not in use yet', async () => {
    const { verdict, cause } = await rehearse('closed')
    assert.equal(verdict, 'passed', cause)
  })

  it('shows the whole story as one ladder, the call between caller and destination too', async () => {
    const { ladder } = await rehearse('desk')
    const text = ladderText(ladder)

    assert.match(text, /caller +Baton +agent +destination/)
    assert.match(text, /\|-{20,} INVITE \(SDP\) -{20,}>\|/)
    assert.match(text, /\|<-{20,} 200 OK \(SDP\) -{20,}\|/)
    const requests = ladder.messages
      .map((message) => message.text.slice(0, message.text.indexOf(' ')))
      .filter((word) => word !== 'SIP/2.0')
    for (const method of ['INVITE', 'ACK', 'REFER', 'NOTIFY', 'BYE']) assert.ok(requests.includes(method), method)
  })

  it('shows its token nowhere', async () => {
    const { ladder } = await rehearse('bridge')
    const carriers = ladder.messages.filter(({ text }) => /^X-Baton-Rehearsal:/im.test(text))

    // Twice in the one place, where the machine is busy.
    assert.deepEqual([...new Set(carriers.map(({ leg, direction }) => `${leg} ${direction}`))], ['caller in'])
  })

  it('times each step from the first INVITE, in order', async () => {
    const { timings } = await rehearse('desk')
    const names = [
      ...['agentRang', 'agentAnswered', 'callerAnswered', 'handoffAsked', 'callerReferred', 'destinationRang'],
      ...['destinationAnswered', 'transferEnded', 'callEnded'],
    ]
    const times = names.map((name) => timings[name] ?? NaN)

    assert.deepEqual(Object.keys(timings).sort(), [...names].sort())
    assert.deepEqual(
      times,
      times.toSorted((a, b) => a - b),
    )
  })

  it('brings the caller’s number and headers along', async () => {
    const { call, ladder } = await rehearse('desk', { caller: '+442071838750', headers: { 'X-Plan': 'gold' } })
    const toAgent = ladder.messages.find(({ leg, direction }) => leg === 'agent' && direction === 'out')

    assert.equal(call?.caller.number, '+442071838750')
    assert.match(toAgent?.text ?? '', /^X-Plan: gold\r$/m)
  })

  it('lets the caller and the agent talk first, as long as is asked for', async () => {
    const { verdict, timings } = await rehearse('desk', { talk: 0.5 })

    assert.equal(verdict, 'passed')
    assert.ok((timings.handoffAsked ?? 0) - (timings.agentAnswered ?? 0) >= 0.5, JSON.stringify(timings))
  })

  it('leaves no dialog behind, and is listed and counted as every call is', async () => {
    const { call } = await rehearse('desk')
    const metrics = await baton.app.metrics.text()

    assert.equal([...baton.app.calls.live].length, 0)
    assert.equal(baton.app.calls.get(call?.id ?? '')?.state, 'ended')
    assert.ok(baton.app.events.since(0).some(({ type, callId }) => type === 'transfer.ended' && callId === call?.id))
    assert.match(metrics, /baton_transfers_total\{[^}]*handoff="desk"[^}]*result="succeeded"[^}]*\} \d/)
  })

  it('can be placed while others run', async () => {
    const all = await Promise.all(['desk', 'inside', 'bridge', 'pbx'].map((handoff) => rehearse(handoff)))

    assert.deepEqual(
      all.map(({ verdict, handoff }) => `${handoff} ${verdict}`),
      ['desk passed', 'inside passed', 'bridge passed', 'pbx passed'],
    )
  })

  it('is refused when too many run', async () => {
    const results = await Promise.allSettled(Array.from({ length: 9 }, () => rehearse('desk')))
    const [refused] = results.filter((result) => result.status === 'rejected')

    assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 8)
    assert.equal((refused?.reason as { status: number }).status, 503)
  })

  for (const [what, request, status, said] of [
    ['an unknown project', { project: 'shoe' }, 404, /shoe/],
    ['an unknown environment', { environment: 'moon' }, 404, /no environment "moon", but sandbox, live/],
    ['an unknown handoff', { handoff: 'dekc' }, 404, /no handoff "dekc", but desk, inside/],
    [
      'an environment that runs no version',
      { environment: 'live' },
      409,
      /publish one and promote it, or rehearse the draft/,
    ],
    ['a header that is the stack’s', { headers: { Via: 'x' } }, 422, /\/headers\/Via: .*SIP stack/],
    ['a header that breaks a line', { headers: { 'X-A': 'a\r\nb' } }, 422, /\/headers\/X-A: holds CR/],
  ] as const) {
    it(`is refused for ${what}, and says what there is`, async () => {
      await assert.rejects(rehearse('desk', request), (error: Error & { status?: number }) => {
        assert.equal(error.status, status)
        assert.match(error.message, said)

        return true
      })
    })
  }
})

describe('a rehearsal with other settings', () => {
  const played = async (
    project: object,
    request: object,
    env: Record<string, string> = {},
    file: object = {},
  ): Promise<RehearsalView> => {
    const baton = await serve(project, env, file)
    try {
      return await baton.app.rehearsals.rehearse({
        destination: 'synthetic',
        project: 'shop',
        environment: 'sandbox',
        handoff: 'desk',
        ...request,
      })
    } finally {
      await baton.close()
    }
  }

  it('works over TCP when Baton listens on nothing else', async () => {
    const { verdict, cause, ladder } = await played(shop([desk]), {}, { SIP_LISTEN: 'tcp:127.0.0.1:0' })

    assert.equal(verdict, 'passed', cause)
    assert.ok(ladder.messages.every(({ transport }) => transport === 'tcp'))
  })

  it('works when Baton listens on every address', async () => {
    const { verdict, cause } = await played(shop([desk]), {}, { SIP_LISTEN: 'udp:0.0.0.0:0' })

    assert.equal(verdict, 'passed', cause)
  })

  for (const method of ['refer', 'invite', 'bye']) {
    it(`works by ${method} behind a NAT that does not turn packets round`, async () => {
      const { route: itsRoute, ...rest } = desk
      const handoff = { ...rest, ...(method !== 'bye' && { route: itsRoute }), method }
      const { verdict, cause } = await played(shop([handoff]), {}, { SIP_EXTERNAL_IP: '203.0.113.7' })

      assert.equal(verdict, 'passed', cause)
    })
  }

  it('brings headers along that are too long for a datagram', async () => {
    const headers = { 'X-Summary': 'long '.repeat(400).trim() }
    const { verdict, cause } = await played(
      shop([{ ...desk, headers }]),
      {},
      { SIP_LISTEN: 'udp:127.0.0.1:0,tcp:127.0.0.1:0' },
    )

    assert.equal(verdict, 'passed', cause)
  })

  for (const [method, said] of [
    ['refer', /by REFER/],
    ['invite', /by INVITE/],
  ] as const) {
    it(`takes a real destination by ${method}, and hangs up on it`, async () => {
      const destination = await openDestination()
      const handoff = { ...desk, route: destination.uri, method }
      const { verdict, cause } = await played(shop([handoff]), { destination: 'real' })
      await destination.close()

      assert.equal(verdict, 'passed', cause)
      assert.match(cause, said)
      assert.deepEqual(destination.received, told)
      assert.equal(destination.hungUp, true)
    })
  }

  it('bridges on a trunk that takes no REFER', async () => {
    const trunks = [{ name: 'carrier', peers: ['127.0.0.0/8'], refer: false }]
    const { verdict, cause } = await played(shop([desk]), {}, {}, { trunks })

    assert.equal(verdict, 'passed', cause)
    assert.match(cause, /by INVITE/)
  })

  it('is admitted by its token, whatever the trunks are; a made-up token is refused', async () => {
    const trunks = [{ name: 'carrier', peers: ['192.0.2.0/24'] }]
    const baton = await serve(shop([desk]), {}, { trunks })
    const { verdict, cause } = await baton.app.rehearsals.rehearse({
      destination: 'synthetic',
      project: 'shop',
      environment: 'sandbox',
      handoff: 'desk',
    })
    const forged = await callWith(baton, [['X-Baton-Rehearsal', 'c2VzYW1l']])
    await baton.close()

    assert.equal(verdict, 'passed', cause)
    assert.equal(forged.status, 403)
  })

  it('lets a version through that must be rehearsed before it goes live', async () => {
    const baton = await serve(shop([desk], { require_rehearsal: ['live'] }))
    const actor = { who: 'test', from: 'test' }
    await assert.rejects(baton.app.routing.promote('shop', 'live', { version: 1 }, actor), /rehears/)
    const { verdict } = await baton.app.rehearsals.rehearse({
      destination: 'synthetic',
      project: 'shop',
      environment: 'sandbox',
      handoff: 'desk',
    })
    const promoted = await baton.app.routing.promote('shop', 'live', { version: 1 }, actor)
    await baton.close()

    assert.equal(verdict, 'passed')
    assert.equal(promoted.version, 1)
  })

  it('fails before a call when the real destination does not answer OPTIONS', async () => {
    const { verdict, cause, call } = await played(
      shop([{ ...desk, route: 'sip:desk@127.0.0.1:9;transport=tcp' }]),
      { destination: 'real' },
      { SIP_LISTEN: 'udp:127.0.0.1:0,tcp:127.0.0.1:0' },
    )

    assert.equal(verdict, 'failed')
    assert.match(cause, /127\.0\.0\.1:9.* cannot be reached: 503/)
    assert.equal(call, undefined)
  })

  it('says so when a number has no gateway to be called by', async () => {
    const { verdict, cause } = await played(shop([{ ...desk, route: '+14155550111' }]), { destination: 'real' })

    assert.equal(verdict, 'failed')
    assert.match(cause, /no gateways/)
  })

  it('needs a number that can be called', async () => {
    const project = shop([desk], { environments: { sandbox: { numbers: [], agents: ['sip:agent@127.0.0.1:9'] } } })

    await assert.rejects(played(project, {}), /sandbox of shop has no number/)
  })

  it('is broken off when Baton stops', async () => {
    const baton = await serve(shop([desk]))
    const rehearsal = baton.app.rehearsals.rehearse({
      destination: 'synthetic',
      project: 'shop',
      environment: 'sandbox',
      handoff: 'desk',
    })
    await baton.close()

    assert.equal((await rehearsal).verdict, 'failed')
  })
})

describe('rehearsals of versions and drafts', () => {
  const actor = { who: 'ann', from: 'test' }
  const night = { name: 'office', time_zone: 'UTC', weekly: { mon: ['09:00-17:00'] } }
  const project = shop(
    [
      { ...desk, schedule: 'office', when_closed: ['duty'] },
      { ...desk, name: 'duty', default: false },
    ],
    { require_rehearsal: ['live'] },
  )
  const table = (project as { table: { handoffs: object[] } }).table
  let baton: TestBaton
  const shared = { project: 'shop', environment: 'sandbox', destination: 'synthetic' } as const

  before(async () => {
    baton = await serve({ ...project, table: { ...table, schedules: [night] } })
  })
  after(() => baton.close())

  it('take the real destination unless told otherwise, and say so', async () => {
    const { verdict, cause, synthetic } = await baton.app.rehearsals.rehearse(
      { project: 'shop', environment: 'sandbox', handoff: 'desk' },
      actor,
    )
    assert.deepEqual([verdict, synthetic], ['failed', ['caller', 'agent']])
    assert.match(cause, /Synthetic: the caller and the agent; the destination was the real one\.$/)
  })

  it('prove a closed handoff itself, and at a moment what takes its place', async () => {
    // A switch is for callers, and concerns no rehearsal.
    const close = { handoff: 'desk', action: 'close', reason: '' } as const
    await baton.app.routing.switches.set('shop', 'sandbox', close, actor)
    const itself = await baton.app.rehearsals.rehearse({ ...shared, handoff: 'desk' }, actor)
    assert.deepEqual([itself.verdict, itself.call?.destination?.handoff ?? 'desk'], ['passed', 'desk'], itself.cause)
    const sunday = await baton.app.rehearsals.rehearse(
      { ...shared, handoff: 'desk', at: '2026-11-29T12:00:00Z' },
      actor,
    )
    assert.equal(sunday.verdict, 'passed', sunday.cause)
    assert.match(sunday.cause, /^At 2026-11-29T12:00:00Z desk gives way to duty\. The caller reached duty/)
    const monday = await baton.app.rehearsals.rehearse(
      { ...shared, handoff: 'desk', at: '2026-11-30T12:00:00Z' },
      actor,
    )
    assert.match(monday.cause, /^The caller reached desk/)
  })

  it('of the draft count for the version that is made of it; all of them are one line of history', async () => {
    const { routing, rehearsals } = baton.app
    await routing.putDraft(
      'shop',
      { schedules: [night], handoffs: [...table.handoffs, { ...desk, name: 'new', default: false }] },
      actor,
    )
    const before = (await routing.history('shop')).length
    const all = await rehearsals.rehearseAll({ ...shared, draft: true }, actor)
    assert.deepEqual([all.verdict, all.draft, all.rehearsals.length], ['passed', true, 3], all.cause)
    const [entry, ...earlier] = await routing.history('shop')
    assert.equal(earlier.length, before)
    assert.deepEqual(
      [entry?.action, entry?.who, entry?.environment, entry?.before, entry?.after, entry?.verdict],
      ['rehearse', 'ann', 'sandbox', 'draft', 'desk, duty, new', 'passed'],
    )
    const { version } = await routing.publish('shop', actor)
    await routing.promote('shop', 'live', { version }, actor)
  })

  it('that have failed are in the history, and prove nothing', async () => {
    const { routing, rehearsals } = baton.app
    const { verdict, cause } = await rehearsals.rehearseAll(
      { project: 'shop', environment: 'sandbox', version: 1 },
      actor,
    )
    assert.equal(verdict, 'failed')
    assert.equal(cause, '0 of 2 handoffs have passed; desk, duty failed.')
    const [entry] = await routing.history('shop')
    assert.deepEqual([entry?.before, entry?.verdict], [1, 'failed'])
  })
})
