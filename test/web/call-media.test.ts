import assert from 'node:assert/strict'
import { Phones } from '../e2e/phones.ts'
import { needs } from '../harness/needs.ts'
import { Rtpengine } from '../harness/rtpengine.ts'
import { until } from '../harness/until.ts'
import { accessibilityProblems } from './browser.ts'
import { Hotel } from './hotel.ts'

describe('the media on the page of a call', function () {
  needs('rtpengine')
  let rtpengine: Rtpengine
  before(async () => {
    rtpengine = await Rtpengine.start()
  })
  after(() => rtpengine.kill())
  const hotel = Hotel.of(this, undefined, () => ({ MEDIA: 'rtpengine', RTPENGINE: rtpengine.address }))
  const phones = new Phones(() => hotel.baton)
  afterEach(() => phones.settle())

  it('is what came from each party, and which one was not heard', async () => {
    const desk = await phones.open()
    const { id, caller, agent } = await phones.connected([
      { name: 'desk', default: true, method: 'invite', route: desk.uri, encryption: 'required' },
    ])
    caller.audio.say(500)
    // It sends nothing.
    desk.audio.say(undefined)
    await agent.refers('<sip:desk@baton>')
    await desk.answers()
    await desk.audio.heard.tone(500)
    const page = await hotel.pages.open(`/p/phones/calls/${id}`)
    const media = page.getByRole('region', { name: 'Media' })
    await media.getByText('Through rtpengine, for encryption.').waitFor()
    await media.getByRole('row', { name: /until now Caller with Destination Both ways PCMU$/ }).waitFor()
    const silent = 'one-way audio: no packet ever came from the destination: firewall?'
    await until('the silence is found', async () => (await hotel.baton.call(id)).media?.problem === silent)
    await page.reload()
    await page.getByRole('region', { name: 'Diagnosis' }).getByText(silent).waitFor()
    await media.getByRole('row', { name: 'Destination SRTP 0 Not known Not known Not known' }).waitFor()
    assert.deepEqual(await accessibilityProblems(page), [])
    caller.hangsUp()
    await desk.hungUp()
    const row = media.getByRole('row', { name: /^Caller PCMU \d+ 0%/ })
    await row.waitFor()
    const [, , packets = ''] = await row.getByRole('cell').allTextContents()
    assert.ok(Number(packets) >= 5, packets)
  })
})
