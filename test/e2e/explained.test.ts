import assert from 'node:assert/strict'
import fc from 'fast-check'

import type { CallView, LadderView } from '../../server/legs/views.ts'
import type { Baton } from '../harness/baton.ts'
import { freePort } from '../harness/ports.ts'
import { RawParty, type RawMessage } from '../harness/raw-party.ts'
import { sharedBaton } from '../harness/shared-baton.ts'
import { stacks } from '../harness/stacks.ts'

interface Message {
  handoff: string
  method: string
  to: 'caller' | 'destination'
  text: string
  bytes: number
}

interface Explained {
  attempts: { handoff: string; messages: Message[] }[]
  warnings: { code: string }[]
}

const session = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n'

/** What only the real call can know. */
const unknown: [RegExp, string][] = [
  [/branch=z9hG4bK[^;\r\n]+/g, 'branch='],
  [/;tag=[^\r\n;]+/g, ';tag='],
  [/^Call-ID: .*$/m, 'Call-ID: '],
  [/^CSeq: \d+/m, 'CSeq: '],
  [/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'uuid'],
  [/(127\.0\.0\.\d+):\d+/g, '$1:port'],
]

/** Of the id of its context, `explain` knows the length alone; User-to-User has it in hexadecimal. */
const withContextId = (text: string, id: string): string => {
  const hex = (of: string): string => Buffer.from(of).toString('hex').toUpperCase()

  return text.replaceAll(explainedId, id).replaceAll(hex(explainedId), hex(id))
}
const explainedId = 'id-of-the-context-here'
const comparable = (text: string): string => unknown.reduce((now, [from, to]) => now.replace(from, to), text)

/** The trunks differ in where their callers are: each has an address of its own. */
const hosts = ['127.0.0.1', '127.0.0.2', '127.0.0.3', '127.0.0.4', '127.0.0.5'] as const
const gatewayCount = 3

const anyText = fc.string({
  unit: fc.constantFrom('a', 'b', ' ', 'é', '"', '<', ';', '&', '%', '?', '=', ',', '+', '日'),
  maxLength: 8,
})
const uris = ['sip:desk@DESK', 'sip:desk@DESK;user=phone', '+14155550111', 'tel:+1-415-555-0112', '+442079460018']
const optional = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: undefined })
const identity = optional(fc.constantFrom('as_is', 'dialled', 'none', '+14155550144', 'sip:main@example.com'))

const anyHandoffs = fc
  .array(
    fc.record(
      {
        method: fc.constantFrom('refer', 'refer', 'invite', 'bye'),
        route: fc.constantFrom(...uris),
        fallback: fc.constantFrom('invite', 'invite', 'none'),
        headers: fc.dictionary(
          fc.constantFrom('X-A', 'X-Name', 'X-B', 'Subject', 'Referred-By'),
          fc.constantFrom('$caller_id', 'a-${header.X-In}', '$text', '$handoff/$environment/$version', '<sip:me@b.c>'),
        ),
        headers_in: fc.constantFrom('request', 'refer_to', 'both'),
        number_format: optional(fc.constantFrom('e164', 'without_plus', 'national', 'prefix_00', 'as_written')),
        trunk: optional(fc.constantFrom('plain', 'held', 'phones')),
        user_to_user: optional(fc.record({ value: fc.constantFrom('n=$text', 'id=$caller_id') })),
        profile: optional(fc.constantFrom('genesys', 'avaya', 'twilio', 'teams')),
        caller_id: optional(
          fc.record({ from: optional(fc.constantFrom('as_is', 'dialled', '+14155550144')), diversion: identity }),
        ),
      },
      { requiredKeys: ['method', 'route'] },
    ),
    { minLength: 1, maxLength: 3 },
  )
  .map((list) =>
    list.map(({ route, ...handoff }, at) => ({
      ...handoff,
      ...(handoff.method !== 'bye' && { route }),
      name: `desk-${at}`,
      default: at === 0,
      on_failure: at + 1 < list.length && handoff.method !== 'bye' ? [`desk-${at + 1}`] : [],
    })),
  )

const trial = fc.record({
  handoffs: anyHandoffs,
  host: fc.constantFrom(...hosts.slice(0, 4)),
  account: anyText,
  inbound: fc.record(
    {
      'X-In': fc.constantFrom('gold', 'a "b" <c>', 'Zoë'),
      'P-Asserted-Identity': fc.constantFrom('"Ann" <sip:+14155550199@127.0.0.9>'),
      Diversion: fc.constantFrom('<sip:+14155550100@127.0.0.9>;reason=user-busy'),
      'Max-Forwards': fc.constantFrom('70', '12'),
    },
    { requiredKeys: [] },
  ),
  headers: optional(fc.dictionary(fc.constantFrom('X-A', 'X-Own'), fc.constantFrom('mine', 'é', ''))),
})

type Trial = typeof trial extends fc.Arbitrary<infer T> ? T : never

class Wire {
  readonly #baton: Baton
  readonly #agent: RawParty
  readonly #callers: ReadonlyMap<string, RawParty>
  readonly #destinations: ReadonlyMap<string, RawParty>
  #count = 0

