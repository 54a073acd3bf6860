import assert from 'node:assert/strict'
import type { CallView } from '../../server/legs/views.ts'
import { Baton } from '../harness/baton.ts'
import { RawParty, type RawMessage } from '../harness/raw-party.ts'
import { RawPhone, rawSession } from '../harness/raw-call.ts'
import { stacks } from '../harness/stacks.ts'
import { until } from '../harness/until.ts'

const [embedded] = stacks
const adminToken = 'open-sesame'
const [ours, others] = ['4930987654321', '4930111222333']
const dialled = { hotel: '+14155550199', spa: '+14155550188' }

interface Described {
  paths: Record<string, { get?: unknown }>
}

describe('the numbers of callers', function () {
  this.timeout(120_000)
  let baton: Baton
  const parties: { close: () => void }[] = []

  before(async () => {
    assert.ok(embedded)
    baton = await Baton.start({
      stack: embedded,
      env: { ADMIN_TOKEN: adminToken },
    })
  })
  after(async () => {
    for (const party of parties) party.close()
    await baton.stop()
  })

  const ask = async (path: string, token: string, accept = '*/*', method = 'GET', body?: object) => {
    const answer = await fetch(`${baton.http}${path}`, {
      ...{ method, headers: { authorization: `Bearer ${token}`, accept, 'content-type': 'application/json' } },
      ...(body && { body: JSON.stringify(body) }),
    })

    return { status: answer.status, text: Buffer.from(await answer.arrayBuffer()).toString('latin1') }
  }
  const send = async <T>(method: string, path: string, body: object): Promise<T> => {
    const { status, text } = await ask(path, adminToken, '*/*', method, body)
    assert.ok(status < 300, `${method} ${path} ${text}`)

    return JSON.parse(text) as T
  }
  const tokenOf = async (role: string, projects?: string[], projectRoles?: Record<string, string>) =>
    (
      await send<{ token: string }>('POST', '/v1/tokens', {
        name: [role, ...(projects ?? []), ...Object.keys(projectRoles ?? {})].join('-'),
        ...{ role, projects, projectRoles },
      })
    ).token
  const setUp = async (project: keyof typeof dialled, agent: string) => {
    const handoffs = [
      {
        ...{ name: 'front-desk', default: true, method: 'refer', route: 'sip:desk@127.0.0.1:9', notify_timeout: 1 },
        headers: { 'X-Caller': '$caller_id', 'X-Key': 'acct-${caller_id}7', 'X-In': '${header.X-National}' },
      },
    ]
    const environments = { live: { numbers: [dialled[project]], agents: [`sip:agent@${agent}`] } }
    await send('PUT', `/v1/projects/${project}`, { project, environments, table: { handoffs } })
    await send('POST', `/v1/projects/${project}/versions`, { message: 'first' })
    const promoted = { version: 1, message: 'first', force: 'no one listens there' }
    await send('POST', `/v1/projects/${project}/environments/live/promote`, promoted)
  }
  /** A caller whose number stands in each header that may have it, in each way of writing it. */
  const call = async (digits: string, number: string, agent: RawPhone) => {
    const party = await RawParty.open(baton.sip())
    parties.push(party)
    const { address } = party
    party.send(
      [
        `INVITE sip:${number}@${baton.sip()} SIP/2.0`,
        `Via: SIP/2.0/UDP ${address};branch=z9hG4bK${digits};rport`,
        `From: "Guest ${digits.slice(2, 5)} ${digits.slice(5)}" <sip:+${digits}@${address}>;tag=a`,
        `To: <sip:${number}@${baton.sip()}>`,
        ...[`Call-ID: call-of-${digits}`, 'CSeq: 1 INVITE', 'Max-Forwards: 70', 'Content-Type: application/sdp'],
        `Contact: <sip:+${digits}@${address}>`,
        `P-Asserted-Identity: <tel:+${digits.slice(0, 4)}-${digits.slice(4)}>`,
        `Remote-Party-ID: <sip:00${digits}@${address}>`,
        `X-National: 0${digits.slice(2)}`,
      ],
      rawSession(Number(address.split(':')[1])),
    )
    const invite = await agent.invited()
    await agent.answer(invite)
    const ok = await party.next(/^SIP\/2\.0 200 /)
    party.inDialog(ok, 'ACK', 1)

    return { party, ok }
  }
  const notify = (party: RawParty, ok: RawMessage, digits: string): void => {
    const headers = [
      'Event: refer',
      'Subscription-State: terminated;reason=noresource',
      'Content-Type: message/sipfrag',
    ]
    party.inDialog(ok, 'NOTIFY', 2, headers, `SIP/2.0 486 Busy for ${digits}`)
  }
  const callsFor = async (token: string) =>
    (JSON.parse((await ask('/v1/calls', token)).text) as { calls: CallView[] }).calls
  /** All events since the start, as that token sees them. */
  const eventsFor = async (token: string): Promise<string> => {
    const closing = new AbortController()
    const { body } = await fetch(`${baton.http}/v1/events?lastEventId=0`, {
      ...{ signal: closing.signal, headers: { authorization: `Bearer ${token}` } },
    })
    let text = ''
    assert.ok(body)
    for await (const part of body.pipeThrough(new TextDecoderStream())) {
      text += part
      if (text.includes('event: call.answered\ndata: {"project":"spa"')) break
    }
    closing.abort()

    return text
  }

  it('are in no answer to a viewer, and those of other projects in none to people who have one, or are operators in one', async () => {
    const agent = await RawPhone.open(baton.sip())
    parties.push(agent.party)
    await setUp('hotel', agent.party.address)
    await setUp('spa', agent.party.address)
    const [viewer, operator] = [await tokenOf('viewer'), await tokenOf('operator')]
    const limited = await tokenOf('admin', ['spa'])
    const operatorOfSpa = await tokenOf('viewer', undefined, { spa: 'operator' })

    const { party, ok } = await call(ours, dialled.hotel, agent)
    const id = await until('the call is up', async () => {
      const calls = await callsFor(operator)

      return calls[0]?.state === 'connected' && calls[0].id
    })
    const transfer = { handoff: 'front-desk', reason: `call back at +${ours}`, headers: { 'X-More': ours } }
    assert.equal((await ask(`/v1/calls/${id}/transfer`, operator, '*/*', 'POST', transfer)).status, 202)
    party.respond(await party.next(/^REFER /), '202 Accepted')
    notify(party, ok, ours)
    await baton.events.of('transfer.ended', id)
    const refused = { ...transfer, headers: { 'not a header': ours } }
    assert.equal((await ask(`/v1/calls/${id}/transfer`, operator, '*/*', 'POST', refused)).status, 422)
    party.inDialog(ok, 'BYE', 3, [`Reason: SIP;cause=200;text="${ours} has gone"`])
    await baton.events.of('call.ended', id)
    await call(others, dialled.spa, agent)
    const { callId } = await baton.events.when(
      'call of the spa',
      ({ type, project }) => type === 'call.answered' && project === 'spa',
    )
    assert.ok(callId)

    // Whatever the OpenAPI document has, with each form of its answers.
    const { paths } = JSON.parse((await ask('/docs/json', operator)).text) as Described
    const filled = Object.entries(paths)
      .filter(([path, { get }]) => get !== undefined && path !== '/v1/events')
      .map(([path]) =>
        path
          .replace(
            /\{(project|environment|call)\}/g,
            (_, name: string) => ({ project: 'hotel', environment: 'live' })[name] ?? id,
          )
          .replace(/\{handoff\}/, 'front-desk')
          .replace(/\{\w+\}/g, '1'),
      )
      .flatMap((path) => (path === '/v1/history' ? [path, `${path}?format=csv`, `${path}?format=ndjson`] : [path]))
    const answersFor = async (token: string): Promise<Map<string, string>> => {
      const answers = new Map([['/v1/events', await eventsFor(token)]])
      for (const path of filled) {
        for (const accept of ['*/*', 'text/plain', 'text/csv']) {
          answers.set(`${path} as ${accept}`, (await ask(path, token, accept)).text)
        }
      }

      return answers
    }
    /** The answers that have the last digits of a number, however it is written. */
    const having = (answers: Map<string, string>, digits: string) =>
      [...answers].filter(([, text]) => text.replace(/[ ().-]/g, '').includes(digits.slice(-7))).map(([path]) => path)
    const seen = having(await answersFor(operator), ours)
    for (const path of ['', '/ladder', '/pcap'].map((part) => `/v1/calls/${id}${part} as */*`)) {
      assert.ok(seen.includes(path), path)
    }
    for (const path of ['/v1/events', '/v1/calls as */*', '/v1/calls as text/csv', '/v1/calls.csv as */*']) {
      assert.ok(seen.includes(path), path)
    }

    const shown = await answersFor(viewer)
    assert.deepEqual([...having(shown, ours), ...having(shown, others)], [])
    assert.ok(shown.get(`/v1/calls/${id} as */*`)?.includes(`+***********${ours.slice(-2)}`))
    const mixed = await answersFor(operatorOfSpa)
    assert.deepEqual(having(mixed, ours), [])
    assert.ok(having(mixed, others).includes('/v1/calls as */*'))
    const ofSpa = await callsFor(limited)
    assert.deepEqual(
      ofSpa.map(({ caller }) => caller.number),
      [`+${others}`],
    )
    assert.equal((await ask(`/v1/calls/${id}/ladder`, limited)).status, 403)
    const forSpa = await answersFor(limited)
    assert.deepEqual(having(forSpa, ours), [])
    const naming = [...forSpa].filter(([, text]) => text.includes('"hotel') || /\bhotel live\b/.test(text))
    assert.deepEqual(
      naming.map(([path]) => path),
      [],
    )
  })
})
