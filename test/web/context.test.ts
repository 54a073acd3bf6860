import assert from 'node:assert/strict'
import type { CallView } from '../../server/legs/views.ts'
import { Baton } from '../harness/baton.ts'
import { Crowd } from '../harness/crowd.ts'
import { needs } from '../harness/needs.ts'
import { stacks } from '../harness/stacks.ts'
import { accessibilityProblems, Pages, picture } from './browser.ts'
import { addPeople, signIn } from './people.ts'

const [embedded] = stacks
const number = '+14155550199'

describe('the page of a context, which a desktop opens with the call', function () {
  needs('chromium')
  this.timeout(60_000)
  let baton: Baton
  let agent: Crowd
  let caller: Crowd
  let contextId: string
  let call: CallView
  const pages = new Pages(() => baton)

  before(async () => {
    assert.ok(embedded)
    await pages.launch()
    ;[agent, caller] = [await Crowd.open(), await Crowd.open()]
    baton = await Baton.start({ stack: embedded })
    await baton.project({
      project: 'hotel',
      environments: { live: { numbers: [number], agents: [agent.uri] } },
      table: { handoffs: [{ name: 'front-desk', default: true, method: 'invite', route: 'sip:desk@127.0.0.1:9' }] },
    })
    await caller.call(1, number, baton.sip())
    const { calls } = await baton.api<{ calls: CallView[] }>('GET', '/v1/calls?state=live')
    ;[call = assert.fail()] = calls
    const state = (body: object) => baton.api('POST', `/v1/calls/${call.id}/state`, body)
    await state({ state: 'verified', detail: 'by birthday' })
    ;({ contextId } = await baton.api<{ contextId: string }>('POST', `/v1/calls/${call.id}/transfer`, {
      handoff: 'front-desk',
      variables: { account: '4711' },
      reason: 'wants a refund',
      context: { order: { number: 12, items: ['kettle'] }, mood: 'patient', 'spoke for': '4 minutes' },
    }))
  })
  after(async () => {
    await pages.leave()
    await pages.close()
    await baton.api('POST', `/v1/calls/${call.id}/hangup`).catch(() => undefined)
    await baton.stop()
    agent.close()
    caller.close()
    assert.deepEqual(pages.takeProblems(), [])
  })

  it('shows who calls, why, and what the agent gave, and follows the states while it is open', async () => {
    const page = await pages.open(`/context/${contextId}`)
    await page.getByText('wants a refund').waitFor()
    const section = (name: string) => page.getByRole('region', { name })
    await section('From the agent').getByRole('row', { name: 'mood patient' }).waitFor()
    await section('From the agent').getByText('"kettle"').waitFor()
    await section('Known about the call').getByRole('row', { name: 'account 4711' }).waitFor()
    await section('States').getByText('verified: by birthday').waitFor()
    assert.deepEqual(await accessibilityProblems(page), [])
    await picture(page, 'context')
    await baton.api('POST', `/v1/calls/${call.id}/state`, { state: 'agent says goodbye' })
    await section('States').getByText('agent says goodbye').waitFor()

    await page.setViewportSize({ width: 360, height: 740 })
    assert.ok(await page.evaluate<boolean>('document.documentElement.scrollWidth <= 360'))
    await page.getByRole('link', { name: 'The call' }).click()
    await page.getByRole('region', { name: 'Diagnosis' }).waitFor()
  })

  it('says so when it is not there; beyond a sign-in, a token in the address shows this page and no other', async () => {
    const gone = await pages.open('/context/kq3pQzJ2TV6d0mXbQ9x0Yw')
    await gone.getByRole('alert').getByText('There is no context').waitFor()
    await addPeople(gone, { ann: 'admin' })
    const admin = await pages.open('/p/hotel/people')
    await signIn(admin, 'ann')
    const made = await admin.evaluate<{ token: string }>(`(async () => {
      const headers = { 'content-type': 'application/json' }
      const body = JSON.stringify({ name: 'desktop', role: 'context' })
      return (await fetch('/v1/tokens', { method: 'POST', headers, body })).json()
    })()`)
    await admin.reload()
    await admin.getByRole('article', { name: 'desktop' }).getByText('Desktop').first().waitFor()

    const desktop = await pages.open(`/context/${contextId}#token=${made.token}`)
    await desktop.getByText('wants a refund').waitFor()
    assert.deepEqual(await accessibilityProblems(desktop), [])
    await desktop.getByRole('link', { name: 'The call' }).click()
    await desktop.getByRole('heading', { name: 'Sign in to Baton' }).waitFor()
  })
})
