import assert from 'node:assert/strict'

import type { CallView } from '../../server/legs/views.ts'
import { RawParty, type RawMessage } from '../harness/raw-party.ts'
import { freePort } from '../harness/ports.ts'
import { sharedBaton } from '../harness/shared-baton.ts'
import { stacks } from '../harness/stacks.ts'

const session = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n'
const number = '+14155552201'

/** What came of a transfer whose REFER, and every INVITE, is refused. */
interface Wire {
  referTo: string | undefined
  invites: { uri: string; to: string }[]
  evidence: string[]
  reason: string | undefined
}

for (const stack of stacks) {
  describe(`Numbers, as each trunk has them written (${stack.name})`, () => {
    let gateways: RawParty[] = []
    const ports: number[] = []
    const gateway = (at: number) => `127.0.0.1:${ports[at] ?? 0}`
    const baton = sharedBaton(async () => {
      for (let at = 0; at < 3; at++) ports[at] = await freePort()
      const trunks = [
        {
          ...{ name: 'carrier', peers: ['127.0.0.0/8'], refer_memory: 0 },
          ...{ number_format: 'without_plus', refer_to: 'sip_phone', default_country: 'US' },
          gateways: [`sip:${gateway(0)}`, `sip:${gateway(1)}`],
        },
        {
          ...{ name: 'domestic', peers: ['192.0.2.1'], number_format: 'national', default_country: 'US' },
          gateways: [`sip:${gateway(2)};transport=udp`],
        },
      ]

      return { stack, file: { trunks } }
    })
    let caller: RawParty
    let agent: RawParty
    before(async () => {
      caller = await RawParty.open(baton().sip())
      agent = await RawParty.open(baton().sip())
      gateways = await Promise.all(ports.map((port) => RawParty.open(baton().sip(), port)))
      const route = '+14155550111'
      await baton().project(
        {
          project: 'numbers',
          environments: { live: { numbers: [number], agents: [`sip:agent@${agent.address}`] } },
          table: {
            handoffs: [
              { name: 'plain', default: true, route },
              { name: 'own', route, number_format: 'prefix_00' },
              { name: 'tel', route: 'tel:+1-415-555-0111', number_format: 'as_written' },
              { name: 'domestic', route, trunk: 'domestic' },
              { name: 'abroad', route: '+442079460018', trunk: 'domestic' },
              { name: 'bridged', method: 'invite', route, trunk: 'domestic', number_format: 'e164' },
            ],
          },
        },
        { force: 'what one trunk cannot be sent, another one can' },
      )
    })
    after(() => {
      for (const party of [caller, agent, ...gateways]) party.close()
    })

    async function connected(): Promise<{ id: string; success: RawMessage }> {
      caller.invite(number, [], session)
      const invite = await agent.next(/^INVITE /)
      agent.respond(invite, '200 OK', ['Content-Type: application/sdp'], session)
      await agent.next(/^ACK /)
      const success = await caller.next(/^SIP\/2\.0 200 /)
      caller.ack(success, number)
      const { calls } = await baton().api<{ calls: { id: string }[] }>('GET', '/v1/calls?state=connected')

      return { id: calls[0]?.id ?? '', success }
    }

    async function hangUp(id: string): Promise<void> {
      await baton().api('POST', `/v1/calls/${id}/hangup`)
      for (const party of [caller, agent]) party.respond(await party.next(/^BYE /), '200 OK')
    }

    /** A transfer in a call of its own: 405 to its REFER, 503 to each of its INVITEs. */
    async function refused(handoff: string, hasRefer: boolean, called: number[]): Promise<Wire> {
      const { id } = await connected()
      const ended = baton().events.of('transfer.ended', id)
      await baton().api('POST', `/v1/calls/${id}/transfer`, { handoff })
      let refer: RawMessage | undefined
      if (hasRefer) {
        refer = await caller.next(/^REFER /)
        caller.respond(refer, '405 Method Not Allowed')
      }
      const invites: Wire['invites'] = []
      for (const at of called) {
        const party = gateways[at] ?? assert.fail('there is no such gateway')
        const sent = await party.next(/^INVITE /)
        invites.push({ uri: sent.startLine.split(' ')[1] ?? '', to: sent.header('To') })
        party.respond(sent, '503 Service Unavailable')
        await party.next(/^ACK /)
      }
      await ended
      const view = await baton().api<CallView>('GET', `/v1/calls/${id}`)
      await hangUp(id)
      const transfer = view.transfers.at(-1)

      return {
        referTo: refer?.header('Refer-To'),
        invites,
        evidence: transfer?.attempts.flatMap(({ evidence }) => evidence.map(({ what }) => what)) ?? [],
        reason: transfer?.reason,
      }
    }

    const at = (written: string, gatewaysAt: readonly number[], params = ''): Wire['invites'] =>
      gatewaysAt.map((each) => {
        const uri = `sip:${written}@${gateway(each)}${params};user=phone`

        return { uri, to: `<${uri}>` }
      })

    it('name the first gateway in Refer-To, and go to each gateway with its own host, Request-URI and To alike', async () => {
      const { referTo, invites, reason } = await refused('plain', true, [0, 1])
      assert.equal(referTo, `<sip:14155550111@${gateway(0)};user=phone>`)
      assert.deepEqual(invites, at('14155550111', [0, 1]))
      assert.equal(reason, 'unreachable')
    })

    it('name the next gateway where the caller’s side could not reach the one before', async () => {
      const { id, success } = await connected()
      const ended = baton().events.of('transfer.ended', id)
      await baton().api('POST', `/v1/calls/${id}/transfer`, { handoff: 'plain' })
      for (const [nth, status] of [
        [0, '503 Service Unavailable'],
        [1, '486 Busy Here'],
      ] as const) {
        const refer = await caller.next(/^REFER /)
        assert.equal(refer.header('Refer-To'), `<sip:14155550111@${gateway(nth)};user=phone>`)
        caller.respond(refer, '202 Accepted')
        const state = 'Subscription-State: terminated;reason=noresource'
        const notify = ['Event: refer', state, 'Content-Type: message/sipfrag']
        caller.inDialog(success, 'NOTIFY', 2 + nth, notify, `SIP/2.0 ${status}\r\n`)
        await caller.next(/^SIP\/2\.0 200 /)
      }
      await ended
      const { transfers } = await baton().api<CallView>('GET', `/v1/calls/${id}`)
      assert.deepEqual(
        transfers[0]?.attempts.map(({ method, reason }) => `${method} ${reason ?? ''}`),
        ['refer unreachable', 'refer busy'],
      )
      await hangUp(id)
    })

    it('are written as the handoff has it, where it says', async () => {
      const { referTo, invites } = await refused('own', true, [0, 1])
      assert.equal(referTo, `<sip:0014155550111@${gateway(0)};user=phone>`)
      assert.deepEqual(invites, at('0014155550111', [0, 1]))
    })

    it('stay as they are written, without visual separators, where the handoff says so', async () => {
      const { referTo, invites } = await refused('tel', true, [0, 1])
      assert.equal(referTo, `<sip:+14155550111@${gateway(0)};user=phone>`)
      assert.deepEqual(invites, at('+14155550111', [0, 1]))
    })

    it('are in the REFER as the caller’s trunk wants them, and in the INVITE as the handoff’s does', async () => {
      const { referTo, invites } = await refused('domestic', true, [2])
      assert.equal(referTo, `<sip:14155550111@${gateway(0)};user=phone>`)
      assert.deepEqual(invites, at('4155550111', [2], ';transport=udp'))
    })

    it('are written by the handoff on the trunk that it names', async () => {
      const { invites } = await refused('bridged', false, [2])
      assert.deepEqual(invites, at('+14155550111', [2], ';transport=udp'))
    })

    it('that the trunk has no form for are not sent to it, and it is said why', async () => {
      const { referTo, invites, evidence, reason } = await refused('abroad', true, [])
      assert.equal(referTo, `<sip:442079460018@${gateway(0)};user=phone>`)
      assert.deepEqual(invites, [])
      assert.equal(reason, 'number_format')
      assert.match(evidence.at(-1) ?? '', /^no INVITE: \+442079460018 is no national number of US: trunk domestic /)
    })
  })

  describe(`Numbers, in the Refer-To of a trunk that wants tel: (${stack.name})`, () => {
    const baton = sharedBaton({
      stack,
      file: {
        trunks: [
          {
            ...{ name: 'carrier', peers: ['127.0.0.0/8'], refer_memory: 0 },
            ...{ number_format: 'national', default_country: 'US', gateways: ['sip:gw.example'] },
          },
        ],
      },
    })
    let caller: RawParty
    let agent: RawParty
    before(async () => {
      caller = await RawParty.open(baton().sip())
      agent = await RawParty.open(baton().sip())
      const none = { fallback: 'none' }
      await baton().project(
        {
          project: 'numbers',
          environments: { live: { numbers: [number], agents: [`sip:agent@${agent.address}`] } },
          table: {
            handoffs: [
              { name: 'desk', default: true, route: '+442079460018', ...none, on_failure: ['next'] },
              { name: 'next', route: '+14155550111', ...none, on_failure: ['last'] },
              { name: 'last', route: '+14155550111', number_format: 'without_plus', ...none },
            ],
          },
        },
        { force: 'what one trunk cannot be sent, another one can' },
      )
    })
    after(() => {
      for (const party of [caller, agent]) party.close()
    })

    it('are in their context, and what has no form there gives way to the next handoff', async () => {
      caller.invite(number, [], session)
      agent.respond(await agent.next(/^INVITE /), '200 OK', ['Content-Type: application/sdp'], session)
      await agent.next(/^ACK /)
      caller.ack(await caller.next(/^SIP\/2\.0 200 /), number)
      const { calls } = await baton().api<{ calls: { id: string }[] }>('GET', '/v1/calls?state=connected')
      const id = calls[0]?.id ?? ''
      const ended = baton().events.of('transfer.ended', id)
      await baton().api('POST', `/v1/calls/${id}/transfer`, { handoff: 'desk' })
      for (const uri of ['tel:4155550111;phone-context=+1', 'tel:14155550111;phone-context=gw.example']) {
        const refer = await caller.next(/^REFER /)
        assert.equal(refer.header('Refer-To'), `<${uri}>`)
        caller.respond(refer, '404 Not Found')
      }
      await ended
      const { transfers } = await baton().api<CallView>('GET', `/v1/calls/${id}`)
      assert.deepEqual(
        transfers[0]?.attempts.map(({ handoff, reason }) => `${handoff} ${reason ?? ''}`),
        ['desk number_format', 'next refer_refused', 'last refer_refused'],
      )
      await baton().api('POST', `/v1/calls/${id}/hangup`)
      for (const party of [caller, agent]) party.respond(await party.next(/^BYE /), '200 OK')
    })
  })
}
