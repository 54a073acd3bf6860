import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'
import { RawPhone } from '../harness/raw-call.ts'
import { accessibilityProblems } from './browser.ts'
import { Hotel, sandboxNumber } from './hotel.ts'

const width = 360

describe('on a screen of 360 px', function () {
  const hotel = Hotel.of(this)
  const phones: RawPhone[] = []

  afterEach(() => {
    for (const phone of phones.splice(0)) phone.close()
  })

  const newPhone = async (): Promise<RawPhone> => {
    const phone = await RawPhone.open(hotel.baton.sip())
    phones.push(phone)

    return phone
  }
  /** A call that has been handed over to a person, and is up. */
  const bridgedCall = async () => {
    const [caller, agent, person] = [await newPhone(), await newPhone(), await newPhone()]
    await hotel.baton.project({
      project: 'hotel',
      environments: { sandbox: { numbers: [sandboxNumber], agents: [agent.uri] } },
      table: { handoffs: [{ name: 'front-desk', default: true, method: 'invite', route: person.uri }] },
    })
    caller.call(sandboxNumber)
    await agent.answer(await agent.invited())
    await caller.answered()
    const { callId: id = '' } = await hotel.baton.events.of('call.answered', caller.callId)
    await hotel.baton.api('POST', `/v1/calls/${id}/transfer`, { handoff: 'front-desk' })
    await person.answer(await person.invited())
    caller.respond(await caller.next(/^INVITE /), '200 OK', { body: caller.session })
    await agent.takes('BYE')
    await hotel.baton.events.of('transfer.ended', id)

    return { id, caller, person }
  }

  for (const colorScheme of ['light', 'dark'] as const) {
    it(`each page fits, and no table must be scrolled sideways, in ${colorScheme}`, async () => {
      const ended = await bridgedCall()
      const released = ended.person.takes('BYE')
      await ended.caller.ask('BYE')
      await released
      const { id } = await bridgedCall()
      const page = await hotel.pages.open('/handoffs', { viewport: { width, height: 740 }, colorScheme })
      for (const [path, sign] of [
        ['handoffs', 'front-desk'],
        ['schedules', 'Schedules'],
        ['environments', 'Rehearse all'],
        ['test', 'Rehearse'],
        ['live', 'With a person'],
        ['calls', 'Download CSV'],
        [`calls/${id}`, 'Caller with Destination'],
        ['transfers', 'Compared'],
        ['trunks', 'Used by'],
        ['history', 'Import a project file'],
        ['people', 'People & tokens'],
      ] as const) {
        await page.goto(`${hotel.baton.http}/p/hotel/${path}`)
        await page.getByText(sign).filter({ visible: true }).first().waitFor()
        assert.deepEqual(await tooWide(page), [], path)
        assert.deepEqual(await accessibilityProblems(page), [], path)
      }
    })
  }
})

/** The page, or the parts of it, that must be scrolled sideways to be read; bytes of SIP messages and the ladder, a picture, may. */
function tooWide(page: Page): Promise<string[]> {
  return page.evaluate<
    string[]
  >(`[...document.querySelectorAll('html, body, body *:not(pre):not(pre *):not(:has(> svg))')]
    .filter((part) => part.scrollWidth > part.clientWidth + 1 && /auto|scroll/.test(getComputedStyle(part).overflowX))
    .map((part) => part.outerHTML.slice(0, 200))
    .concat(document.documentElement.scrollWidth > innerWidth ? ['the page'] : [])`)
}
