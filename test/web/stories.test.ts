import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import { readPcap } from '../harness/pcap.ts'
import { Sipp } from '../harness/sipp.ts'
import { accessibilityProblems, bothPictures, picture, whenShown } from './browser.ts'
import { Hotel, promote, publish, sandboxNumber } from './hotel.ts'

describe('on the pages, an operator', function () {
  const hotel = Hotel.of(this)
  const { pages } = hotel

  it('changes the number of the front desk, and the next Sandbox call reaches it', async () => {
    const desk = await Sipp.answering({ scenario: 'uas-call-answered', timeoutSeconds: 110 })
    const page = await pages.open('/handoffs')
    await page.getByRole('article', { name: 'front-desk' }).getByRole('button', { name: 'Edit' }).click()
    const dialog = page.getByRole('dialog', { name: 'Edit handoff' })
    await dialog.getByLabel('Route / Number').fill(`sip:desk@127.0.0.1:${desk.port}`)
    await dialog.getByRole('region', { name: 'Preview' }).getByText(`INVITE sip:desk@127.0.0.1:${desk.port}`).waitFor()
    await dialog.getByRole('button', { name: 'Save' }).click()
    await dialog.waitFor({ state: 'detached' })
    await publish(page, 'the front desk has moved')
    await promote(page, 'Sandbox')

    const { transfers, version } = await hotel.callTheSandbox()
    assert.equal(version, 2)
    assert.equal(transfers[0]?.result, 'succeeded')
    await desk.done
    await page.getByRole('link', { name: 'Calls', exact: true }).click()
    await page.getByRole('row').nth(1).getByRole('link').click()
    const diagnosis = page.getByRole('region', { name: 'Diagnosis' }).getByRole('alert')
    await diagnosis.waitFor()
    await page.reload()
    await diagnosis.waitFor()
    await page.getByRole('region', { name: 'Evidence' }).getByText('200 OK').first().waitFor()
    await page.getByRole('region', { name: 'Media' }).getByText('Caller with Destination').waitFor()
    await bothPictures(page, 'call')
    await takesAway(page)
    await page
      .getByRole('region', { name: 'Ladder' })
      .getByRole('button', { name: /^INVITE, Caller/ })
      .click()
    await page.getByRole('dialog').getByText(`INVITE sip:${sandboxNumber}@`).waitFor()
    assert.deepEqual(await accessibilityProblems(page), [])
  })

  it('adds a handoff with a display name and two headers, tests it, and promotes it to Live', async () => {
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
    await dialog.getByText('Becomes +14155550123').waitFor()
    await dialog.getByText(/^2 of \d+ headers, \d+ of [\d,]+ bytes/).waitFor()
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
    const live = page.getByRole('region', { name: 'Live' })
    await live.getByText('Version 2').waitFor()
    const { environments } = await hotel.baton.api<{ environments: { live: { version: number } } }>(
      'GET',
      '/v1/projects/hotel',
    )
    assert.equal(environments.live.version, 2)

    await live.getByRole('button', { name: 'Roll back' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Roll back' }).click()
    await live.getByText('Version 1').waitFor()
  })

  it('sees the ladder of a rehearsal while it runs, and then the verdict', async () => {
    const page = await pages.open('/test')
    await page.getByLabel('Handoff', { exact: true }).selectOption('front-desk')
    await page.getByLabel('Talk first (seconds)').fill('4')
    await page.getByRole('button', { name: 'Rehearse' }).click()
    const running = page.getByRole('status').filter({ hasText: 'INVITE' })
    await running.getByRole('button', { name: /^INVITE, Caller/ }).waitFor()
    assert.equal(await page.getByText('Passed').count(), 0)
    await page.getByRole('status').filter({ hasText: 'Passed' }).waitFor()
  })

  it('reads what a transfer would send, for a caller, a moment and variables', async () => {
    await hotel.baton.api('PATCH', '/v1/projects/hotel/draft/handoffs/front-desk', {
      headers: { 'X-Guest': '${guest:-unknown}' },
    })
    const page = await pages.open('/test')
    await page.getByRole('heading', { level: 2, name: 'Test' }).waitFor()
    await page.getByText(sandboxNumber, { exact: true }).first().waitFor()
    await page.getByLabel('Table').selectOption('The draft')
    await page.getByLabel('Caller').fill('+14155550177')
    await page.getByLabel('Variables').fill('guest=Ms Bell')
    await page.getByRole('button', { name: 'Explain' }).click()
    const bytes = page.getByRole('region', { name: '1. front-desk' })
    await bytes.getByText('X-Guest: Ms Bell').waitFor()
    await bytes.getByText('<sip:+14155550177@').waitFor()
    await page.reload()
    assert.equal(await page.getByLabel('Variables').inputValue(), 'guest=Ms Bell')
  })

  it('deletes a handoff only for its typed name, and reads which others name it', async () => {
    await hotel.baton.api('PATCH', '/v1/projects/hotel/draft/handoffs/front-desk', { on_failure: ['duty-manager'] })
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

  it('adds a handoff with the keyboard alone', async () => {
    const page = await pages.open('/handoffs')
    await page.getByRole('article', { name: 'front-desk' }).waitFor()
    const { keyboard } = page
    await page.getByRole('button', { name: 'Add handoff' }).focus()
    await keyboard.press('Enter')
    const dialog = page.getByRole('dialog', { name: 'Add handoff' })
    await dialog.waitFor()
    await whenShown(page, '[role=dialog] :focus')
    await keyboard.type('Night porter')
    await keyboard.press('Tab')
    await keyboard.type('Who is there at night')
    await keyboard.press('Tab')
    await keyboard.press('Tab')
    await keyboard.type('sip:porter@127.0.0.1:9')
    await keyboard.press('Enter')
    await dialog.waitFor({ state: 'detached' })
    await page.getByRole('article', { name: 'Night porter' }).getByText('Who is there at night').waitFor()
  })
})

/** The ladder of a call as a capture file with every message, and a link to its page. */
async function takesAway(page: Page): Promise<void> {
  const arrows = page.getByRole('region', { name: 'Ladder' }).getByRole('button', { name: / → / })
  await arrows.first().waitFor()
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Download pcap' }).click(),
  ])
  assert.match(download.suggestedFilename(), /^call-.+\.pcap$/)
  assert.equal(readPcap(await readFile(await download.path())).length, await arrows.count())
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await page.getByRole('button', { name: 'Copy link' }).click()
  await page.getByRole('button', { name: 'Copied' }).waitFor()
  assert.equal(await page.evaluate('navigator.clipboard.readText()'), page.url())
}
