import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { headerBytes, plan, profiles, type HeaderLimits, type Table } from '../../routes/index.ts'
import type { ReceiverProfileName } from '../../routes/schema/project-file.ts'
import { userToUser } from '../../routes/table/render.ts'
import { pinned } from './fixtures.ts'

type HandoffRecord = Table['handoffs'][number]

function step(over: Partial<HandoffRecord>, headerLimits?: HeaderLimits) {
  const table: Table = { handoffs: [{ name: 'a', default: true, route: 'sip:a@b', ...over }] }
  const { steps, warnings } = plan(
    pinned(table),
    { handoff: 'a', variables: { account: '7' } },
    { callId: 'c' },
    { trunk: { name: 't', headerLimits } },
  )
  return { ...steps[0]!, warnings }
}

describe('User-to-User', () => {
  it('is written as each receiver takes it', () => {
    assert.deepEqual(userToUser('acct=7', 'genesys'), { value: '04616363743D37;encoding=hex' })
    assert.deepEqual(userToUser('acct=7', 'avaya'), { value: '00C806616363743D37;encoding=hex' })
    assert.deepEqual(userToUser('acct=7', 'cisco'), { value: '616363743D37;encoding=hex' })
    assert.deepEqual(userToUser('say "hi" \\', 'text'), { value: '"say \\"hi\\" \\\\"' })
  })

  it('is bytes of UTF-8, and tells when they are too many', () => {
    assert.equal(userToUser('é', 'cisco').value, 'C3A9;encoding=hex')
    assert.deepEqual(userToUser('x'.repeat(97), 'avaya').tooLong, { bytes: 97, limit: 96 })
    assert.deepEqual(userToUser('x'.repeat(128), 'genesys').tooLong, { bytes: 128, limit: 127 })
  })

  it('goes into Refer-To for Genesys, its ";" and "=" encoded once', () => {
    const { referTo, headers } = step({ profile: 'genesys', user_to_user: { value: 'acct=$account' } })
    assert.deepEqual(headers, [['User-to-User', '04616363743D37;encoding=hex']])
    assert.equal(referTo, '<sip:a@b?User-to-User=04616363743D37%3Bencoding%3Dhex>')
  })

  it('is left out when nothing is in it, and yields to that of the request', () => {
    assert.deepEqual(step({ user_to_user: { value: '$nothing' } }).headers, [])
    const table: Table = {
      handoffs: [{ name: 'a', default: true, route: 'sip:a@b', user_to_user: { value: 'x', form: 'cisco' } }],
    }
    const own = plan(pinned(table), { handoff: 'a', headers: { 'user-to-user': '00AA;encoding=hex' } }, { callId: 'c' })
    assert.deepEqual(own.steps[0]?.headers, [['user-to-user', '00AA;encoding=hex']])
  })
})

describe('a receiver profile', () => {
  it('says where headers go, unless the handoff does', () => {
    assert.equal(step({ profile: 'genesys' }).headersIn, 'refer_to')
    assert.equal(step({ profile: 'genesys', headers_in: 'both' }).headersIn, 'both')
    assert.equal(step({ profile: 'nice' }).headersIn, 'request')
  })

  it('of Five9 takes ten headers', () => {
    const headers = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`X-H${i}`, 'v']))
    const { headers: kept, warnings } = step({ profile: 'five9', method: 'bye', headers })
    assert.equal(kept.length, 10)
    assert.deepEqual(
      warnings.map(({ code, detail }) => [code, detail.split(' ')[0]]),
      [
        ['too_many_headers', 'X-H10'],
        ['too_many_headers', 'X-H11'],
      ],
    )
  })

  it('of Twilio takes less than 1024 bytes in all, and still what is small enough', () => {
    const { headers, warnings } = step({
      profile: 'twilio',
      headers: { 'X-A': 'a'.repeat(600), 'X-B': 'b'.repeat(600), 'X-C': 'c' },
    })
    assert.deepEqual(
      headers.map(([name]) => name),
      ['X-A', 'X-C'],
    )
    assert.equal(warnings[0]?.code, 'headers_too_large')
  })

  it('warns of headers that it does not read', () => {
    const codes = (profile: ReceiverProfileName, name: string): string[] =>
      step({ profile, headers: { [name]: 'v' } }).warnings.map(({ code }) => code)
    assert.deepEqual(codes('nice', 'Subject'), ['header_not_read'])
    assert.deepEqual(codes('nice', 'X-A'), [])
    assert.deepEqual(codes('genesys', 'X-ININ-A'), ['header_not_read'])
    assert.deepEqual(codes('twilio', 'User-to-User'), [])
    assert.deepEqual(codes('teams', 'X-A'), ['header_not_read'])
    assert.deepEqual(codes('teams', 'X-MS-Custom-A'), [])
    assert.deepEqual(codes('five9', 'Subject'), ['header_not_read'])
    assert.deepEqual(codes('avaya', 'Subject'), [])
  })

  it('stands in docs/profiles.md with its source', () => {
    const text = readFileSync(new URL('../../docs/profiles.md', import.meta.url), 'utf8')
    for (const name of Object.keys(profiles)) {
      const section = text.split(/^## /m).find((part) => part.startsWith(`\`${name}\``))
      assert.match(section ?? '', /Source/, name)
    }
  })
})

