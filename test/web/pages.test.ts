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

const [embedded] = stacks
const sandboxNumber = '+14155550199'

describe('the pages', function () {
  needs('chromium', 'sipp')
  this.timeout(120_000)
  let baton: Baton
  let agentPort: number
  const pages = new Pages(() => baton)

  before(async () => {
    assert.ok(embedded)
    await pages.launch()
    agentPort = await freePort()
  })
  beforeEach(async () => {
    assert.ok(embedded)
    baton = await Baton.start({ stack: embedded })
    await baton.project({
      project: 'hotel',
      environments: {
        sandbox: { numbers: [sandboxNumber], agents: [`sip:agent@127.0.0.1:${agentPort}`] },
        live: { numbers: ['+14155550100'], agents: [`sip:agent@127.0.0.1:${agentPort}`] },
      },
      table: {
        handoffs: [
          {
            name: 'front-desk',
            description: 'Reception',
            default: true,
            method: 'invite',
            route: 'sip:desk@127.0.0.1:9',
          },
          { name: 'duty-manager', method: 'invite', route: 'sip:duty@127.0.0.1:9', ring_timeout: 20 },
        ],
      },
    })
  })
  afterEach(async () => {
    await baton.stop()
    assert.deepEqual(pages.takeProblems(), [])
  })
  after(() => pages.close())

  const publish = async (page: Page, message: string): Promise<void> => {
    const draft = page.getByRole('region', { name: 'Draft' })
    await draft.getByRole('button', { name: 'Publish' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Message').fill(message)
    await dialog.getByRole('button', { name: 'Publish' }).click()
    await draft.waitFor({ state: 'detached' })
  }
  const promote = async (page: Page, environment: 'Sandbox' | 'Live'): Promise<void> => {
    await page.getByRole('link', { name: 'Environments' }).click()
    await page.getByRole('region', { name: environment }).getByRole('button', { name: 'Promote' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Message').fill('checked')
    if (environment === 'Live') {
      assert.ok(await dialog.getByRole('button', { name: 'Promote' }).isDisabled())
      await dialog.getByLabel('Type live to confirm').fill('live')
    }
    await dialog.getByRole('button', { name: 'Promote' }).click()
    await dialog.waitFor({ state: 'detached' })
  }
  /** A caller, and an agent that asks for the front desk; resolves with the call once its transfer has ended. */
  const callTheSandbox = async (): Promise<CallView> => {
    const keys = { refer_to: 'sip:front-desk@baton' }
    const agent = await Sipp.answering({ scenario: 'uas-asks-transfer-released', port: agentPort, pause: 100, keys })
    const caller = await Sipp.calling({ scenario: 'uac-reinvite-bridged', pause: 300 }, sandboxNumber, baton.sip())
    const view = await until('the transfer has ended', async () => {
      const { calls } = await baton.api<{ calls: CallView[] }>('GET', '/v1/calls?project=hotel')

      return calls.find(({ transfers }) => transfers[0]?.state === 'ended') ?? false
    })
    await Promise.all([agent.done, caller.done])

    return view
  }

  it('show the handoffs first, and lead from them to every other page without a complaint of axe', async () => {
    const page = await pages.open('/')
    await page.getByRole('article', { name: 'front-desk' }).waitFor()
    assert.equal(new URL(page.url()).pathname, '/p/hotel/handoffs')
    for (const name of [
      'Handoffs',
      'Schedules',
      'Environments',
      'Test',
      'Live calls',
      'Calls',
      'Numbers & trunks',
      'History',
    ]) {
      await page.getByRole('navigation').getByRole('link', { name, exact: true }).click()
      await page.getByRole('heading', { level: 2, name }).waitFor()
      assert.deepEqual(await accessibilityProblems(page), [], name)
      await picture(page, name.toLowerCase().replaceAll(/\W+/g, '-'))
    }
  })

  it('change the number of the front desk, and the next Sandbox call reaches it', async () => {
    const desk = await Sipp.answering({ scenario: 'uas-call-answered' })
    const page = await pages.open('/handoffs')
    await page.getByRole('article', { name: 'front-desk' }).getByRole('button', { name: 'Edit' }).click()
    const dialog = page.getByRole('dialog', { name: 'Edit handoff' })
    await dialog.getByLabel('Route / Number').fill(`sip:desk@127.0.0.1:${desk.port}`)
    await dialog.getByRole('region', { name: 'Preview' }).getByText(`INVITE sip:desk@127.0.0.1:${desk.port}`).waitFor()
    await dialog.getByRole('button', { name: 'Save' }).click()
    await dialog.waitFor({ state: 'detached' })
    await publish(page, 'the front desk has moved')
    await promote(page, 'Sandbox')

    const { transfers, version } = await callTheSandbox()
    assert.equal(version, 2)
    assert.equal(transfers[0]?.result, 'succeeded')
    await desk.done
    await page.getByRole('link', { name: 'Calls', exact: true }).click()
    await page.getByRole('row').nth(1).getByRole('link').click()
    await page.getByRole('region', { name: 'Diagnosis' }).getByRole('alert').waitFor()
    await page.getByRole('region', { name: 'Evidence' }).getByText('200 OK').first().waitFor()
    await page
      .getByRole('region', { name: 'Ladder' })
      .getByRole('button', { name: /^INVITE, Caller/ })
      .click()
    await page.getByRole('dialog').getByText(`INVITE sip:${sandboxNumber}@`).waitFor()
    assert.deepEqual(await accessibilityProblems(page), [])
    await picture(page, 'call')
  })

  it('add a handoff with a display name and two headers, test it, and promote it to Live', async () => {
    const page = await pages.open('/handoffs')
    await page.getByRole('button', { name: 'Add handoff' }).click()
    const dialog = page.getByRole('dialog', { name: 'Add handoff' })
    await dialog.getByLabel('Name', { exact: true }).fill('VIP host desk')
    await dialog.getByText('Agents ask for it as vip-host-desk').waitFor()
    await dialog.getByLabel('Method').selectOption('SIP REFER')
    await dialog.getByLabel('Route / Number').fill('sip:vip@127.0.0.1:9')
    for (const [at, [name, value]] of [
      ['X-Caller', '$caller_id'],
      ['X-Level', 'gold'],
    ].entries()) {
      await dialog.getByRole('button', { name: 'Add SIP header' }).click()
      await dialog.getByLabel('Header name').nth(at).fill(String(name))
      await dialog.getByLabel('Header value').nth(at).fill(String(value))
    }
    await dialog.getByRole('region', { name: 'Preview' }).getByText('X-Caller: +14155550123').waitFor()
    assert.deepEqual(await accessibilityProblems(page), [])
    await picture(page, 'add-handoff')
    await dialog.getByRole('button', { name: 'Add', exact: true }).click()
    await page.getByRole('article', { name: 'VIP host desk' }).waitFor()
    await publish(page, 'a desk for VIPs')

    await page.getByRole('link', { name: 'Test' }).click()
    await page.getByRole('heading', { level: 2, name: 'Test' }).waitFor()
    await page.getByLabel('Handoff').selectOption('VIP host desk')
    await page.getByLabel('Table').selectOption('Version 2')
    await page.getByRole('button', { name: 'Rehearse' }).click()
    await page.getByRole('status').filter({ hasText: 'Passed' }).waitFor()
    await page.getByText('X-Level: gold').waitFor()
    await promote(page, 'Live')
    await page.getByRole('region', { name: 'Live' }).getByText('Version 2').waitFor()
    const { environments } = await baton.api<{ environments: { live: { version: number } } }>(
      'GET',
      '/v1/projects/hotel',
    )
    assert.equal(environments.live.version, 2)

    await page.getByRole('region', { name: 'Live' }).getByRole('button', { name: 'Roll back' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Roll back' }).click()
    await page.getByRole('region', { name: 'Live' }).getByText('Version 1').waitFor()
  })

  it('say at its field what is wrong, and keep what was typed', async () => {
    const page = await pages.open('/handoffs')
    await page.getByRole('button', { name: 'Add handoff' }).click()
    const dialog = page.getByRole('dialog', { name: 'Add handoff' })
    await dialog.getByLabel('Name', { exact: true }).fill('front-desk')
    await dialog.getByLabel('Route / Number').fill('not a number')
    await dialog.getByRole('button', { name: 'Add', exact: true }).click()
    const route = dialog.getByLabel('Route / Number')
    await until('the field says what is wrong', async () => (await route.getAttribute('aria-invalid')) === 'true')
    assert.equal(await route.inputValue(), 'not a number')
  })

  it('show to the second of two people at one draft what the first has changed, and lose nothing', async () => {
    const [first, second] = await Promise.all([pages.open('/handoffs'), pages.open('/handoffs')])
    for (const page of [first, second]) {
      await page.getByRole('article', { name: 'front-desk' }).getByRole('button', { name: 'Edit' }).click()
    }
    await first.getByLabel('Route / Number').fill('sip:first@127.0.0.1:9')
    await first.getByRole('button', { name: 'Save' }).click()
    await first.getByRole('dialog').waitFor({ state: 'detached' })
    await second.getByLabel('Description').fill('The second person’s words')
    await second.getByRole('button', { name: 'Save' }).click()
    const alert = second.getByRole('alert').filter({ hasText: 'The draft was changed while you were editing' })
    await alert.getByText('sip:first@127.0.0.1:9').waitFor()
    await alert.getByRole('button', { name: 'Take theirs' }).click()
    await second.getByRole('button', { name: 'Save' }).click()
    await second.getByRole('dialog').waitFor({ state: 'detached' })

    const { handoffs } = await baton.api<{ handoffs: Record<string, unknown>[] }>('GET', '/v1/projects/hotel/draft')
    assert.equal(handoffs[0]?.route, 'sip:first@127.0.0.1:9')
    assert.equal(handoffs[0].description, 'The second person’s words')
  })

  it('delete a handoff only for its typed name, and say which others name it', async () => {
    await baton.api('PATCH', '/v1/projects/hotel/draft/handoffs/front-desk', { on_failure: ['duty-manager'] })
    const page = await pages.open('/handoffs')
    await page.getByRole('article', { name: 'duty-manager' }).getByRole('button', { name: 'Delete' }).click()
    const dialog = page.getByRole('dialog')
    assert.ok(await dialog.getByRole('button', { name: 'Delete' }).isDisabled())
    await dialog.getByLabel('Name of the handoff').fill('duty-manager')
    await dialog.getByRole('button', { name: 'Delete' }).click()
    await dialog
      .getByRole('alert')
      .getByText(/front-desk/)
      .waitFor()
  })

  it('fit a small screen, in light and dark', async () => {
    const page = await pages.open('/', { viewport: { width: 360, height: 740 }, colorScheme: 'dark' })
    await page.getByRole('article', { name: 'front-desk' }).waitFor()
    assert.deepEqual(await accessibilityProblems(page), [])
    assert.ok((await page.evaluate<number>('document.documentElement.scrollWidth')) <= 360)
    await page.getByRole('button', { name: 'Menu' }).click()
    await page.getByRole('link', { name: 'Environments' }).click()
    await page.getByRole('region', { name: 'Sandbox' }).waitFor()
    assert.ok((await page.evaluate<number>('document.documentElement.scrollWidth')) <= 360)
  })

  it('say when they are not live, and catch up when Baton is back', async () => {
    assert.ok(embedded)
    const env = { HTTP_LISTEN: `127.0.0.1:${await freePort()}`, PROJECTS: 'config/projects/demo.yaml' }
    const started = await Baton.start({ stack: embedded, env })
    const page = await pages.open(`${started.http}/live`)
    await page.getByRole('heading', { level: 2, name: 'Live calls' }).waitFor()
    await started.stop()
    await page.getByRole('status').filter({ hasText: 'Not live' }).waitFor()
    const again = await Baton.start({ stack: embedded, env })
    try {
      await page.getByRole('status').filter({ hasText: 'Not live' }).waitFor({ state: 'detached' })
    } finally {
      await again.stop()
    }
    pages.takeProblems()
  })
})
