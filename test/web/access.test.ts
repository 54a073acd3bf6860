import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'
import type { CallView } from '../../server/legs/views.ts'
import { Baton } from '../harness/baton.ts'
import { needs } from '../harness/needs.ts'
import { freePort } from '../harness/ports.ts'
import { Sipp } from '../harness/sipp.ts'
import { stacks } from '../harness/stacks.ts'
import { until } from '../harness/until.ts'
import { accessibilityProblems, Pages, picture } from './browser.ts'
import { password, signIn } from './people.ts'

const [embedded] = stacks
const number = '+14155550199'

describe('the pages, signed in', function () {
  needs('chromium', 'sipp')
  this.timeout(120_000)
  let baton: Baton
  let agentPort: number
  const pages = new Pages(() => baton)

  before(async () => {
    await pages.launch()
    agentPort = await freePort()
  })
  beforeEach(async () => {
    assert.ok(embedded)
    baton = await Baton.start({ stack: embedded })
    await baton.project({
      project: 'hotel',
      environments: { sandbox: { numbers: [number], agents: [`sip:agent@127.0.0.1:${agentPort}`] } },
      table: { handoffs: [{ name: 'front-desk', default: true, route: 'sip:desk@127.0.0.1:9' }] },
    })
  })
  afterEach(async () => {
    await pages.leave()
    await baton.stop()
    assert.deepEqual(pages.takeProblems(), [])
  })
  after(() => pages.close())

  const open = async (path: string, name: string): Promise<Page> => {
    const page = await pages.open(path)
    await signIn(page, name)

    return page
  }
  /** Adds people as an admin does; the first one is ann, who is added while all is open. */
  const addInDialog = async (page: Page, people: Record<string, string>): Promise<void> => {
    for (const [name, role] of Object.entries(people)) {
      await page.getByRole('button', { name: 'Add person' }).click()
      const dialog = page.getByRole('dialog')
      await dialog.getByLabel('Name').fill(name)
      await dialog.getByLabel('Password', { exact: true }).fill(password)
      await dialog.getByLabel('Role').selectOption(role)
      assert.deepEqual(await accessibilityProblems(page), [])
      await dialog.getByRole('button', { name: 'Add person' }).click()
      if (name === 'ann') await signIn(page, name)
      await page.getByRole('article', { name }).waitFor()
    }
  }
  const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).first()

  /** The calls as a page's session may see them. */
  const callsFor = async (page: Page): Promise<CallView[]> =>
    ((await (await page.request.get(`${baton.http}/v1/calls`)).json()) as { calls: CallView[] }).calls
  /** A call that is up, and hears what becomes of a transfer before it ends. */
  const callUp = async (admin: Page) => {
    // The call is up while several people sign in, which takes a busy machine a while.
    const timeoutSeconds = 110
    const agent = await Sipp.answering({ scenario: 'uas-call-answered', port: agentPort, timeoutSeconds })
    const part = { scenario: 'uac-refer-accepted-succeeded', pause: 50, timeoutSeconds }
    const caller = await Sipp.calling(part, number, baton.sip())
    const call = await until(
      'the call is up',
      async () => (await callsFor(admin)).find(({ state }) => state === 'connected') ?? false,
    )

    return { call, ended: Promise.all([agent.done, caller.done]) }
  }

  it('show each role what it may see and do', async () => {
    const admin = await pages.open('/people')
    await addInDialog(admin, { ann: 'admin', vera: 'viewer', olga: 'operator', petra: 'publisher' })
    assert.equal(new URL(admin.url()).pathname, '/p/hotel/people')
    const { call, ended } = await callUp(admin)
    const shown = call.caller.number
    const masked = shown.replace(/\d(?=.*\d.*\d)/g, '*')

    const viewer = await open('/live', 'vera')
    await viewer.getByRole('cell', { name: masked }).waitFor()
    assert.equal(await viewer.getByText(shown).count(), 0)
    assert.equal(await button(viewer, 'Hand over').getAttribute('aria-disabled'), 'true')
    await button(viewer, 'Hand over').click({ force: true })
    assert.equal(await viewer.getByRole('dialog').count(), 0)
    assert.equal(await viewer.getByRole('link', { name: 'People & tokens' }).count(), 0)
    assert.deepEqual(await accessibilityProblems(viewer), [])
    for (const [page, disabled] of [
      ['handoffs', 'Add handoff'],
      ['environments', 'Promote'],
    ] as const) {
      await viewer.goto(`${baton.http}/p/hotel/${page}`)
      await button(viewer, disabled).waitFor()
      assert.equal(await button(viewer, disabled).getAttribute('aria-disabled'), 'true')
    }
    await viewer.goto(`${baton.http}/p/hotel/people`)
    await viewer.getByText('This needs the role Admin.').waitFor()

    const operator = await open('/live', 'olga')
    await operator.getByText(shown).first().waitFor()
    assert.ok(await button(operator, 'Hand over').isEnabled())
    await operator.getByRole('link', { name: 'Environments' }).click()
    assert.equal(await button(operator, 'Promote').getAttribute('aria-disabled'), 'true')
    assert.ok(await button(operator, 'Rehearse all').isEnabled())
    const publisher = await open('/environments', 'petra')
    await button(publisher, 'Promote').click()
    await publisher.getByRole('dialog').waitFor()

    const status = await operator.evaluate(async (path) => {
      const headers = { 'content-type': 'application/json' }

      return (await fetch(path, { method: 'POST', headers, body: '{"handoff":"front-desk"}' })).status
    }, `/v1/calls/${call.id}/transfer`)
    assert.equal(status, 202)
    await ended
  })

  it('let a token that was made there transfer, and nothing else', async () => {
    const admin = await pages.open('/people')
    await addInDialog(admin, { ann: 'admin' })
    await admin.getByRole('button', { name: 'Create token' }).click()
    await admin.getByRole('dialog').getByLabel('Name').fill('voice-agents')
    await admin.getByRole('dialog').getByRole('button', { name: 'Create token' }).click()
    const token = (await admin.getByLabel('Token', { exact: true }).textContent()) ?? ''
    assert.match(token, /^baton_/)
    assert.deepEqual(await accessibilityProblems(admin), [])
    await picture(admin, 'people-tokens')
    const asToken = (method: string, path: string, body?: object) =>
      fetch(`${baton.http}${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        ...(body && { body: JSON.stringify(body) }),
      })
    const { call, ended: partiesEnded } = await callUp(admin)
    for (const [method, path] of [
      ['GET', '/v1/calls'],
      ['GET', `/v1/calls/${call.id}`],
      ['POST', `/v1/calls/${call.id}/hangup`],
      ['PUT', '/v1/projects/hotel/draft'],
    ] as const) {
      assert.equal((await asToken(method, path)).status, 403, path)
    }
    assert.equal((await asToken('POST', `/v1/calls/${call.id}/transfer`, { handoff: 'front-desk' })).status, 202)
    await partiesEnded
    const ended = await until(
      'the call has ended',
      async () => (await callsFor(admin)).find(({ state }) => state === 'ended') ?? false,
    )
    assert.deepEqual([ended.transfers[0]?.requestedBy, ended.transfers[0]?.result], ['api', 'succeeded'])

    await admin.getByRole('link', { name: 'History' }).click()
    await admin.getByLabel('Of', { exact: true }).selectOption('Everything')
    await admin
      .getByText(/voice-agents \(/)
      .first()
      .waitFor()
    await admin.getByText('This needs the role operator; voice-agents is agent.').first().waitFor()
    assert.deepEqual(await accessibilityProblems(admin), [])
    await admin.getByRole('link', { name: 'People & tokens' }).click()
    await admin.getByRole('article', { name: 'voice-agents' }).getByRole('button', { name: 'Revoke' }).click()
    await admin.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click()
    await admin.getByRole('article', { name: 'voice-agents' }).waitFor({ state: 'detached' })
    assert.equal((await asToken('POST', `/v1/calls/${call.id}/transfer`, { handoff: 'front-desk' })).status, 401)
  })

  it('show a call at the address that a colleague has sent, once signed in there', async () => {
    const admin = await pages.open('/people')
    await addInDialog(admin, { ann: 'admin', vera: 'viewer' })
    const agent = await Sipp.answering({ scenario: 'uas-call-answered', port: agentPort })
    const caller = await Sipp.calling({ scenario: 'uac-call-answered', pause: 50 }, number, baton.sip())
    await Promise.all([agent.done, caller.done])
    await admin.getByRole('link', { name: 'Calls', exact: true }).click()
    await admin.getByRole('row').nth(1).getByRole('link').click()
    await admin.getByRole('region', { name: 'Media' }).getByText('Caller with Agent').waitFor()

    const link = new URL(admin.url()).pathname
    for (const sent of [link, link.replace('/p/hotel', '')]) {
      const colleague = await open(sent, 'vera')
      await colleague
        .getByRole('region', { name: 'Ladder' })
        .getByRole('button', { name: /^INVITE, Caller/ })
        .waitFor()
      assert.equal(new URL(colleague.url()).pathname, link)
      assert.equal(await colleague.getByText('+14155550123').count(), 0)
    }
  })

  it('forget what was typed at a sign-out, and show it to no other person', async () => {
    const page = await pages.open('/people')
    await addInDialog(page, { ann: 'admin', otto: 'operator' })
    const type = async (name: string): Promise<void> => {
      await page.getByRole('link', { name: 'Handoffs', exact: true }).click()
      await page.getByRole('button', { name: 'Add handoff' }).click()
      await page.getByRole('dialog').getByLabel('Name', { exact: true }).fill(name)
    }
    const kept = () => page.evaluate<string[]>("Object.keys(sessionStorage).filter((key) => key.startsWith('baton.'))")
    const isShown = () => page.getByRole('dialog', { name: 'Add handoff' }).isVisible()
    const seesNothing = async (): Promise<void> => {
      await page.getByRole('button', { name: 'Add handoff' }).waitFor()
      assert.equal(await isShown(), false)
    }

    // The cookie goes and the page is loaded again, as at a session's end: the typing is ann's, and otto does not see it.
    await type('night-desk')
    await page.context().clearCookies()
    await page.reload()
    await signIn(page, 'otto')
    await seesNothing()
    assert.notDeepEqual(await kept(), [])

    await type('spa')
    await page.reload()
    await page.getByRole('dialog', { name: 'Add handoff' }).waitFor()
    assert.equal(await page.getByRole('dialog').getByLabel('Name', { exact: true }).inputValue(), 'spa')
    await page.goto(page.url().replace(/handoffs.*/, 'live'))
    await button(page, 'Account of otto').click()
    await page.getByRole('menuitem', { name: 'Sign out', exact: true }).click()
    await page.getByRole('heading', { name: 'Sign in to Baton' }).waitFor()
    assert.deepEqual(await kept(), [])
    for (const name of ['otto', 'ann']) {
      await signIn(page, name)
      await seesNothing()
      await page.context().clearCookies()
      await page.reload()
    }
  })

  it('ask for a sign-in when the session is ended elsewhere, and go on where it ended', async () => {
    const page = await pages.open('/people')
    await addInDialog(page, { ann: 'admin' })
    const other = await open('/handoffs', 'ann')
    await other.getByRole('button', { name: 'Add handoff' }).click()
    await other.getByRole('dialog').getByLabel('Name', { exact: true }).fill('night-desk')
    await button(page, 'Account of ann').click()
    await page.getByRole('menuitem', { name: 'Sign out everywhere' }).click()
    await page.getByRole('heading', { name: 'Sign in to Baton' }).waitFor()
    assert.deepEqual(await accessibilityProblems(page), [])
    await picture(page, 'sign-in')

    // What is being typed stays.
    await other.getByRole('dialog', { name: 'Add handoff' }).getByLabel('Route / Number').fill('sip:night@127.0.0.1:9')
    const again = other.getByRole('dialog', { name: 'Sign in to Baton' })
    await again.getByLabel('Name').fill('ann')
    await again.getByLabel('Password', { exact: true }).fill('not the password')
    await again.getByRole('button', { name: 'Sign in' }).click()
    await again.getByText('The name or the password is wrong.').waitFor()
    await again.getByLabel('Password', { exact: true }).fill(password)
    await again.getByRole('button', { name: 'Sign in' }).click()
    await again.waitFor({ state: 'detached' })
    const dialog = other.getByRole('dialog', { name: 'Add handoff' })
    assert.equal(await dialog.getByLabel('Name', { exact: true }).inputValue(), 'night-desk')
    await dialog.getByRole('button', { name: 'Add', exact: true }).click()
    await other.getByRole('article', { name: 'night-desk' }).waitFor()
  })
})
