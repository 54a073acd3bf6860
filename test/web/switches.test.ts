import assert from 'node:assert/strict'
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

describe('the pages of schedules and switches', function () {
  needs('chromium', 'sipp')
  this.timeout(120_000)
  let baton: Baton
  let agentPort: number
  let duty: Sipp
  const pages = new Pages(() => baton)

  before(async () => {
    assert.ok(embedded)
    await pages.launch()
    agentPort = await freePort()
    duty = await Sipp.answering({ scenario: 'uas-call-answered' })
    baton = await Baton.start({ stack: embedded })
    await baton.project({
      project: 'hotel',
      environments: { sandbox: { numbers: [sandboxNumber], agents: [`sip:agent@127.0.0.1:${agentPort}`] } },
      table: {
        schedules: [{ name: 'office', time_zone: 'Europe/London' }],
        handoffs: [
          {
            ...{ name: 'front-desk', default: true, method: 'invite', route: 'sip:desk@127.0.0.1:9' },
            ...{ schedule: 'office', when_closed: ['duty-manager'] },
          },
          { name: 'duty-manager', method: 'invite', route: `sip:duty@127.0.0.1:${duty.port}` },
        ],
      },
    })
  })
  afterEach(() => {
    assert.deepEqual(pages.takeProblems(), [])
  })
  after(async () => {
    await duty.close()
    await baton.stop()
    await pages.close()
  })

  it('close early today in two clicks, and the next Sandbox call goes where callers of a closed desk go', async () => {
    const page = await pages.open('/schedules')
    const office = page.getByRole('article', { name: 'office' })
    await office.getByRole('img', { name: 'The week of office' }).waitFor()
    await office.getByRole('button', { name: 'Close now until …' }).click()
    const dialog = page.getByRole('dialog', { name: 'Close: Schedule office' })
    await dialog.getByLabel('Until').selectOption('The end of today')
    await dialog.getByLabel('Reason').fill('the office party')
    assert.deepEqual(await accessibilityProblems(page), [])
    await dialog.locator('button[type=submit]').click()
    const bar = page.getByRole('region', { name: 'Switches' })
    await bar.getByText(/^Schedule office is closed until /).waitFor()
    const open = page.getByRole('region', { name: 'What is open' })
    await open.getByText('Callers get duty-manager').waitFor()
    await dialog.waitFor({ state: 'detached' })
    assert.deepEqual(await accessibilityProblems(page), [])
    await picture(page, 'schedules')

    const keys = { refer_to: 'sip:front-desk@baton' }
    const agent = await Sipp.answering({ scenario: 'uas-asks-transfer-released', port: agentPort, pause: 100, keys })
    const caller = await Sipp.calling({ scenario: 'uac-reinvite-bridged', pause: 300 }, sandboxNumber, baton.sip())
    await Promise.all([agent.done, caller.done, duty.done])
    const { calls } = await baton.api<{ calls: CallView[] }>('GET', '/v1/calls?project=hotel')
    assert.deepEqual(
      calls[0]?.transfers[0]?.attempts.map(({ handoff, reason }) => [handoff, reason]),
      [
        ['front-desk', 'closed_by_switch'],
        ['duty-manager', 'answered'],
      ],
    )
    await page.getByRole('link', { name: 'Handoffs' }).click()
    await bar.getByText('by anonymous: the office party').waitFor()
    await bar.getByRole('button', { name: 'Undo' }).click()
    await bar.waitFor({ state: 'detached' })
  })

  it('send callers of a handoff elsewhere from its card, and undo it', async () => {
    const page = await pages.open('/handoffs')
    const card = page.getByRole('article', { name: 'front-desk' })
    await card.getByRole('button', { name: 'Send callers to … until …' }).click()
    const dialog = page.getByRole('dialog')
    assert.equal(await dialog.getByLabel('Send callers to').inputValue(), 'duty-manager')
    await dialog.getByLabel('Until').selectOption('In 1 hour')
    await dialog.getByRole('button', { name: 'Send callers' }).click()
    const bar = page.getByRole('region', { name: 'Switches' })
    await bar.getByText(/^front-desk: callers go to duty-manager until /).waitFor()
    const explained = async () => {
      const { attempts } = await baton.api<{ attempts: { handoff: string; passedOver?: object }[] }>(
        'POST',
        '/v1/projects/hotel/explain',
        { environment: 'sandbox', handoff: 'front-desk' },
      )

      return attempts.find(({ passedOver }) => !passedOver)?.handoff
    }
    assert.equal(await explained(), 'duty-manager')
    await bar.getByRole('button', { name: 'Undo' }).click()
    await bar.waitFor({ state: 'detached' })
    assert.equal(await explained(), 'front-desk')
  })

  it('expire by themselves, and go from every page that is open', async () => {
    const open = await Promise.all(['/handoffs', '/environments', '/trunks'].map((path) => pages.open(path)))
    const bars = open.map((page) => page.getByRole('region', { name: 'Switches' }))
    const close = (ms: number) =>
      baton.api<{ id: string }>('POST', '/v1/projects/hotel/environments/sandbox/switches', {
        ...{ handoff: 'front-desk', action: 'close', reason: 'a minute' },
        until: new Date(Date.now() + ms).toISOString(),
      })
    const shown = () => Promise.all(bars.map((bar) => bar.getByText(/^front-desk is closed until /).waitFor()))
    const gone = () => Promise.all(bars.map((bar) => bar.waitFor({ state: 'detached' })))
    // All pages have loaded, and hear of changes, once they have shown one and let it go.
    const { id } = await close(3_600_000)
    await shown()
    await baton.api('DELETE', `/v1/projects/hotel/environments/sandbox/switches/${id}`)
    await gone()
    await close(6000)
    await shown()
    await gone()
    for (const page of open) await page.close()
  })

  it('edit a schedule with each mistake at its field, publish it, and keep one that a handoff names', async () => {
    const page = await pages.open('/schedules')
    const office = page.getByRole('article', { name: 'office' })
    await office.getByRole('button', { name: 'Edit' }).click()
    const dialog = page.getByRole('dialog', { name: 'Edit schedule' })
    await dialog.getByLabel('Open in these hours of the week only').check()
    await dialog.getByLabel('Monday').fill('9-5')
    await dialog.getByRole('button', { name: 'Add holiday' }).click()
    await dialog.getByLabel('Date').fill('*-12-25')
    await dialog.getByRole('button', { name: 'Add exception' }).click()
    await dialog.getByLabel('Until').fill('2030-03-01T15:00')
    await dialog.getByRole('button', { name: 'Save' }).click()
    const monday = dialog.getByLabel('Monday')
    await until('the field says what is wrong', async () => (await monday.getAttribute('aria-invalid')) === 'true')
    assert.deepEqual(await accessibilityProblems(page), [])
    await monday.fill('09:00-12:00, 13:00-17:00')
    await dialog.getByRole('button', { name: 'Tuesday to Friday like Monday' }).click()
    await dialog.getByRole('button', { name: 'Save' }).click()
    await dialog.waitFor({ state: 'detached' })
    await office.getByText('every 12-25: closed').waitFor()

    await office.getByRole('button', { name: 'Delete' }).click()
    const removing = page.getByRole('dialog')
    await removing.getByText('It cannot be deleted while others name it: front-desk.').waitFor()
    await removing.getByRole('button', { name: 'Delete' }).click()
    await removing.getByRole('alert').getByText('front-desk names it').waitFor()
    await removing.getByRole('button', { name: 'Cancel' }).click()

    const draft = page.getByRole('region', { name: 'Draft' })
    await draft.getByRole('button', { name: 'Publish' }).click()
    const publishing = page.getByRole('dialog')
    await publishing.getByLabel('Message').fill('opening hours')
    await publishing.getByRole('button', { name: 'Publish' }).click()
    await draft.waitFor({ state: 'detached' })
    const { table } = await baton.api<{ table: { schedules: object[] } }>('GET', '/v1/projects/hotel/versions/2')
    const day = ['09:00-12:00', '13:00-17:00']
    assert.deepEqual(table.schedules, [
      {
        ...{ name: 'office', time_zone: 'Europe/London', weekly: { mon: day, tue: day, wed: day, thu: day, fri: day } },
        ...{ holidays: [{ date: '*-12-25' }], overrides: [{ open: false, until: '2030-03-01T15:00' }] },
      },
    ])
  })

  it('fit a small screen, in light and dark', async () => {
    const page = await pages.open('/schedules', { viewport: { width: 360, height: 740 }, colorScheme: 'dark' })
    await page.getByRole('article', { name: 'office' }).waitFor()
    await page.getByRole('region', { name: 'What is open' }).getByText('front-desk').waitFor()
    assert.deepEqual(await accessibilityProblems(page), [])
    assert.ok((await page.evaluate<number>('document.documentElement.scrollWidth')) <= 360)
  })
})
