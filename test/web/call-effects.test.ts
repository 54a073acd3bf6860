import assert from 'node:assert/strict'
import type { Locator, Page } from 'playwright-core'
import type { CallView } from '../../server/legs/views.ts'
import { freePort } from '../harness/ports.ts'
import { RawPhone } from '../harness/raw-call.ts'
import { json, HttpEndpoint } from '../harness/http-endpoint.ts'
import { until } from '../harness/until.ts'
import { accessibilityProblems } from './browser.ts'
import { Hotel, promote, publish, sandboxNumber } from './hotel.ts'

describe('what an operator does on the pages changes calls', function () {
  let gatewayPorts: number[] = []
  const hotel = Hotel.of(this, async () => {
    gatewayPorts = [await freePort(), await freePort()]
    const gateways = gatewayPorts.map((port) => `sip:127.0.0.1:${port}`)

    return {
      trunks: [
        { name: 'local', peers: ['127.0.0.0/8'], refer_memory: 3600 },
        { name: 'carrier', peers: ['192.0.2.1'], gateways },
      ],
    }
  })
  const phones: RawPhone[] = []

  afterEach(() => {
    for (const phone of phones.splice(0)) phone.close()
  })

  const newPhone = async (port?: number): Promise<RawPhone> => {
    const phone = await RawPhone.open(hotel.baton.sip(), port)
    phones.push(phone)

    return phone
  }
  const serve = (agents: readonly RawPhone[], handoffs: readonly object[], settings: object = {}) =>
    hotel.baton.project({
      project: 'hotel',
      adhoc_hosts: ['127.0.0.1'],
      environments: {
        sandbox: { numbers: [sandboxNumber], agents: agents.map(({ uri }) => uri), ...settings },
      },
      table: { handoffs },
    })
  /** A new caller, answered by this agent: the call is up. */
  const connected = async (agent: RawPhone): Promise<{ caller: RawPhone; id: string }> => {
    const caller = await newPhone()
    caller.call(sandboxNumber)
    await agent.answer(await agent.invited())
    await caller.answered()
    const { callId: id = '' } = await hotel.baton.events.of('call.answered', caller.callId)

    return { caller, id }
  }
  const hangUp = async (caller: RawPhone, far: RawPhone): Promise<void> => {
    const told = far.takes('BYE')
    await caller.ask('BYE')
    await told
    await hotel.baton.events.of('call.ended', caller.callId)
  }
  /** A call that begins and ends, answered by this agent alone. */
  const callTakenBy = async (agent: RawPhone): Promise<CallView> => {
    const { caller, id } = await connected(agent)
    await hangUp(caller, agent)

    return hotel.baton.call(id)
  }
  const desk = { name: 'desk', default: true, method: 'invite' }
  const cardOf = (page: Page, { port }: RawPhone): Locator =>
    page.getByRole('article', { name: `udp:127.0.0.1:${port}` })
  const state = (card: Locator, text: string) => card.getByText(text, { exact: true }).waitFor()

  it('an agent that is disabled or drained gets no more calls, keeps those that it has, and is called again once enabled', async () => {
    const [first, second] = [await newPhone(), await newPhone()]
    await serve([first, second], [{ ...desk, route: second.uri }])
    const page = await hotel.pages.open('/trunks')
    const card = cardOf(page, first)
    const press = (command: string) => card.getByRole('button', { name: `${command} ${first.uri}` }).click()
    const enable = async () => {
      const asked = first.takes('OPTIONS')
      await press('Enable')
      await asked
      await state(card, 'Up')
    }
    const { caller, id } = await connected(first)
    await card.getByText('1 call now').waitFor()
    await press('Drain')
    await state(card, 'Draining')
    assert.equal((await callTakenBy(second)).tried?.[0]?.reason, 'target_down')
    assert.equal((await hotel.baton.call(id)).state, 'connected')
    await hangUp(caller, first)
    await card.getByText('0 calls now').waitFor()
    await enable()
    assert.equal((await callTakenBy(first)).agent.uri, first.uri)

    await press('Disable')
    const dialog = page.getByRole('dialog', { name: `Disable ${first.uri}` })
    await dialog.getByRole('button', { name: 'Disable' }).click()
    await state(card, 'Disabled')
    assert.equal((await callTakenBy(second)).tried?.[0]?.reason, 'target_down')
    await enable()
    assert.equal((await callTakenBy(first)).agent.uri, first.uri)
  })

  it('an agent that is down and answers a probe is up, and has the next call', async () => {
    const [first, second] = [await newPhone(), await newPhone()]
    const probe = { interval: 600, timeout: 0.5, down_after: 1, up_after: 1 }
    const answering = second.takes('OPTIONS')
    await serve([first, second], [{ ...desk, route: second.uri }], { probe })
    const page = await hotel.pages.open('/trunks')
    const card = cardOf(page, first)
    await first.next(/^OPTIONS /)
    await state(card, 'Down')
    await answering
    assert.equal((await callTakenBy(second)).tried?.[0]?.reason, 'target_down')
    const asked = first.takes('OPTIONS')
    await card.getByRole('button', { name: `Probe ${first.uri}` }).click()
    await asked
    await state(card, 'Up')
    assert.equal((await callTakenBy(first)).agent.uri, first.uri)
  })

  it('a gateway that is disabled or drained gets no more calls, and has them again once enabled', async () => {
    const [agent, first, second] = [await newPhone(), await newPhone(gatewayPorts[0]), await newPhone(gatewayPorts[1])]
    await serve([agent], [{ ...desk, trunk: 'carrier', route: '+14155550177' }])
    const page = await hotel.pages.open('/trunks')
    const card = cardOf(page, first)
    const named = `sip:127.0.0.1:${first.port}`
    const press = (command: string) => card.getByRole('button', { name: `${command} ${named}` }).click()
    /** A call whose person is reached by this gateway; gives what is noted of gateways that were passed over. */
    const handedOverBy = async (gateway: RawPhone): Promise<string[]> => {
      const { caller, id } = await connected(agent)
      await hotel.baton.api('POST', `/v1/calls/${id}/transfer`, { handoff: 'desk' })
      await gateway.answer(await gateway.invited())
      caller.respond(await caller.next(/^INVITE /), '200 OK', { body: caller.session })
      await agent.takes('BYE')
      await hotel.baton.events.of('transfer.ended', id)
      await hangUp(caller, gateway)
      const { transfers } = await hotel.baton.call(id)
      const [attempt] = transfers[0]?.attempts ?? []
      assert.equal(attempt?.result, 'succeeded')

      return attempt.evidence.flatMap(({ what }) => (what.includes(named) && !what.startsWith('INVITE') ? [what] : []))
    }
    const enable = async () => {
      const asked = first.takes('OPTIONS')
      await press('Enable')
      await asked
      await state(card, 'Up')
    }
    assert.deepEqual(await handedOverBy(first), [])
    await press('Drain')
    await state(card, 'Draining')
    assert.equal((await handedOverBy(second)).length, 1)
    await enable()
    assert.deepEqual(await handedOverBy(first), [])

    await press('Disable')
    const dialog = page.getByRole('dialog', { name: `Disable ${named}` })
    await dialog.getByRole('button', { name: 'Disable' }).click()
    await state(card, 'Disabled')
    assert.equal((await handedOverBy(second)).length, 1)
    await enable()
    assert.deepEqual(await handedOverBy(first), [])
  })

  it('an endpoint that a handoff is given decides where the next caller goes', async () => {
    const [agent, written, decided] = [await newPhone(), await newPhone(), await newPhone()]
    const endpoint = await HttpEndpoint.start({ route: json({ route: decided.uri }) })
    await serve([agent], [{ ...desk, route: written.uri }])
    const page = await hotel.pages.open('/handoffs')
    await page.getByRole('article', { name: 'desk' }).getByRole('button', { name: 'Edit' }).click()
    const dialog = page.getByRole('dialog', { name: 'Edit handoff' })
    await dialog.getByRole('button', { name: 'Advanced' }).click()
    const url = dialog.getByLabel('URL', { exact: true })
    await url.fill('crm.example.com')
    await dialog.getByLabel('Wait for its answer (seconds)').fill('30')
    for (const field of [url, dialog.getByLabel('Wait for its answer (seconds)')]) {
      await until('the field says what is wrong', async () => (await field.getAttribute('aria-invalid')) === 'true')
    }
    await url.fill(endpoint.url('route'))
    await dialog.getByLabel('Wait for its answer (seconds)').fill('2')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await dialog.waitFor({ state: 'detached' })
    await publish(page, 'asks the CRM')
    await promote(page, 'Sandbox')
    const { caller, id } = await connected(agent)
    await hotel.baton.api('POST', `/v1/calls/${id}/transfer`, { handoff: 'desk', reason: 'a refund' })
    await decided.answer(await decided.invited())
    caller.respond(await caller.next(/^INVITE /), '200 OK', { body: caller.session })
    await agent.takes('BYE')
    await hotel.baton.events.of('transfer.ended', id)
    await hangUp(caller, decided)
    const [{ body } = { body: '' }] = endpoint.asked
    assert.ok(body.includes('a refund'), body)
    await endpoint.close()
  })

  it('a trunk whose refusal of REFER is forgotten is sent a REFER again', async () => {
    const [agent, person] = [await newPhone(), await newPhone()]
    await serve([agent], [{ ...desk, method: 'refer', route: person.uri }])
    const ask = (id: string) => hotel.baton.api('POST', `/v1/calls/${id}/transfer`, { handoff: 'desk' })
    /** The person answers, and the caller's session is renewed. */
    const bridged = async (caller: RawPhone, id: string) => {
      await person.answer(await person.invited())
      caller.respond(await caller.next(/^INVITE /), '200 OK', { body: caller.session })
      await agent.takes('BYE')
      await hotel.baton.events.of('transfer.ended', id)
      await hangUp(caller, person)
      const { transfers } = await hotel.baton.call(id)

      return transfers[0]?.attempts.map(({ method, result }) => [method, result])
    }
    const first = await connected(agent)
    await ask(first.id)
    first.caller.respond(await first.caller.next(/^REFER /), '405 Method Not Allowed')
    assert.deepEqual(await bridged(first.caller, first.id), [
      ['refer', 'failed'],
      ['invite', 'succeeded'],
    ])
    const second = await connected(agent)
    await ask(second.id)
    assert.deepEqual(await bridged(second.caller, second.id), [['invite', 'succeeded']])

    const page = await hotel.pages.open('/trunks')
    const trunk = page.getByRole('region', { name: 'local', exact: true })
    await trunk.getByText(/^REFER with 405 Method Not Allowed, remembered until /).waitFor()
    await trunk.getByRole('button', { name: 'Forget' }).click()
    await trunk.getByText(/remembered until/).waitFor({ state: 'detached' })
    const third = await connected(agent)
    await ask(third.id)
    third.caller.respond(await third.caller.next(/^REFER /), '202 Accepted')
    third.caller.notify('SIP/2.0 200 OK')
    await third.caller.released()
    await agent.takes('BYE')
    await hotel.baton.events.of('call.ended', third.id)
    const { transfers } = await hotel.baton.call(third.id)
    assert.deepEqual(
      transfers[0]?.attempts.map(({ method, result }) => [method, result]),
      [['refer', 'succeeded']],
    )
  })

  it("a call is handed over, copied as text and ended on the call's own page", async () => {
    const [agent, person] = [await newPhone(), await newPhone()]
    await serve([agent], [{ ...desk, route: person.uri }])
    const { caller, id } = await connected(agent)
    const page = await hotel.pages.open(`/p/hotel/calls/${id}`)
    await page.getByText('With the agent').waitFor()
    await page.getByRole('button', { name: 'Hand over' }).click()
    const dialog = page.getByRole('dialog', { name: 'Hand over' })
    await dialog.getByLabel('Reason').fill('asks for a person')
    await dialog.getByRole('button', { name: 'Hand over' }).click()
    await person.answer(await person.invited())
    caller.respond(await caller.next(/^INVITE /), '200 OK', { body: caller.session })
    await agent.takes('BYE')
    await page.getByText('With a person').waitFor()
    await page.getByRole('region', { name: 'Evidence' }).getByText('Transfer to desk').waitFor()
    assert.deepEqual(await accessibilityProblems(page), [])

    const arrows = page.getByRole('region', { name: 'Ladder' }).getByRole('button', { name: / → / })
    await arrows.filter({ hasText: 'INVITE' }).first().waitFor()
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await page.getByRole('button', { name: 'Copy as text' }).click()
    await page.getByRole('button', { name: 'Copied' }).waitFor()
    const text = String(await page.evaluate('navigator.clipboard.readText()'))
    assert.ok(text.startsWith(`${page.url()}\n\n`))
    assert.match(text, /Destination \S+ → \S+ \(udp\)\nSIP\/2\.0 200 OK\n/)

    await page.getByRole('button', { name: 'Hang up' }).click()
    const released = Promise.all([caller.takes('BYE'), person.takes('BYE')])
    await page.getByRole('dialog').getByRole('button', { name: 'Hang up' }).click()
    await released
    await page.getByText(/^Answered: /).waitFor()
    const { endedBy, reason, transfers } = await hotel.baton.call(id)
    assert.deepEqual([endedBy, reason], ['baton', 'hung_up_by_api'])
    assert.deepEqual(
      transfers.map(({ requestReason, result }) => [requestReason, result]),
      [['asks for a person', 'succeeded']],
    )
  })
})
