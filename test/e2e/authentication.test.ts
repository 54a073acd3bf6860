import assert from 'node:assert/strict'

import { formatDigest, parseDigest, digest } from '../../engine/digest/index.ts'
import type { Baton } from '../harness/baton.ts'
import { expectStory } from '../harness/expect.ts'
import { total } from '../harness/metrics.ts'
import { needs } from '../harness/needs.ts'
import { sharedBaton } from '../harness/shared-baton.ts'
import { Sipp } from '../harness/sipp.ts'
import { stacks } from '../harness/stacks.ts'
import { play } from '../harness/story.ts'
import { calleeAnswered, hangsUp, isReleased } from './parts.ts'
import { exchange } from './single-requests.ts'

const shared = ['127.0.0.2/32']
const trunks = [
  // SIPp 3.6 reads no challenge but the first, and knows MD5 alone.
  {
    name: 'pbx',
    peers: ['127.0.0.1/32'],
    refer_memory: 0,
    authenticate: { users: [{ username: 'pbx', password: 's3cret' }], algorithms: ['MD5'] },
  },
  { name: 'east', peers: shared, authenticate: { users: [{ username: 'east', password: 'e' }] } },
  { name: 'west', peers: shared, authenticate: { users: [{ username: 'west', password: 'w' }] } },
]

const counted = (result: string, trunk = 'pbx') => `baton_authentications_total{result="${result}",trunk="${trunk}"}`

for (const stack of stacks) {
  describe(`Trunks that authenticate (${stack.name})`, () => {
    needs('sipp')
    const baton = sharedBaton({ stack, file: { trunks } })

    it('a caller that proves who it is reaches the agent, and is asked once for the whole call', async () => {
      const before = await baton().metrics()
      const played = await play(baton(), {
        caller: { scenario: 'uac-challenged-answered', pause: 100, login: { username: 'pbx', password: 's3cret' } },
        agents: { agent: { scenario: 'uas-call-answered' } },
      })
      await expectStory(played, {
        messages: {
          caller: [
            '> INVITE',
            [
              '< 401 INVITE',
              { 'WWW-Authenticate': /^Digest realm="baton", nonce="[^"]+", qop="auth", algorithm=MD5$/ },
            ],
            '> ACK',
            ['> INVITE', { Authorization: /^Digest username="pbx",/ }],
            '< 180 INVITE',
            '< 200 INVITE',
            '> ACK',
            ...hangsUp,
          ],
          agent: [['< INVITE', { Authorization: '' }], ...calleeAnswered.slice(1), ...isReleased],
        },
        call: { result: 'answered', reason: 'hangup', endedBy: 'caller' },
      })
      const after = await baton().metrics()
      const more = (key: string) => (after.get(key) ?? 0) - (before.get(key) ?? 0)
      assert.deepEqual([more(counted('challenged')), more(counted('accepted'))], [1, 1])
    })

    it('a caller that does not know the password is challenged again, and is no call', async () => {
      const callsBefore = total(await baton().metrics(), 'baton_calls_total')
      const login = { username: 'pbx', password: 'guess' }
      const caller = await Sipp.calling({ scenario: 'uac-challenged-refused', login }, '+14155550100', baton().sip())
      try {
        await caller.done
        assert.doesNotMatch(caller.trace().message('< 401 INVITE', 2).header('WWW-Authenticate'), /stale/)
        const samples = await baton().metrics()
        assert.equal(samples.get(counted('wrong')), 1)
        assert.equal(total(samples, 'baton_calls_total'), callsBefore)
        assert.equal((await baton().logged('credentials were refused')).trunk, 'pbx')
        assert.doesNotMatch(JSON.stringify(baton().log), /s3cret|guess/)
      } finally {
        await caller.close()
      }
    })

    it('trunks that share a range are told apart by their credentials', async () => {
      for (const [username, password] of [
        ['east', 'e'],
        ['west', 'w'],
      ] as const) {
        const { answers } = await calls(baton(), { username, password, algorithm: 'SHA-256' }, 1)
        assert.match(answers[0] ?? '', /^SIP\/2.0 404 /)
        assert.equal((await baton().metrics()).get(counted('accepted', username)), 1)
      }
    })

    it('credentials that were overheard open nothing', async () => {
      const { answers } = await calls(baton(), { username: 'east', password: 'e', algorithm: 'MD5' }, 2)
      assert.match(answers[0] ?? '', /^SIP\/2.0 404 /)
      assert.match(answers[1] ?? '', /^SIP\/2.0 401 /)
      assert.match(answers[1] ?? '', /stale=true/)
      assert.equal((await baton().metrics()).get(counted('replayed', 'east')), 1)
    })

    it('credentials for another number get 400, and those of another user than From names 403', async () => {
      const login = { username: 'east', password: 'e', algorithm: 'SHA-256' }
      const otherNumber = await calls(baton(), login, 1, { dialled: '+19995550001' })
      assert.match(otherNumber.answers[0] ?? '', /^SIP\/2.0 400 Bad Request \(Authorization uri\)/)
      const otherUser = await calls(baton(), login, 1, { from: 'west' })
      assert.match(otherUser.answers[0] ?? '', /^SIP\/2.0 403 /)
      const samples = await baton().metrics()
      assert.equal(samples.get(counted('other_uri', 'east')), 1)
      assert.equal(samples.get(counted('other_user', 'east')), 1)
    })

    it('garbage in Authorization gets 400 or 401, and other requests are challenged, too', async () => {
      for (const [authorization, status] of [
        ['Digest', 401],
        ['Digest realm="baton"', 400],
        ['Digest realm="baton", username="\\', 400],
        ['Basic cGJ4OnMzY3JldA==', 401],
        [',,,;;;"""', 401],
      ] as const) {
        const answer = await ask(baton(), 'MESSAGE', [`Authorization: ${authorization}`])
        // drachtio-server refuses some of it by itself.
        assert.match(answer, new RegExp(`^SIP/2.0 ${stack.isOriginal ? '40[01]' : status} `), authorization)
      }
      assert.match(await ask(baton(), 'OPTIONS', []), /^SIP\/2.0 200 /)
    })
  })
}

