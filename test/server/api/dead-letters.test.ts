import assert from 'node:assert/strict'
import { deadLetter, startApi, webhooksWith } from './baton.ts'

const base = '/v1/webhooks/dead-letters'

describe('the API of dead letters', () => {
  it('lists, shows, replays and deletes them', async () => {
    const baton = await startApi({ webhooks: webhooksWith(deadLetter, { ...deadLetter, id: 'a1b2c3d4-8' }) })
    const ask = (method: 'GET' | 'POST' | 'DELETE', url: string) => baton.api.inject({ method, url })
    const states = async () =>
      (await ask('GET', base)).json<{ deadLetters: { state: string }[] }>().deadLetters.map(({ state }) => state)
    const { id, event, attempts, problem } = deadLetter

    assert.deepEqual(await states(), ['dead', 'dead'])
    assert.equal((await ask('GET', `${base}?limit=1`)).json<{ count: number }>().count, 2)
    const shown = (await ask('GET', `${base}/${id}`)).json<typeof deadLetter>()
    assert.deepEqual([shown.event, shown.attempts, shown.problem], [event, attempts, problem])

    const replayed = await ask('POST', `${base}/${id}/replay`)
    assert.deepEqual([replayed.statusCode, replayed.json<{ state: string }>().state], [202, 'replaying'])
    assert.deepEqual(await states(), ['replaying', 'dead'])
    assert.deepEqual((await ask('POST', `${base}/replay`)).json(), { replayed: [id, 'a1b2c3d4-8'] })
    assert.deepEqual(await states(), ['replaying', 'replaying'])

    assert.deepEqual((await ask('DELETE', `${base}/${id}`)).json(), { deleted: [id] })
    assert.equal((await ask('GET', `${base}/${id}`)).statusCode, 404)
    assert.equal((await ask('DELETE', `${base}/${id}`)).statusCode, 404)
    assert.deepEqual((await ask('DELETE', base)).json(), { deleted: ['a1b2c3d4-8'] })
    assert.deepEqual(await states(), [])
    await baton.close()
  })

  it('has none where no webhook is set', async () => {
    const baton = await startApi()
    assert.deepEqual((await baton.api.inject(base)).json(), { count: 0, deadLetters: [] })
    assert.equal((await baton.api.inject({ method: 'POST', url: `${base}/x/replay` })).statusCode, 404)
    await baton.close()
  })
})
