import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import type { CallView } from '../../server/legs/views.ts'
import { Baton } from '../harness/baton.ts'
import { needs } from '../harness/needs.ts'
import { freePort } from '../harness/ports.ts'
import { Sipp } from '../harness/sipp.ts'
import { stacks } from '../harness/stacks.ts'
import { until } from '../harness/until.ts'
import { accessibilityProblems, bothPictures, Pages } from './browser.ts'

const [embedded] = stacks
const sandboxNumber = '+14155550199'
const failing = { scenario: 'uac-refer-failed-stayed', pause: 50, keys: { failure: '486 Busy Here' } }
const succeeding = { scenario: 'uac-refer-accepted-succeeded', pause: 50 }

describe('the pages of calls that have ended', function () {
  needs('chromium', 'sipp')
  this.timeout(120_000)
  let baton: Baton
  let agentPort: number
  const pages = new Pages(() => baton)

  before(async () => {
    assert.ok(embedded)
    await pages.launch()
    agentPort = await freePort()
    baton = await Baton.start({ stack: embedded })
    await baton.project({
      project: 'hotel',
      environments: { sandbox: { numbers: [sandboxNumber], agents: [`sip:agent@127.0.0.1:${agentPort}`] } },
      table: {
        handoffs: [
          { name: 'front-desk', default: true, method: 'refer', route: 'sip:desk@127.0.0.1:9' },
          { name: 'duty-manager', method: 'refer', route: 'sip:duty@127.0.0.1:9' },
        ],
      },
    })
    await call(failing, 'front-desk')
    await call(succeeding, 'duty-manager')
    await until('both calls have ended', async () => {
      const { calls } = await baton.api<{ calls: CallView[] }>('GET', '/v1/calls?project=hotel&state=ended')

      return calls.length === 2
    })
  })
  afterEach(() => {
    assert.deepEqual(pages.takeProblems(), [])
  })
  after(async () => {
    await baton.stop()
    await pages.close()
  })

  /** A call whose agent asks for the handoff. */
  async function call(caller: Parameters<typeof Sipp.calling>[0], handoff: string): Promise<void> {
    const keys = { refer_to: `sip:${handoff}@baton` }
    const agent = await Sipp.answering({ scenario: 'uas-asks-transfer-released', port: agentPort, pause: 100, keys })
    const calling = await Sipp.calling(caller, sandboxNumber, baton.sip())
    await Promise.all([agent.done, calling.done])
  }

  it('lead from a failed transfer to its cause, by a link that a colleague can open', async () => {
    const page = await pages.open('/p/hotel/calls')
    const rows = page.getByRole('row')
    await until('both calls are listed', async () => (await rows.count()) === 3)
    await bothPictures(page, 'calls')
    await page.getByLabel('Handoff').fill('front-desk')
    await page.getByLabel('Result').selectOption('Failed')
    await until('one call is left', async () => (await rows.count()) === 2)
    await rows.getByText('Failed: busy').waitFor()
    const filters = '?result=failed&handoff=front-desk'
    await until('the filters are in the address', () => new URL(page.url()).search === filters)
    assert.deepEqual(await accessibilityProblems(page), [])

    const colleague = await pages.open(page.url(), { viewport: { width: 360, height: 740 }, colorScheme: 'dark' })
    await colleague.getByRole('row').getByText('Failed: busy').waitFor()
    assert.equal(await colleague.getByRole('row').count(), 2)
    assert.equal(await colleague.getByLabel('Handoff').inputValue(), 'front-desk')
    assert.ok((await colleague.evaluate<number>('document.documentElement.scrollWidth')) <= 360)
    assert.deepEqual(await accessibilityProblems(colleague), [])

    await rows.nth(1).getByRole('link').click()
    await page.getByRole('region', { name: 'Diagnosis' }).getByText('busy').waitFor()
    await page.getByRole('region', { name: 'Evidence' }).getByText('486 Busy Here').first().waitFor()
    await page.goBack()
    await rows.getByText('Failed: busy').waitFor()
    await page.getByRole('button', { name: 'Clear filters' }).click()
    await until('both calls are listed again', async () => (await rows.count()) === 3)
    assert.equal(await page.getByLabel('Handoff').inputValue(), '')
  })

  it('are searched by number, version and time, say when nothing matches, and give what is found as CSV', async () => {
    const page = await pages.open('/p/hotel/calls?handoff=duty-manager&version=1&from=2020-01-01T00:00:00Z')
    await page.getByRole('row').getByText('duty-manager').waitFor()
    await page.getByLabel('Number').fill(sandboxNumber.replace('+1', '+1 '))
    await until('the number is in the address', () => new URL(page.url()).searchParams.has('number'))
    assert.equal(await page.getByRole('row').count(), 2)
    const download = page.waitForEvent('download')
    await page.getByRole('link', { name: 'Download CSV' }).click()
    const csv = await readFile(await (await download).path(), 'utf8')
    assert.match(csv, /^id,started_at,.*\r\n.*,duty-manager,succeeded.*\r\n$/)

    await page.getByLabel('To', { exact: true }).fill('2021-01-01T00:00')
    await page.getByText('No call matches.').waitFor()
    await page.getByLabel('Version').fill('two')
    await page.getByRole('alert').getByText('version').waitFor()
  })

  it('are counted by their transfers, and each count leads to its calls', async () => {
    const page = await pages.open('/transfers')
    await page.getByText('2 transfers, 50 % succeeded.').waitFor()
    const compared = page.getByRole('region', { name: 'Compared' })
    await compared.getByRole('row', { name: /^duty-manager 1 100 %/ }).waitFor()
    await page.getByRole('region', { name: 'Time to a person' }).getByText('half within').waitFor()
    assert.deepEqual(await accessibilityProblems(page), [])
    await bothPictures(page, 'transfers')
    await page.setViewportSize({ width: 360, height: 740 })
    await until(
      'the page fits',
      async () => (await page.evaluate<number>('document.documentElement.scrollWidth')) <= 360,
    )
    await page.setViewportSize({ width: 1280, height: 800 })
    await page.getByLabel('Compare by').selectOption('Reason')
    await compared.getByRole('link', { name: '1 Failed: calls of busy' }).click()
    await page.getByRole('heading', { level: 2, name: 'Calls' }).waitFor()
    await page.getByRole('row').getByText('Failed: busy').waitFor()
    assert.equal(await page.getByLabel('Reason').inputValue(), 'busy')
    assert.equal(await page.getByRole('row').count(), 2)
  })
})
