import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RehearsalRequest, RehearsalView } from '../../../server/rehearsal/index.ts'
import { loadSettings, type Settings } from '../../../config/index.ts'
import { demo, promoteDemo, startApi, yaml } from './baton.ts'

const clear = 'v=0\no=- 7 7 IN IP4 192.0.2.9\ns=-\nc=IN IP4 192.0.2.9\nt=0 0\nm=audio 4000 RTP/AVP 8\n'
const us = { default_country: 'US', gateways: ['sip:pbx.example'] }
const authenticate = { realm: 'baton', users: [{ username: 'ann', password: 'secret' }] }

function settingsOf(file: object): Settings {
  const folder = mkdtempSync(join(tmpdir(), 'baton-settings-'))
  const path = join(folder, 'baton.yaml')
  writeFileSync(path, JSON.stringify(file))
  try {
    return loadSettings({ env: {}, file: path })
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const firstLine = (text: string): string => text.split('\r\n', 1)[0] ?? ''

interface Explained {
  version: number
  draft: boolean
  trunk: string
  warnings: { code: string; detail: string }[]
  matched: string
  handoff: string
  variables: Record<string, string>
  attempts: {
    handoff: string
    method: string
    headers: Record<string, string>
    headerLimits: { count?: number; bytesEach?: number; bytesTotal?: number }
    messages: { method: string; to: string; text: string }[]
  }[]
}

describe('explain', () => {
  it('tells the plan and the headers that a transfer would have', async () => {
    const baton = await startApi()
    await promoteDemo(baton)
    const { statusCode, json } = await baton.api.inject({
      method: 'POST',
      url: '/v1/projects/demo/explain',
      payload: { environment: 'live', handoff: 'front-desk', call: { caller: '+14155550123', called: '+14155550100' } },
    })
    const { version, matched, attempts, variables } = json<Explained>()
    await baton.close()

    assert.equal(statusCode, 200)
    assert.deepEqual([version, matched], [1, 'hit'])
    assert.deepEqual(
      attempts.map(({ handoff, method }) => [handoff, method]),
      [
        ['front-desk', 'refer'],
        ['duty-manager', 'invite'],
      ],
    )
    assert.deepEqual(attempts[0]?.headers, { 'X-Caller': '+14155550123', 'X-Account': 'acct-7', 'X-Env': 'live' })
    const { caller_id, called_number, account, handoff } = variables
    assert.deepEqual([caller_id, called_number, account, handoff], ['+14155550123', '+14155550100', '7', 'front-desk'])
  })

  it('takes the default handoff for a name that the table does not have', async () => {
    const baton = await startApi()
    await promoteDemo(baton)
    const { json } = await baton.api.inject({
      method: 'POST',
      url: '/v1/projects/demo/explain',
      payload: { environment: 'sandbox', handoff: 'nowhere' },
    })
    await baton.close()

    assert.deepEqual([json<Explained>().matched, json<Explained>().handoff], ['default', 'front-desk'])
  })

  it('shows the messages of each attempt: the REFER, and the INVITE that follows when it is refused', async () => {
    const baton = await startApi()
    await promoteDemo(baton)
    const call = { caller: '+14155550123', headers: { 'X-Tier': 'gold' } }
    const { json } = await baton.api.inject({
      method: 'POST',
      url: '/v1/projects/demo/explain',
      payload: { environment: 'live', handoff: 'front-desk', call },
    })
    await baton.close()

    assert.deepEqual(
      json<Explained>().attempts.map(({ messages }) => messages.map(({ text, to }) => `${firstLine(text)} → ${to}`)),
      [
        [
          'REFER sip:+14155550123@127.0.0.1:5060 SIP/2.0 → caller',
          'INVITE sip:front-desk@127.0.0.1:5092 SIP/2.0 → destination',
        ],
        ['INVITE sip:duty@127.0.0.1:5093 SIP/2.0 → destination'],
      ],
    )
  })

  const carriers = {
    trunks: [
      { name: 'carrier', peers: ['192.0.2.0/24'], gateways: ['sip:gw1.example', 'sip:gw2.example'], refer: false },
      { ...{ name: 'pbx', peers: ['198.51.100.7'], hold_before_refer: true, number_format: 'national' }, ...us },
      { name: 'bare', peers: ['2001:db8::/32', '203.0.113.0/24'], authenticate },
    ],
  }

  async function explained(payload: object, prepare: object = {}): Promise<Explained & { statusCode: number }> {
    const baton = await startApi({}, settingsOf(carriers))
    await promoteDemo(baton)
    for (const [name, changes] of Object.entries(prepare)) {
      const url = `/v1/projects/demo/draft/handoffs/${name}`
      const { statusCode, body } = await baton.api.inject({ method: 'PATCH', url, payload: changes as object })
      assert.equal(statusCode, 200, body)
    }
    const url = '/v1/projects/demo/explain'
    const answer = await baton.api.inject({ method: 'POST', url, payload: { environment: 'live', ...payload } })
    await baton.close()

    return { ...answer.json<Explained>(), statusCode: answer.statusCode }
  }
  const number = { 'front-desk': { route: '+14155550111' } }
  const sent = ({ attempts }: Explained) =>
    attempts[0]?.messages.map(({ text }) => firstLine(text).replace(' SIP/2.0', ''))
  const codes = ({ warnings }: Explained) => warnings.map(({ code }) => code)

  it('takes the trunk that the call comes in by into account: no REFER, all gateways in their order', async () => {
    const first = await explained({ handoff: 'front-desk', draft: true }, number)
    assert.equal(first.trunk, 'carrier')
    assert.deepEqual(sent(first), [
      'INVITE sip:+14155550111@gw1.example;user=phone',
      'INVITE sip:+14155550111@gw2.example;user=phone',
    ])
    assert.ok(codes(first).includes('refer_off'))
  })

  it('shows the hold before a REFER, and the number as the trunk has it written', async () => {
    const payload = { handoff: 'front-desk', draft: true, call: { trunk: 'pbx', caller: '+14155550123' } }
    const { attempts } = await explained(payload, number)
    const [hold, refer, ...invites] = attempts[0]?.messages ?? []
    assert.match(hold?.text ?? '', /^INVITE sip:\+14155550123@198\.51\.100\.7:5060 [^]*a=inactive\r\n/)
    assert.equal(hold?.to, 'caller')
    assert.match(refer?.text ?? '', /^Refer-To: <tel:4155550111;phone-context=\+1>\r$/m)
    assert.deepEqual(
      invites.map(({ text }) => firstLine(text)),
      ['INVITE sip:4155550111@pbx.example;user=phone SIP/2.0'],
    )
  })

  it('tells what would stop a handoff on that trunk', async () => {
    const bare = await explained({ handoff: 'front-desk', draft: true, call: { trunk: 'bare' } }, number)
    assert.equal(bare.statusCode, 200)
    assert.deepEqual(
      sent(bare)?.map((line) => line.split(' ')[0]),
      ['REFER'],
    )
    assert.ok(codes(bare).includes('no_gateway'))
    const foreign = { 'front-desk': { route: '+442079460018' } }
    const national = await explained({ handoff: 'front-desk', draft: true, call: { trunk: 'pbx' } }, foreign)
    assert.deepEqual(sent(national), [])
    assert.deepEqual(codes(national), ['number_format'])
    const encrypted = { 'front-desk': { encryption: 'required', method: 'invite' } }
    const secret = await explained({ handoff: 'front-desk', draft: true }, encrypted)
    assert.match(secret.attempts[0]?.messages[0]?.text ?? '', /^m=audio 10000 RTP\/SAVP 0 8 101\r$/m)
    assert.ok(codes(secret).includes('srtp_required'))
    const plain = await explained({ handoff: 'front-desk', draft: true, call: { sdp: clear } }, encrypted)
    assert.deepEqual([sent(plain), codes(plain).includes('not_encrypted')], [[], true])
  })

  it('warns of messages that UDP cuts into fragments', async () => {
    const headers = Object.fromEntries(Array.from({ length: 10 }, (_, at) => [`X-Long-${at}`, 'x'.repeat(100)]))
    const long = await explained({ handoff: 'front-desk', headers, call: { trunk: 'pbx' } })
    // RFC 3261 18.1.1: what is too long for UDP goes by TCP, where there is a listener for it.
    assert.ok(!codes(long).includes('fragments'))
    assert.match(long.attempts[0]?.messages[1]?.text ?? '', /^Via: SIP\/2\.0\/TCP /m)
  })

  it('is of the version that is asked for, of the draft, and of a moment', async () => {
    const changed = { 'front-desk': { headers: { 'X-Version': '$version' } } }
    const headersOf = ({ attempts }: Explained) => attempts[0]?.headers['X-Version']
    assert.equal(headersOf(await explained({ handoff: 'front-desk', version: 1 }, changed)), undefined)
    const draft = await explained({ handoff: 'front-desk', draft: true }, changed)
    assert.deepEqual([headersOf(draft), draft.version, draft.draft], ['2', 2, true])
    const ofNone = await explained({ handoff: 'front-desk', version: 7 })
    assert.equal(ofNone.statusCode, 404)
    const both = await explained({ handoff: 'front-desk', version: 1, draft: true })
    assert.equal(both.statusCode, 422)
  })

  it('opens and closes with the schedule at the moment that is asked for', async () => {
    const baton = await startApi()
    const hours = { name: 'hours', time_zone: 'America/New_York', weekly: { mon: ['09:00-17:00'] } }
    const table = {
      schedules: [hours],
      handoffs: [
        { name: 'desk', route: 'sip:desk@127.0.0.1:5092', schedule: 'hours', when_closed: ['night'] },
        { name: 'night', default: true, route: 'sip:night@127.0.0.1:5093' },
      ],
    }
    const file = { project: 'demo', environments: { live: { numbers: ['+14155550100'] } }, table }
    await baton.api.inject({ method: 'PUT', url: '/v1/projects/demo', payload: file })
    const at = async (moment: string) => {
      const payload = { environment: 'live', handoff: 'desk', draft: true, at: moment }
      const { json, body, statusCode } = await baton.api.inject({
        method: 'POST',
        url: '/v1/projects/demo/explain',
        payload,
      })
      assert.equal(statusCode, 200, body)
      const { attempts, warnings } = json<Explained>()

      return [attempts[0]?.handoff, warnings.map(({ code }) => code)]
    }
    const open = await at('2026-03-02T15:00:00Z')
    const closed = await at('2026-03-02T23:00:00Z')
    await baton.close()

    assert.deepEqual(open, ['desk', []])
    assert.deepEqual(closed, ['night', ['closed']])
  })

  it('goes by the rules of the table where no handoff is named', async () => {
    const baton = await startApi()
    const table = {
      rules: [{ name: 'gold', when: { headers: { 'X-Tier': 'gold' } }, handoff: 'vip' }],
      handoffs: [
        { name: 'desk', default: true, route: 'sip:desk@127.0.0.1:5092' },
        { name: 'vip', route: 'sip:vip@127.0.0.1:5093' },
      ],
    }
    const file = { project: 'demo', environments: { live: { numbers: ['+14155550100'] } }, table }
    const stored = await baton.api.inject({ method: 'PUT', url: '/v1/projects/demo', payload: file })
    assert.equal(stored.statusCode, 201, stored.body)
    const of = async (tier: string) => {
      const payload = { environment: 'live', draft: true, call: { headers: { 'X-Tier': tier } } }
      const { json } = await baton.api.inject({ method: 'POST', url: '/v1/projects/demo/explain', payload })
      const { rule, handoff } = json<Explained & { rule?: string }>()

      return [rule, handoff]
    }
    const gold = await of('gold')
    const tin = await of('tin')
    await baton.close()

    assert.deepEqual(
      [gold, tin],
      [
        ['gold', 'vip'],
        [undefined, 'desk'],
      ],
    )
  })

  it('explains an edit of the draft that is not saved, and says what is wrong with it', async () => {
    const baton = await startApi()
    await promoteDemo(baton)
    const explain = (changes: object, handoff?: string, draft = true) =>
      baton.api.inject({
        method: 'POST',
        url: '/v1/projects/demo/explain',
        payload: {
          environment: 'live',
          handoff: handoff ?? 'new-desk',
          draft,
          edit: { changes, ...(handoff && { handoff }) },
        },
      })
    const draftOf = async () => (await baton.api.inject('/v1/projects/demo/draft')).body
    const before = await draftOf()
    const targetOf = (response: { json: () => unknown }) =>
      (response.json() as { attempts: { target: string }[] }).attempts[0]?.target

    assert.equal(
      targetOf(await explain({ route: 'sip:moved@127.0.0.1:5099' }, 'front-desk')),
      'sip:moved@127.0.0.1:5099',
    )
    const added = { name: 'new-desk', method: 'invite', route: 'sip:new@127.0.0.1:5098' }
    assert.equal(targetOf(await explain(added)), 'sip:new@127.0.0.1:5098')
    const wrong = await explain({ route: 'not a number' }, 'front-desk')
    assert.equal(wrong.statusCode, 422)
    assert.match(wrong.body, /route/)
    assert.equal((await explain({}, 'no-such')).statusCode, 404)
    assert.equal((await explain({}, 'front-desk', false)).statusCode, 422)
    assert.equal(await draftOf(), before)
    await baton.close()
  })

  it('says why a call cannot be explained that would not come to an agent', async () => {
    const baton = await startApi({}, settingsOf({ sip_listen: 'tcp:127.0.0.1:5060' }))
    const agents = ['sip:agent@127.0.0.1:5090;transport=tls']
    const file = {
      ...{ project: 'demo', environments: { live: { numbers: ['+14155550100'], agents } } },
      table: { handoffs: [{ name: 'desk', default: true, route: 'sip:desk@127.0.0.1:5092' }] },
    }
    await baton.api.inject({ method: 'PUT', url: '/v1/projects/demo', payload: file })
    const payload = { environment: 'live', handoff: 'desk', draft: true }
    const { statusCode, json } = await baton.api.inject({ method: 'POST', url: '/v1/projects/demo/explain', payload })
    await baton.close()

    assert.equal(statusCode, 422)
    assert.match(
      json<{ detail: string }>().detail,
      /answered 503 [^:]*: sip:agent@127\.0\.0\.1:5090;transport=tls: 503/,
    )
  })

  it('refuses what a transfer would refuse, and a trunk that is not there', async () => {
    const raw = await explained({ handoff: '+14155550111' })
    const trunk = await explained({ handoff: 'front-desk', call: { trunk: 'moon' } })
    assert.deepEqual([raw.statusCode, trunk.statusCode], [403, 404])
  })

  it('takes what is known of the call: its From, its Contact, its session', async () => {
    const call = {
      from: '"Zoë" <sip:zoe@example.com>',
      contact: 'sip:zoe@192.0.2.9:5070;line=1',
      sdp: clear,
      trunk: 'pbx',
    }
    const { attempts } = await explained({ handoff: 'front-desk', call })
    const [, refer, invite] = attempts[0]?.messages ?? []
    assert.equal(firstLine(refer?.text ?? ''), 'REFER sip:zoe@192.0.2.9:5070;line=1 SIP/2.0')
    assert.match(Buffer.from(invite?.text ?? '', 'latin1').toString(), /^From: "Zoë" <sip:zoe@example\.com>;tag=/m)
    assert.match(invite?.text ?? '', /m=audio 4000 RTP\/AVP 8\r\n/)
  })

  it('cannot be made to write headers of its own, whatever is said of the call', async () => {
    const evil = 'x\r\nVia: SIP/2.0/UDP evil\r\n\r\nBYE'
    const call = {
      ...{ caller: evil, callerName: evil, headers: { 'X-A': evil, Via: 'x', 'X Y': 'z', Contact: '<sip:c@d>' } },
      from: `"${evil}" <sip:ann@example.com>`,
    }
    const { statusCode, attempts } = await explained({ handoff: 'front-desk', call })
    assert.equal(statusCode, 200)
    for (const { text } of attempts.flatMap(({ messages }) => messages)) assert.equal(text.match(/^Via: /gm)?.length, 1)
  })

  it('shows the session that an rtpengine would offer, and says what it decides at the moment', async () => {
    const settings = loadSettings({
      env: { MEDIA: 'rtpengine', RTPENGINE: '192.0.2.20:2223' },
      terminal: false,
    })
    const baton = await startApi({}, settings)
    await baton.api.inject({
      method: 'PUT',
      url: '/v1/projects/demo',
      payload: {
        project: 'demo',
        environments: { live: { numbers: ['+14155550100'], agents: ['sip:agent@192.0.2.5'] } },
        table: {
          handoffs: [
            { name: 'secure', default: true, method: 'invite', route: 'sip:a@192.0.2.6', encryption: 'required' },
            { name: 'plain', method: 'invite', route: 'sip:b@192.0.2.6' },
            { name: 'music', method: 'invite', route: 'sip:b@192.0.2.6', hold_music: 'silence' },
          ],
        },
      },
    })
    const explainedTo = async (handoff: string) => {
      const payload = { environment: 'live', draft: true, handoff, call: { caller: '+14155550123', sdp: clear } }
      const response = await baton.api.inject({ method: 'POST', url: '/v1/projects/demo/explain', payload })
      const { attempts, warnings } = response.json<Explained>()

      return {
        text: attempts[0]?.messages[0]?.text ?? '',
        warnings: warnings.filter(({ code }) => code === 'anchored'),
      }
    }
    const [secure, plain] = [await explainedTo('secure'), await explainedTo('plain')]
    await baton.close()

    assert.match(secure.text, /\r\nc=IN IP4 rtpengine\.invalid\r\n/)
    assert.match(secure.text, /\r\nm=audio 30000 RTP\/SAVP 8\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:A+\r\n$/)
    assert.match(plain.text, /\r\nc=IN IP4 192\.0\.2\.9\r\nt=0 0\r\nm=audio 4000 RTP\/AVP 8\r\n$/)
    // The agent's leg is anchored in each call, since a handoff of the table has hold music.
    assert.deepEqual(
      [secure, plain].map(({ warnings }) => warnings.length),
      [2, 1],
    )
    assert.match(secure.warnings[0]?.detail ?? '', /^its media goes through an rtpengine: .*AAAA… for its key/)
  })

  it('says which environment has no version, and which is not there', async () => {
    const baton = await startApi()
    await baton.api.inject({ method: 'PUT', url: '/v1/projects/demo', headers: yaml, payload: demo })
    const explain = async (project: string, environment: string) => {
      const url = `/v1/projects/${project}/explain`
      const answer = await baton.api.inject({ method: 'POST', url, payload: { environment, handoff: 'front-desk' } })

      return answer.statusCode
    }
    const statuses = [await explain('demo', 'live'), await explain('demo', 'moon'), await explain('none', 'live')]
    await baton.close()

    assert.deepEqual(statuses, [409, 404, 404])
  })
})

describe('rehearsals', () => {
  it('are placed with what was asked for, and answer with the verdict', async () => {
    const asked: RehearsalRequest[] = []
    const result: RehearsalView = {
      id: 'r1',
      project: 'demo',
      environment: 'sandbox',
      version: 1,
      handoff: 'front-desk',
      synthetic: ['caller', 'agent'],
      verdict: 'passed',
      cause: 'the destination answered',
      ladder: { messages: [] },
      headersReceived: { 'X-Env': 'sandbox' },
      timings: { answered: 0.2 },
    }
    const baton = await startApi({
      rehearsals: {
        rehearse: (request) => {
          asked.push(request)

          return Promise.resolve(result)
        },
        rehearseAll: ({ project, environment }) =>
          Promise.resolve({ project, environment, version: 1, verdict: 'passed', cause: 'all', rehearsals: [result] }),
      },
    })
    const payload = { environment: 'sandbox', handoff: 'front-desk' }
    const post = (body: object) =>
      baton.api.inject({ method: 'POST', url: '/v1/projects/demo/rehearsals', payload: body })
    const { statusCode, json } = await post(payload)
    const inSandbox = await post({ handoff: 'front-desk' })
    const all = await post({ environment: 'sandbox', all: true })
    const neither = await post({ environment: 'sandbox' })
    const both = await post({ ...payload, draft: true, version: 1 })
    await baton.close()

    assert.equal(statusCode, 200)
    assert.deepEqual(json(), result)
    assert.deepEqual(all.json<{ rehearsals: object[] }>().rehearsals, [result])
    assert.deepEqual([neither.statusCode, both.statusCode], [422, 422])
    assert.equal(inSandbox.statusCode, 200)
    const first = { project: 'demo', ...payload }
    assert.deepEqual(asked, [first, first])
  })

  it('are answered 501 where no Baton serves', async () => {
    const baton = await startApi()
    const payload = { environment: 'sandbox', handoff: 'front-desk' }
    const { statusCode } = await baton.api.inject({ method: 'POST', url: '/v1/projects/demo/rehearsals', payload })
    await baton.close()

    assert.equal(statusCode, 501)
  })
})
