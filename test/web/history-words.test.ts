import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { texts } from '../../web/src/texts/index.ts'

/** Requests that ask, and change nothing. */
const withoutEntry = [
  'POST /v1/doctor',
  'POST /v1/projects/{project}/explain',
  'POST /v1/twilio/plan',
  'POST /v1/twilio/voice',
  'POST /v1/twilio/voice/ended',
  'POST /v1/twilio/voice/refer',
  'POST /v1/twilio/disaster',
  // One name for each command.
  'POST /v1/targets/{id}/{command}',
]
/** A read that signs a person in. */
const readWithEntry = 'GET /v1/sign-in/oidc/callback'

describe('the page History', () => {
  it('has a name for each request that has an entry', async () => {
    const { paths } = JSON.parse(await readFile('docs/openapi.json', 'utf8')) as { paths: Record<string, object> }
    const requests = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    )
    const commands = ['probe', 'disable', 'enable', 'drain'].map((command) => `POST /v1/targets/{id}/${command}`)
    const changing = requests.filter((request) => !request.startsWith('GET ') && !withoutEntry.includes(request))
    assert.deepEqual(Object.keys(texts.history.requests).sort(), [...changing, ...commands, readWithEntry].sort())
  })

  it('names what a request was about', () => {
    const { requests } = texts.history
    const name = (request: string, facts: Record<string, string>) => requests[request]?.(facts)
    const promote = 'POST /v1/projects/{project}/environments/{environment}/promote'
    assert.equal(name(promote, { environment: 'Live', what: '3' }), 'Promote version 3 to Live')
    assert.equal(name(promote, { environment: 'Live', what: '' }), 'Promote to Live')
    for (const words of Object.values(requests)) {
      assert.match(words({ name: 'n', handoff: 'n', schedule: 'n', id: 'n', trunk: 'n', environment: 'n' }), /^[A-Z]/)
    }
  })
})