  constructor(baton: Baton, agent: RawParty, callers: RawParty[], destinations: RawParty[]) {
    this.#baton = baton
    this.#agent = agent
    this.#callers = new Map(callers.map((party) => [party.address.split(':')[0] ?? '', party]))
    this.#destinations = new Map(destinations.map((party) => [party.address, party]))
  }

  /** Explains a transfer and makes it, and compares each message. */
  async compare({ handoffs, host, account, inbound, headers }: Trial): Promise<number> {
    const number = `+1415555${String(3000 + ++this.#count)}`
    const project = `explained-${this.#count}`
    const desk = [...this.#destinations.keys()].at(-1) ?? ''
    const file = {
      project,
      environments: { live: { numbers: [number], agents: [`sip:agent@${this.#agent.address}`] } },
      table: { handoffs: JSON.parse(JSON.stringify(handoffs).replaceAll('DESK', desk)) as object },
    }
    await this.#baton.project(file, { force: 'what cannot be called is explained, too' })
    const caller = this.#callers.get(host) ?? assert.fail('there is no such caller')
    const asked = { handoff: 'desk-0', headers, variables: { text: account } }
    const call = {
      ...{ from: `<sip:+14155550123@${caller.address}>`, contact: `<sip:${caller.address}>`, called: number },
      ...{ headers: inbound, sdp: session, trunk: trunkAt[host] },
    }
    const explained = await this.#baton.api<Explained>('POST', `/v1/projects/${project}/explain`, {
      ...{ environment: 'live', call, ...asked },
    })
    const { id } = await this.#connected(caller, number, inbound)
    const { contextId = '' } = await this.#baton.api<{ contextId?: string }>('POST', `/v1/calls/${id}/transfer`, asked)
    const messages = explained.attempts
      .flatMap((attempt) => attempt.messages)
      .map((message) => ({ ...message, text: withContextId(message.text, contextId) }))
    for (const message of messages) await this.#expect(message, caller)
    await this.#baton.events.of('transfer.ended', id)
    await this.#end(id, caller, messages.at(-1)?.method === 'bye')
    await this.#expectLadder(id, messages)

    return messages.length
  }

  /** The methods that are explained before a caller's side has refused REFER, after that, and when it is forgotten. */
  async refused(host: keyof typeof trunkAt): Promise<Record<'before' | 'after' | 'later', string[]>> {
    const caller = this.#callers.get(host) ?? assert.fail('there is no such caller')
    const [number, desk] = ['+14155553999', [...this.#destinations.keys()].at(-1) ?? '']
    await this.#baton.project({
      project: 'refused',
      environments: { live: { numbers: [number], agents: [`sip:agent@${this.#agent.address}`] } },
      table: { handoffs: [{ name: 'desk', default: true, route: `sip:desk@${desk}` }] },
    })
    const explained = async (inMinutes = 0): Promise<string[]> => {
      const at = new Date(Date.now() + inMinutes * 60_000).toISOString()
      const question = { environment: 'live', handoff: 'desk', call: { trunk: trunkAt[host] }, at }
      const { attempts, warnings } = await this.#baton.api<Explained>('POST', '/v1/projects/refused/explain', question)
      const methods = attempts.flatMap(({ messages }) => messages.map(({ method }) => method))
      const isRemembered = warnings.some(({ code }) => code === 'refer_remembered')
      assert.equal(isRemembered, !methods.includes('refer'))

      return methods
    }
    const before = await explained()
    const { id } = await this.#connected(caller, number, {})
    await this.#baton.api('POST', `/v1/calls/${id}/transfer`, { handoff: 'desk' })
    caller.respond(await caller.next(/^REFER /), '405 Method Not Allowed')
    const party = this.#destinations.get(desk) ?? assert.fail('there is no desk')
    party.respond(await party.next(/^INVITE /), '503 Service Unavailable')
    await this.#baton.events.of('transfer.ended', id)
    await this.#end(id, caller, false)

    return { before, after: await explained(), later: await explained(11) }
  }

  async #expect(message: Message, caller: RawParty): Promise<void> {
    const { method, to, text, bytes } = message
    const start = text.slice(0, text.indexOf('\r\n'))
    assert.equal(bytes, text.length)
    const hop = /@([\d.]+:\d+)/.exec(start)?.[1] ?? ''
    const party = to === 'caller' ? caller : (this.#destinations.get(hop) ?? assert.fail(start))
    const sent: RawMessage = await party.next(new RegExp(`^${method.toUpperCase()} `))
    assert.equal(comparable(sent.text), comparable(text))
    if (method === 'bye') party.respond(sent, '200 OK')
    else if (to === 'destination') {
      party.respond(sent, '503 Service Unavailable')
      await party.next(/^ACK /)
    } else if (method === 'invite') await this.#agree(caller, sent)
    else {
      party.respond(sent, '500 Server Internal Error')
      // Off hold again, since it is not moved.
      if (isHeld(party)) await this.#agree(caller, await party.next(/^INVITE /))
    }
  }

  async #agree(caller: RawParty, reinvite: RawMessage): Promise<void> {
    caller.respond(reinvite, '200 OK', ['Content-Type: application/sdp'], session)
    await caller.next(/^ACK /)
  }

  async #connected(caller: RawParty, number: string, inbound: object): Promise<CallView> {
    const lines = Object.entries(inbound).map(([name, value]) => `${name}: ${String(value)}`)
    const hops = 'Max-Forwards' in inbound ? [] : ['Max-Forwards: 70']
    caller.invite(number, [...hops, ...lines, 'Content-Type: application/sdp'], session)
    const invite = await this.#agent.next(/^INVITE /)
    this.#agent.respond(invite, '200 OK', ['Content-Type: application/sdp'], session)
    await this.#agent.next(/^ACK /)
    caller.ack(await caller.next(/^SIP\/2\.0 200 /), number)
    const { calls } = await this.#baton.api<{ calls: CallView[] }>('GET', '/v1/calls?state=connected')

    return calls[0] ?? assert.fail('there is no call')
  }

  async #end(id: string, caller: RawParty, isReturned: boolean): Promise<void> {
    if (!isReturned) {
      await this.#baton.api('POST', `/v1/calls/${id}/hangup`)
      caller.respond(await caller.next(/^BYE /), '200 OK')
    }
    this.#agent.respond(await this.#agent.next(/^BYE /), '200 OK')
  }

  async #expectLadder(id: string, messages: readonly Message[]): Promise<void> {
    const ladder = await this.#baton.api<LadderView>('GET', `/v1/calls/${id}/ladder`)
    const sent = ladder.messages.filter(({ direction }) => direction === 'out').map((each) => comparable(each.text))
    // Bytes on the wire, text in the ladder.
    for (const { text } of messages) {
      const read = Buffer.from(text, 'latin1').toString()
      assert.ok(sent.includes(comparable(read)), text)
    }
  }
}