let asked = 0

/** A request outside any dialog, from an address of the trunks `east` and `west`; resolves with its final response. */
function ask(
  baton: Baton,
  method: string,
  headers: readonly string[],
  { from = 'x', dialled = '+19995550000' }: { from?: string; dialled?: string } = {},
): Promise<string> {
  asked += 1

  return exchange('127.0.0.2', baton, [
    `${method} sip:${dialled}@${baton.sip()} SIP/2.0`,
    `From: <sip:${from}@127.0.0.2>;tag=${asked}`,
    'To: <sip:+19995550000@127.0.0.1>',
    `Call-ID: asked-${asked}-${process.pid}`,
    `CSeq: 1 ${method}`,
    'Contact: <sip:x@127.0.0.2:9>',
    ...headers,
    'Content-Length: 0',
    '',
    '',
  ])
}

/** Is challenged, and then calls as often as said with the same credentials. */
async function calls(
  baton: Baton,
  { username, password, algorithm }: { username: string; password: string; algorithm: string },
  times: number,
  request: { from?: string; dialled?: string } = {},
): Promise<{ answers: string[] }> {
  const challenge = await ask(baton, 'INVITE', [])
  const offered = [...challenge.matchAll(/^WWW-Authenticate: (.*)\r$/gm)].map(([, value = '']) => parseDigest(value)!)
  assert.deepEqual(
    offered.map((each) => each.get('algorithm')),
    ['SHA-256', 'MD5'],
  )
  const chosen = offered.find((each) => each.get('algorithm') === algorithm)!
  const [realm, nonce] = [chosen.get('realm') ?? '', chosen.get('nonce') ?? '']
  const uri = `sip:+19995550000@${baton.sip()}`
  const auth = { cnonce: 'c', nc: '00000001' }
  const response = digest({ algorithm, username, password, realm, nonce, method: 'INVITE', uri, auth }) ?? ''
  const params = { username, realm, nonce, uri, response, algorithm, ...auth, qop: 'auth' }
  const answers: string[] = []
  for (let i = 0; i < times; i++) {
    answers.push(await ask(baton, 'INVITE', [`Authorization: ${formatDigest(Object.entries(params))}`], request))
  }

  return { answers }
}
