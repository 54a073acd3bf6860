import assert from 'node:assert/strict'
import type { CallView } from '../../server/legs/views.ts'
import { accessibilityProblems } from './browser.ts'
import { Hotel } from './hotel.ts'
import { password, signIn } from './people.ts'

describe('the pages that load while the first account is added', function () {
  const hotel = Hotel.of(this)
  const rehearsedCall = async (): Promise<string> => {
    const rehearsal = { environment: 'sandbox', handoff: 'front-desk', destination: 'synthetic' }
    const { call } = await hotel.baton.api<{ call: CallView }>('POST', '/v1/projects/hotel/rehearsals', rehearsal)

    return call.id
  }

  for (const [path, request, shown] of [
    ['/', '/v1/projects', '/p/hotel/handoffs'],
    ['/live', '/v1/projects', '/p/hotel/live'],
    ['/p/hotel/schedules', '/v1/projects/hotel', '/p/hotel/schedules'],
    ['/p/hotel/handoffs', '/v1/projects/hotel/draft', '/p/hotel/handoffs'],
    ['/p/hotel/trunks', '/v1/trunks', '/p/hotel/trunks'],
    ['/calls/{call}', '/v1/calls/{call}', '/p/hotel/calls/{call}'],
  ] as const) {
    it(`ask for a sign-in and go on: ${path}, refused at ${request}`, async () => {
      const call = await rehearsedCall()
      const page = await hotel.pages.open('about:blank')
      const refused: number[] = []
      page.on('response', (response) => {
        if (response.status() !== 200 && new URL(response.url()).pathname.startsWith('/v1/')) {
          refused.push(response.status())
        }
      })
      await page.route(
        ({ pathname }) => pathname === request.replace('{call}', call),
        async (route) => {
          await hotel.baton.api('POST', '/v1/people', { name: 'ann', role: 'admin', password })
          await route.continue()
        },
        { times: 1 },
      )
      await page.goto(new URL(path.replace('{call}', call), hotel.baton.http).href)
      await page.getByRole('heading', { name: 'Sign in to Baton' }).waitFor()
      assert.deepEqual(await accessibilityProblems(page), [])
      await page.getByText('Baton now asks who you are.').waitFor()
      assert.ok(refused.includes(401))
      await signIn(page, 'ann')
      await page.getByRole('heading', { level: 2 }).first().waitFor()
      assert.equal(new URL(page.url()).pathname, shown.replace('{call}', call))
      assert.equal(await page.getByText('Sign in, or send').count(), 0)
    })
  }
})