const trunkAt = {
  ...{ '127.0.0.1': 'plain', '127.0.0.2': 'held', '127.0.0.3': 'bridged', '127.0.0.4': 'phones' },
  '127.0.0.5': 'forgetful',
}

function isHeld({ address }: RawParty): boolean {
  return address.startsWith('127.0.0.2:')
}

for (const stack of stacks.filter(({ isOriginal }) => !isOriginal)) {
  describe(`What explain says (${stack.name})`, () => {
    const ports: number[] = []
    const gateway = (at: number) => `sip:127.0.0.1:${ports[at] ?? 0}`
    const baton = sharedBaton(async () => {
      for (let at = 0; at <= gatewayCount; at++) ports[at] = await freePort()
      const us = { default_country: 'US', refer_memory: 0 }
      const two = { gateways: [gateway(0), gateway(1)] }
      const trunks = [
        { name: 'plain', peers: ['127.0.0.1'], ...us, ...two },
        {
          ...{ name: 'held', peers: ['127.0.0.2'], ...us, hold_before_refer: true, number_format: 'national' },
          ...{ gateways: [`${gateway(2)};transport=udp`], session_expires: 1800 },
        },
        { name: 'bridged', peers: ['127.0.0.3'], ...us, ...two, refer: false, number_format: 'prefix_00' },
        {
          ...{ name: 'phones', peers: ['127.0.0.4'], ...us, ...two, refer_to: 'sip_phone' },
          ...{ number_format: 'without_plus', header_limits: { count: 3, bytes_each: 200, bytes_total: 500 } },
        },
        { name: 'forgetful', peers: ['127.0.0.5'], refer_memory: 600 },
      ]

      return { stack, file: { trunks }, env: { SIP_LISTEN: 'udp:127.0.0.1:0' } }
    })
    const parties: RawParty[] = []
    let wire: Wire
    before(async () => {
      const at = baton().sip()
      const agent = await RawParty.open(at)
      const callers = await Promise.all(hosts.map((host) => RawParty.open(at, 0, host)))
      const destinations = await Promise.all(ports.map((port) => RawParty.open(at, port)))
      parties.push(agent, ...callers, ...destinations)
      wire = new Wire(baton(), agent, callers, destinations)
    })
    after(() => {
      for (const party of parties) party.close()
    })

    it('is, but for what only the call can know, what is sent: every REFER, INVITE and BYE of any transfer', async function () {
      this.timeout(120_000)
      let compared = 0
      const property = fc.asyncProperty(trial, async (one) => {
        compared += await wire.compare(one)
      })
      await fc.assert(property, { numRuns: stack.tellsAll ? 40 : 15, endOnFailure: true })
      assert.ok(compared > 10, `${compared} messages`)
    })

    it('knows that the trunk has refused REFER, for as long as that is remembered', async () => {
      const { before, after, later } = await wire.refused('127.0.0.5')
      assert.deepEqual(before, ['refer', 'invite'])
      assert.deepEqual(after, ['invite'])
      assert.deepEqual(later, ['refer', 'invite'])
    })
  })
}
