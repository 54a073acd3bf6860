import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'
import type { CallView } from '../../server/legs/views.ts'
import { Baton } from '../harness/baton.ts'
import { Crowd } from '../harness/crowd.ts'
import { needs } from '../harness/needs.ts'
import { freePort } from '../harness/ports.ts'
import { Sipp } from '../harness/sipp.ts'
import { stacks } from '../harness/stacks.ts'
import { accessibilityProblems, bothPictures, Pages } from './browser.ts'

const [embedded] = stacks
const number = '+14155550199'
const many = 1000
/** Rows in the document, however many calls are up. */
const maxRows = 60
/** A frame that takes longer than this stutters (the Long Tasks API's bound). */
const maxFrameMs = 50
const maxWindows = 12

describe('the page Live calls', function () {
  needs('chromium', 'sipp')
  this.timeout(120_000)
  let baton: Baton
  let agentPort: number
  let deskPort: number
  const pages = new Pages(() => baton)
  const crowds: Crowd[] = []

  before(() => pages.launch())
  afterEach(async () => {
    await pages.leave()
    await baton.stop()
    for (const crowd of crowds.splice(0)) crowd.close()
    assert.deepEqual(pages.takeProblems(), [])
  })
  after(() => pages.close())

  const start = async (agent: string, env: Record<string, string> = {}): Promise<void> => {
    assert.ok(embedded)
    baton = await Baton.start({ stack: embedded, env })
    await baton.project({
      project: 'hotel',
      environments: { sandbox: { numbers: [number], agents: [agent] } },
      table: {
        handoffs: [{ name: 'front-desk', default: true, method: 'invite', route: `sip:desk@127.0.0.1:${deskPort}` }],
      },
    })
  }
  beforeEach(async () => {
    ;[agentPort, deskPort] = [await freePort(), await freePort()]
  })

  const newCrowd = async (): Promise<Crowd> => {
    const crowd = await Crowd.open()
    crowds.push(crowd)

    return crowd
  }
  const hangUp = ({ id }: CallView) => baton.api('POST', `/v1/calls/${id}/hangup`)
  const liveCalls = async () =>
    (await baton.api<{ calls: CallView[] }>('GET', '/v1/calls?project=hotel&state=live&limit=1000')).calls
  /** Requests of the list of live calls that the page has sent. */
  const listsOf = (page: Page): string[] => {
    const lists: string[] = []
    page.on('request', (request) => {
      if (request.url().includes('state=live')) lists.push(request.url())
    })

    return lists
  }

  it('shows 1000 calls without a stutter while calls come and go, and asks for the list once', async () => {
    const crowd = await newCrowd()
    await start(crowd.uri)
    await crowd.call(many, number, baton.sip())
    const page = await pages.open('/p/hotel/handoffs')
    await page.getByRole('heading', { level: 2, name: 'Handoffs' }).waitFor()
    const lists = listsOf(page)
    await page.getByRole('link', { name: 'Live calls' }).click()
    await page.getByText(`${many} calls`, { exact: true }).waitFor()
    const table = page.getByRole('table')
    assert.equal(await table.getAttribute('aria-rowcount'), String(many + 1))
    assert.ok((await page.getByRole('row').count()) < maxRows)
    assert.deepEqual(await accessibilityProblems(page), [])

    await bothPictures(page, 'live-calls')
    const later = await newCrowd()
    const calls = await liveCalls()
    const worst: number[] = []
    // A busy machine makes every page stutter: the best window counts, in each of which calls come and go while the list scrolls.
    while (worst.length < maxWindows && Math.min(Infinity, ...worst) > maxFrameMs) {
      const changing = Promise.all([...calls.splice(0, 10).map(hangUp), later.call(10, number, baton.sip())])
      worst.push(await longestTask(page))
      await changing
    }
    assert.ok(Math.min(...worst) <= maxFrameMs, `the longest tasks of the windows: ${worst.join(', ')} ms`)
    await page.getByText(`${many} calls`, { exact: true }).waitFor()
    assert.ok((await page.getByRole('row').count()) < maxRows)
    assert.equal(lists.length, 1)

    // The keyboard reaches the last row, and the row with the focus stays when others are in sight.
    const region = page.getByRole('region', { name: 'Live calls' })
    await region.focus()
    await page.keyboard.press('End')
    await page.locator(`tr[aria-rowindex="${many + 1}"]`).waitFor()
    await page
      .locator(`tr[aria-rowindex="${many + 1}"]`)
      .getByRole('link')
      .focus()
    await page.evaluate('document.querySelector("[role=region][aria-label=\'Live calls\']").scrollTop = 0')
    await page.locator('tr[aria-rowindex="2"]').waitFor()
    assert.equal(
      await page.evaluate('document.activeElement.closest("tr").getAttribute("aria-rowindex")'),
      String(many + 1),
    )
    await page.getByLabel('State').selectOption('With a person')
    await page.getByText('No live call matches.').waitFor()
  })

  it('asks for the list once after the events were lost, and goes on by them', async () => {
    const crowd = await newCrowd()
    const env = { HTTP_LISTEN: `127.0.0.1:${await freePort()}` }
    await start(crowd.uri, env)
    await crowd.call(1, number, baton.sip())
    const page = await pages.open('/p/hotel/live')
    await page.getByText('1 call', { exact: true }).waitFor()
    const lists = listsOf(page)
    await baton.stop()
    await page.getByRole('status').filter({ hasText: 'Not live' }).waitFor()
    await start(crowd.uri, env)
    await page.getByRole('status').filter({ hasText: 'Not live' }).waitFor({ state: 'detached' })
    await page.getByText('No call is up.').waitFor()
    assert.equal(lists.length, 1)
    await crowd.call(2, number, baton.sip())
    await page.getByText('2 calls', { exact: true }).waitFor()
    assert.equal(lists.length, 1)
    pages.takeProblems()
  })

  it('hands a caller over, and its state, handoff and ladder follow without a reload', async () => {
    await start(`sip:agent@127.0.0.1:${agentPort}`)
    const page = await pages.open('/p/hotel/live')
    await page.getByText('No call is up.').waitFor()
    const agent = await Sipp.answering({ scenario: 'uas-call-answered', port: agentPort, timeoutSeconds: 90 })
    const desk = await Sipp.answering({ scenario: 'uas-call-answered', port: deskPort, timeoutSeconds: 90 })
    const waits = { until: () => Promise.resolve() }
    const caller = await Sipp.calling(
      { scenario: 'uac-reinvite-bridged', ...waits, timeoutSeconds: 90 },
      number,
      baton.sip(),
    )
    const row = page.getByRole('row').nth(1)
    await row.getByText('With the agent').waitFor()
    await row.getByText(`sip:agent@127.0.0.1:${agentPort}`).waitFor()
    const href = (await row.getByRole('link').getAttribute('href')) ?? ''
    const watching = await pages.open(href)
    const arrows = watching.getByRole('region', { name: 'Ladder' }).getByRole('button')
    await arrows.filter({ hasText: 'INVITE' }).first().waitFor()

    await row.getByRole('button', { name: 'Hand over' }).click()
    const dialog = page.getByRole('dialog', { name: 'Hand over' })
    assert.deepEqual(await accessibilityProblems(page), [])
    await dialog.getByLabel('Reason').fill('asks for the desk')
    await dialog.getByRole('button', { name: 'Hand over' }).click()
    await row.getByText('With a person').waitFor()
    await row.getByText(`front-desk: sip:desk@127.0.0.1:${deskPort}`).waitFor()
    await row.getByText('Succeeded').waitFor()
    await watching
      .getByRole('region', { name: 'Ladder' })
      .getByRole('button', { name: /^INVITE, Baton → Destination/ })
      .waitFor()
    await watching.getByRole('region', { name: 'Evidence' }).getByText('Transfer to front-desk').waitFor()
    const [call] = await liveCalls()
    assert.ok(call)
    assert.equal(call.transfers[0]?.requestReason, 'asks for the desk')

    const media = watching.getByRole('region', { name: 'Media' })
    await media.getByRole('row', { name: /Caller with Agent Both ways PCMU$/ }).waitFor()
    await media.getByRole('row', { name: /until now Caller with Destination Both ways PCMU$/ }).waitFor()
    await media.getByText('Session descriptions').click()
    await media
      .getByRole('row', { name: /Destination said 200 OK 127\.0\.0\.1:\d+ PCMU/ })
      .first()
      .waitFor()
    assert.deepEqual(await accessibilityProblems(watching), [])

    await caller.cue(call.caller.callId)
    await Promise.all([agent.done, desk.done, caller.done])
    await page.getByText('No call is up.').waitFor()
    await watching.getByText('Answered', { exact: false }).first().waitFor()
    await watching
      .getByRole('region', { name: 'Ladder' })
      .getByRole('button', { name: /^BYE, Caller → Baton/ })
      .waitFor()
  })

  it('ends a call, whose row goes', async () => {
    await start(`sip:agent@127.0.0.1:${agentPort}`)
    const page = await pages.open('/p/hotel/live', { viewport: { width: 360, height: 740 }, colorScheme: 'dark' })
    await page.getByText('No call is up.').waitFor()
    const agent = await Sipp.answering({ scenario: 'uas-call-answered', port: agentPort, timeoutSeconds: 90 })
    const caller = await Sipp.calling({ scenario: 'uac-call-released' }, number, baton.sip())
    await page.getByRole('row').nth(1).getByText('With the agent').waitFor()
    assert.ok((await page.evaluate<number>('document.documentElement.scrollWidth')) <= 360)
    assert.deepEqual(await accessibilityProblems(page), [])
    await page.getByLabel('Search').fill('+1 415 555-0123')
    await page.getByText('1 call', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'Hang up' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Hang up' }).click()
    await page.getByText('No call is up.').waitFor()
    await Promise.all([agent.done, caller.done])
    const { calls } = await baton.api<{ calls: CallView[] }>('GET', '/v1/calls?project=hotel')
    assert.deepEqual(
      calls.map(({ result, reason, endedBy }) => [result, reason, endedBy]),
      [['answered', 'hung_up_by_api', 'baton']],
    )
  })
})

interface TraceEvent {
  name: string
  ph: string
  pid: number
  tid: number
  /** The processor's time of a task, in microseconds. */
  tdur?: number
  args: { name?: string }
}

/**
 * Scrolls the list for a second, a row in each frame. Returns the longest task of the page meanwhile, in milliseconds of the
 * processor: a busy machine makes tasks wait, which is not the page's doing.
 */
async function longestTask(page: Page): Promise<number> {
  const browser = page.context().browser()
  assert.ok(browser)
  await browser.startTracing(page, { categories: ['toplevel'] })
  await page.evaluate(`new Promise((resolve) => {
    const region = document.querySelector('[role=region][aria-label="Live calls"]')
    const startedAt = performance.now()
    const scroll = (now) => {
      region.scrollTop += 50
      if (now - startedAt < 1000) requestAnimationFrame(scroll)
      else resolve()
    }
    requestAnimationFrame(scroll)
  })`)
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString()) as { traceEvents: TraceEvent[] }
  const main = traceEvents.filter(
    ({ ph, name, args }) => ph === 'M' && name === 'thread_name' && args.name === 'CrRendererMain',
  )
  const durations = traceEvents
    .filter(({ pid, tid }) => main.some((thread) => thread.pid === pid && thread.tid === tid))
    .map(({ tdur = 0 }) => tdur / 1000)
  assert.ok(
    durations.some((duration) => duration > 0),
    'the page had no task',
  )

  return Math.max(...durations)
}