describe('the limits of a trunk', () => {
  it('count, measure each and measure all', () => {
    const headers = { 'X-A': 'aaaa', 'X-B': 'bbbbbbbb', 'X-C': 'cc' }
    const kept = (limits: HeaderLimits): string[] => step({ headers }, limits).headers.map(([name]) => name)
    assert.deepEqual(kept({}), ['X-A', 'X-B', 'X-C'])
    assert.deepEqual(kept({ count: 2 }), ['X-A', 'X-B'])
    assert.deepEqual(kept({ bytesEach: 9 }), ['X-A', 'X-C'])
    assert.deepEqual(kept({ bytesTotal: 16 }), ['X-A', 'X-C'])
    assert.equal(headerBytes(['X-A', 'é']), 7)
  })

  it('and those of the profile hold together: the tighter wins', () => {
    const headers = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`X-H${i}`, 'v']))
    assert.equal(step({ profile: 'five9', headers }, { count: 3 }).headers.length, 3)
    assert.equal(step({ profile: 'five9', headers }, { count: 30 }).headers.length, 10)
  })
})

describe('The id of a context', () => {
  const contextId = 'kq3pQzJ2TV6d0mXbQ9x0Yw'
  const headersOf = (over: Partial<HandoffRecord>, request: { headers?: Record<string, string> } = {}) => {
    const table: Table = { handoffs: [{ name: 'a', default: true, route: 'sip:a@b', ...over }] }
    const { steps } = plan(pinned(table), { handoff: 'a', contextId, ...request }, { callId: 'c' })

    return Object.fromEntries(steps[0]?.headers ?? [])
  }

  it('goes along in the header that the receiver reads', () => {
    assert.deepEqual(headersOf({ headers: { 'X-A': 'b' } }), { 'X-A': 'b', 'X-Baton-Context': contextId })
    assert.deepEqual(headersOf({ profile: 'teams' }), { 'X-MS-Custom-Baton-Context': contextId })
    const { value } = userToUser(contextId, 'avaya')
    assert.deepEqual(headersOf({ profile: 'avaya' }), { 'User-to-User': value })
  })

  it('leaves a User-to-User of the handoff or of the request as it is', () => {
    const own = headersOf({ profile: 'avaya', user_to_user: { value: 'acct' } })
    assert.deepEqual(own, { 'User-to-User': userToUser('acct', 'avaya').value })
    assert.deepEqual(headersOf({ profile: 'avaya' }, { headers: { 'User-to-User': 'ours' } }), {
      'User-to-User': 'ours',
    })
  })

  it('is where the handoff places it, and nowhere else', () => {
    const placed = headersOf({ headers: { 'X-Screen-Pop': 'https://d.example/?c=${context_id}' } })
    assert.deepEqual(placed, { 'X-Screen-Pop': `https://d.example/?c=${contextId}` })
  })

  it('is left out before the handoff’s own headers are, where the receiver takes no more', () => {
    const ten = Object.fromEntries(Array.from({ length: 10 }, (_, at) => [`X-H${at}`, 'v']))
    assert.deepEqual(headersOf({ profile: 'five9', method: 'bye', headers: ten }), ten)
  })
})
