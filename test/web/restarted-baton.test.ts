import assert from 'node:assert/strict'
import type { Baton } from '../harness/baton.ts'
import { needs } from '../harness/needs.ts'
import { freePort } from '../harness/ports.ts'
import { until } from '../harness/until.ts'
import { Site } from '../e2e/restarted-site.ts'
import { accessibilityProblems, Pages } from './browser.ts'

describe('the pages of a Baton that is killed while calls are up, and started again,', function () {
  needs('chromium')
  this.timeout(120_000)
  let site: Site
  let baton: Baton
  const pages = new Pages(() => baton)

  before(async () => {
    await pages.launch()
    site = await Site.open({ HTTP_LISTEN: `127.0.0.1:${await freePort()}` })
    baton = await site.withCalls(3)
  })
  after(async () => {
    await pages.close()
    await site.close()
    assert.deepEqual(pages.takeProblems(), [])
  })

  it('say how many calls go on, and mark each of them, live and once it has ended', async () => {
    const page = await pages.open('/live')
    const rows = page.getByRole('main').getByRole('row')
    await until('the calls are shown', async () => (await rows.count()) === 4)
    assert.equal(await page.getByText('taken up').count(), 0)
    // The page has seen events of this process, by which it knows those of the next.
    await site.callers.call(1, '+14155550177', baton.sip())
    await until('the fourth call is shown', async () => (await rows.count()) === 5)
    await rows.getByText('With the agent', { exact: true }).nth(3).waitFor()

    await baton.kill()
    await page.getByText('Not live: the connection to Baton is lost.').waitFor()
    baton = await site.start()
    await page.getByText('4 calls that were up go on.').waitFor()
    await page.getByText(/^Baton was restarted at .*: 4 of these calls were up before, and go on\.$/).waitFor()
    await page.getByText('Not live').waitFor({ state: 'detached' })
    await until('each row is marked', async () => (await rows.getByText('taken up after a restart').count()) === 4)
    assert.deepEqual(await accessibilityProblems(page), [])
    await page.reload()
    await page.getByText(/^Baton was restarted at /).waitFor()

    await rows.nth(1).getByRole('link').click()
    await page.getByText(/ taken up at .* after Baton had been restarted$/).waitFor()
    await site.callers.hangUp()
    await page.getByRole('link', { name: 'Live calls' }).click()
    await page.getByText('No call is up.').waitFor()
    assert.equal(await page.getByText(/^Baton was restarted at /).count(), 0)
    await page.getByRole('link', { name: 'Calls', exact: true }).click()
    await until('each ended call is marked', async () => {
      return (await rows.getByText('taken up after a restart').count()) === 4
    })
    assert.deepEqual(await accessibilityProblems(page), [])
  })
})
