import assert from 'node:assert/strict'
import fc from 'fast-check'
import { createRequest, Response } from '../../../engine/index.ts'
import {
  challenges,
  digest,
  DigestSession,
  type DigestUser,
  formatDigest,
  judge as judgeRequest,
  type JudgedRequest,
  Nonces,
  parseDigest,
  RequestAuthorization,
} from '../../../engine/digest/index.ts'

const users: DigestUser[] = [
  { realm: 'baton', username: 'pbx', password: 'old' },
  { realm: 'baton', username: 'pbx', password: 'new' },
  { realm: 'other', username: 'edge', password: 'e', algorithms: ['MD5'] },
]
const uri = 'sip:+14155550100@192.0.2.5'
const source = '192.0.2.1'

function desk(options: { lifetime?: number; maxUsed?: number } = {}) {
  const clock = { now: 1000 }
  const nonces = new Nonces({ now: () => clock.now, ...options })

  const judged = (request: Partial<JudgedRequest>) =>
    judgeRequest({ method: 'INVITE', uri, source, authorizations: [], ...request }, users, nonces)

  return { clock, nonces, judged, judge: (...authorizations: string[]) => judged({ authorizations }) }
}

interface Answer {
  nonce: string
  password?: string
  nc?: string
  algorithm?: string | undefined
  qop?: boolean
  realm?: string
  username?: string
}

function credentials({ nonce, password = 'new', nc = '00000001', algorithm = 'SHA-256', ...rest }: Answer): string {
  const { qop = true, realm = 'baton', username = 'pbx' } = rest
  const auth = qop ? { cnonce: 'c', nc } : undefined
  const response = digest({ algorithm, username, password, realm, nonce, method: 'INVITE', uri, auth }) ?? ''

  return formatDigest(
    Object.entries({ username, realm, nonce, uri, response, algorithm, ...(auth && { ...auth, qop: 'auth' }) }),
  )
}

