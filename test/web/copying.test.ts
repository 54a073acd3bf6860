import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'
import { insecureHost } from './browser.ts'
import { Hotel } from './hotel.ts'

interface Browser {
  isSecureContext: boolean
  navigator: { clipboard?: object }
}

describe('the buttons that copy', function () {
  const hotel = Hotel.of(this)
  const { pages } = hotel

  /** What the clipboard has, as a person finds out. */
  const pasted = async (page: Page): Promise<string> => {
    await page.getByRole('link', { name: 'Handoffs', exact: true }).click()
    await page.getByRole('button', { name: 'Add handoff' }).click()
    const field = page.getByRole('dialog').getByLabel('Description')
    await field.click()
    await page.keyboard.press('Control+V')

    return field.inputValue()
  }

  for (const [where, host, isSecure] of [
    ['on this machine', '127.0.0.1', true],
    ['from another machine by plain http', insecureHost, false],
  ] as const) {
    it(`copy, on a page ${where}`, async () => {
      const address = new URL('/p/hotel/trunks', hotel.baton.http)
      address.hostname = host
      const page = await pages.open('about:blank')
      const answer = await page.goto(address.href)
      assert.equal(answer?.headers()['cross-origin-opener-policy'], isSecure ? 'same-origin' : undefined)
      const context = await page.evaluate(() => {
        const { isSecureContext, navigator } = globalThis as unknown as Browser

        return [isSecureContext, navigator.clipboard !== undefined]
      })
      assert.deepEqual(context, [isSecure, isSecure])
      const copy = page.getByRole('button', { name: /^Copy sip:/ }).first()
      const label = (await copy.getAttribute('aria-label')) ?? ''
      await copy.click()
      await page.getByText('Copied', { exact: true }).waitFor()
      assert.equal(await page.locator('textarea').count(), 0)
      assert.equal(await pasted(page), label.replace('Copy ', ''))
    })
  }
})
