import assert from 'node:assert/strict'
import { tone } from '../server/audio/tone.ts'
import { until } from '../harness/until.ts'
import { accessibilityProblems } from './browser.ts'
import { Hotel } from './hotel.ts'

describe('the audio files on the page Handoffs', function () {
  const hotel = Hotel.of(this)
  const { pages } = hotel
  const draft = () => hotel.baton.api<{ audio?: Record<string, string> }>('GET', '/v1/projects/hotel/draft')

  it('are uploaded, listened to, named by a handoff, and deleted once no handoff plays them', async () => {
    const page = await pages.open('/handoffs')
    await page.getByRole('button', { name: 'Audio files' }).click()
    const dialog = page.getByRole('dialog', { name: 'Audio files of the draft' })
    await dialog.getByText('None yet.').waitFor()
    const choose = (name: string, buffer: Buffer) =>
      page.locator('input[type=file]').setInputFiles({ name, mimeType: 'audio/wav', buffer })

    await choose('music.wav', tone(1, { level: 0 }))
    await dialog.getByRole('button', { name: 'Upload' }).click()
    await dialog.getByText('music.wav is silent').waitFor()

    await choose('music.wav', tone(2, { level: 0.02 }))
    await dialog.getByRole('button', { name: 'Upload' }).click()
    const row = dialog.getByRole('region', { name: 'music.wav' })
    await row.getByText('2 s, 8 kHz').waitFor()
    await row.getByText(/^it is quiet/).waitFor()
    await row.getByText('No handoff plays it.').waitFor()
    const source = await row.getByLabel('Listen to music.wav').getAttribute('src')
    const heard = await page.request.get(new URL(source ?? '', hotel.baton.http).href)
    assert.deepEqual(await heard.body(), tone(2, { level: 0.02 }))
    assert.deepEqual(await accessibilityProblems(page), [])
    await page.keyboard.press('Escape')

    await page.getByRole('article', { name: 'front-desk' }).getByRole('button', { name: 'Edit' }).click()
    await page.getByRole('button', { name: 'Advanced' }).click()
    await page.getByLabel('What the caller hears meanwhile').selectOption('music.wav')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('dialog').waitFor({ state: 'detached' })

    await page.getByRole('button', { name: 'Audio files' }).click()
    await row.getByText('Played by front-desk').waitFor()
    const remove = row.getByRole('button', { name: 'Delete music.wav' })
    await remove.click()
    await row.getByText('front-desk plays it').waitFor()
    await hotel.baton.api('PATCH', '/v1/projects/hotel/draft/handoffs/front-desk', { hold_music: null })
    await row.getByText('No handoff plays it.').waitFor()
    await remove.click()
    await dialog.getByText('None yet.').waitFor()
    await until('the draft has none', async () => {
      assert.equal((await draft()).audio, undefined)
    })
  })
})