describe('digest authentication as a server', () => {
  it('challenges with SHA-256 first and MD5 after it, in each realm (RFC 8760)', () => {
    const { nonces } = desk()
    const values = challenges(users, nonces, source, false)
    const params = values.map((value) => parseDigest(value)!)
    assert.deepEqual(
      params.map((each) => [each.get('realm'), each.get('algorithm'), each.get('qop'), each.has('stale')]),
      [
        ['baton', 'SHA-256', 'auth', false],
        ['baton', 'MD5', 'auth', false],
        ['other', 'MD5', 'auth', false],
      ],
    )
    assert.match(values[0] ?? '', /, qop="auth", algorithm=SHA-256$/)
    assert.equal(parseDigest(challenges(users, nonces, source, true)[0] ?? '')?.get('stale'), 'true')
  })

  it('accepts what our own client makes of its challenges, with either algorithm', () => {
    const request = createRequest({
      method: 'INVITE',
      uri,
      from: '<sip:a@b>;tag=1',
      to: `<${uri}>`,
      callId: 'c',
      cseq: 1,
    })
    for (const take of [(all: string[]) => all, (all: string[]) => all.slice(1)]) {
      const { nonces, judge } = desk()
      const response = new Response(401)
      for (const value of take(challenges(users.slice(0, 2), nonces, source, false))) {
        response.add('WWW-Authenticate', value)
      }
      const session = new DigestSession(() => ({ username: 'pbx', password: 'old' }))
      const authorization = new RequestAuthorization(session, uri)
      const [[, value] = ['', '']] = authorization.answer(response, request, '') ?? []
      assert.deepEqual(judge(value), { kind: 'accepted', user: users[0] })
    }
  })

  it('takes every password of a name, so that one can be replaced', () => {
    const { nonces, judge } = desk()
    for (const [password, user] of [
      ['old', users[0]],
      ['new', users[1]],
    ] as const) {
      assert.deepEqual(judge(credentials({ nonce: nonces.make(source), password })), { kind: 'accepted', user })
    }
  })

  it('finds its own among several credentials', () => {
    const { nonces, judge } = desk()
    const mine = credentials({ nonce: nonces.make(source) })
    assert.equal(judge('Basic cGJ4Om5ldw==', 'Digest realm="proxy", nonce="x"', mine).kind, 'accepted')
    assert.equal(judge('Digest realm="proxy", nonce="x"').kind, 'none')
    assert.equal(judge().kind, 'none')
  })

  it('refuses a wrong password, an unknown name, another realm’s user and an algorithm that was not offered', () => {
    const { nonces, judge } = desk()
    const nonce = nonces.make(source)
    for (const wrong of [
      { password: 'guess' },
      { username: 'unknown', password: '' },
      { realm: 'other' },
      { algorithm: 'SHA-512-256' },
      { algorithm: 'MD5-sess' },
      { realm: 'other', username: 'edge', password: 'e', algorithm: 'SHA-256' },
    ]) {
      assert.equal(judge(credentials({ nonce, ...wrong })).kind, 'wrong', JSON.stringify(wrong))
    }
  })

  it('says that a nonce is stale when it has expired or is not its own, and only to who knows the password', () => {
    const { clock, nonces, judge } = desk({ lifetime: 60_000 })
    const nonce = nonces.make(source)
    clock.now += 60_001
    assert.equal(judge(credentials({ nonce })).kind, 'stale')
    assert.equal(judge(credentials({ nonce: desk().nonces.make(source) })).kind, 'stale')
    assert.equal(judge(credentials({ nonce: 'made-up' })).kind, 'stale')
    assert.equal(judge(credentials({ nonce, password: 'guess' })).kind, 'wrong')
  })

  it('takes a nonce again with a higher count, or one that was overtaken, and never with the same', () => {
    const { nonces, judge } = desk()
    const nonce = nonces.make(source)
    const counts = ['00000001', '00000003', '00000002', '00000002', '00000003', '00000064', '00000004', '00000063']
    assert.deepEqual(
      counts.map((nc) => judge(credentials({ nonce, nc })).kind),
      ['accepted', 'accepted', 'accepted', 'replayed', 'replayed', 'accepted', 'replayed', 'accepted'],
    )
  })

  it('takes credentials without qop once for each nonce (RFC 2069)', () => {
    const { nonces, judge } = desk()
    const value = credentials({ nonce: nonces.make(source), qop: false, algorithm: 'MD5' })
    assert.deepEqual([judge(value).kind, judge(value).kind], ['accepted', 'replayed'])
  })

  it('takes a nonce from the address alone that it was made for, and calls it stale from any other', () => {
    const { nonces, judged } = desk()
    const authorizations = [credentials({ nonce: nonces.make(source) })]
    assert.equal(judged({ authorizations, source: '192.0.2.2' }).kind, 'stale')
    assert.equal(judged({ authorizations }).kind, 'accepted')
  })

  it('refuses credentials that are for another resource than the Request-URI (RFC 7616 3.4.6)', () => {
    for (const [requested, kind] of [
      [uri, 'accepted'],
      [`${uri}:5061;transport=tcp`, 'accepted'],
      ['sip:%2b14155550100@192.0.2.5', 'accepted'],
      ['sip:+14155550101@192.0.2.5', 'other_uri'],
      ['sip:192.0.2.5', 'other_uri'],
      ['sip:+14155550100@192.0.2.6', 'other_uri'],
      ['tel:+14155550100', 'other_uri'],
    ] as const) {
      const { nonces, judged } = desk()
      const authorizations = [credentials({ nonce: nonces.make(source) })]
      assert.equal(judged({ authorizations, uri: requested }).kind, kind, requested)
    }
  })

  it('calls malformed what lacks a part, or has no proper count', () => {
    const { nonces, judge } = desk()
    const whole = credentials({ nonce: nonces.make(source) })
    for (const part of ['username', 'nonce', 'uri', 'response', 'cnonce', 'nc']) {
      assert.equal(judge(whole.replace(new RegExp(`\\b${part}=`), `x-${part}=`)).kind, 'malformed', part)
    }
    for (const nc of ['1', '00000000', '0000000g', '000000011']) {
      assert.equal(judge(whole.replace('nc=00000001', `nc=${nc}`)).kind, 'malformed', nc)
    }
    assert.equal(judge(whole.replace('qop=auth', 'qop=auth-int')).kind, 'malformed')
    assert.equal(judge(whole).kind, 'accepted')
  })

  it('never accepts the same credentials twice, whatever the order, the time and what had to be forgotten', () => {
    const step = fc.record({
      nonce: fc.nat(7),
      count: fc.integer({ min: 1, max: 80 }),
      later: fc.constantFrom(0, 0, 1, 400, 1500),
      fresh: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const { clock, nonces } = desk({ lifetime: 1000, maxUsed: 3 })
        const made = Array.from({ length: 8 }, () => nonces.make(source))
        const accepted = new Set<string>()
        for (const { nonce: at, count, later, fresh } of steps) {
          clock.now += later
          if (fresh) made[at] = nonces.make(source)
          const nonce = made[at] ?? ''
          if (!nonces.take(nonce, count, source)) continue
          assert.ok(!accepted.has(`${nonce} ${count}`), 'a replay')
          accepted.add(`${nonce} ${count}`)
          assert.ok(nonces.size <= 3)
        }
      }),
      { numRuns: 500 },
    )
  })

  it('keeps the later nonces good when the uses of the first have to be forgotten', () => {
    const { nonces } = desk({ maxUsed: 3 })
    const made = Array.from({ length: 5 }, () => nonces.make(source))
    for (const nonce of made) assert.ok(nonces.take(nonce, 1, source))

    assert.deepEqual(
      made.map((nonce) => nonces.age(nonce, source)),
      ['expired', 'expired', 'fresh', 'fresh', 'fresh'],
    )
    assert.ok(made.every((nonce) => !nonces.take(nonce, 1, source)))
    assert.ok(nonces.take(made[4] ?? '', 2, source))
  })

  it('accepts no nonce that anybody has changed', () => {
    const { nonces } = desk()
    const nonce = nonces.make(source)
    fc.assert(
      fc.property(fc.nat(nonce.length - 1), fc.string({ unit: 'binary-ascii', maxLength: 2 }), (at, text) => {
        const changed = nonce.slice(0, at) + text + nonce.slice(at + 1)
        fc.pre(changed !== nonce)
        assert.equal(nonces.age(changed, source), 'foreign')
      }),
    )
  })

  it('accepts no garbage, and throws at none', () => {
    const { nonces } = desk()
    const whole = credentials({ nonce: nonces.make(source), password: 'guess' })
    const cut = fc.tuple(fc.nat(whole.length), fc.string({ unit: 'binary', maxLength: 30 }), fc.nat(20))
    const garbage = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'binary' }).map((text) => `Digest ${text}`),
      cut.map(([at, text, length]) => whole.slice(0, at) + text + whole.slice(at + length)),
    )
    fc.assert(
      fc.property(fc.array(garbage, { maxLength: 3 }), (values) => {
        assert.notEqual(
          judgeRequest({ method: 'INVITE', uri, source, authorizations: values }, users, nonces).kind,
          'accepted',
        )
      }),
      { numRuns: 300 },
    )
  })
})
