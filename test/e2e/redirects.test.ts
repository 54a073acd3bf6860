import type { TransferView } from '../../server/legs/views.ts'
import { expectStory, type ExpectedMessage } from '../harness/expect.ts'
import { needs } from '../harness/needs.ts'
import { sharedBaton } from '../harness/shared-baton.ts'
import type { Part } from '../harness/sipp.ts'
import { stacks } from '../harness/stacks.ts'
import { play, type Cast } from '../harness/story.ts'
import { agentTold } from './moments.ts'
import { asking, calleeAnswered, callerAnswered, hangsUp, isNotified, isReleased, refusing } from './parts.ts'
import { frontDesk } from './traps.ts'

/** A destination that points elsewhere, and what is told of it. */
interface Row {
  what: string
  destinations: NonNullable<Cast['destinations']>
  handoff?: object
  project?: Record<string, unknown>
  messages: Record<string, ExpectedMessage[]>
  result: NonNullable<TransferView['result']>
  code: number
  evidence: (string | RegExp)[]
}

const redirecting = (status: string, contact: string): Part => ({
  scenario: 'uas-call-redirected',
  keys: { redirection: `SIP/2.0 ${status}${contact === '' ? '' : `\r\nContact: ${contact}`}` },
})
const points: ExpectedMessage[] = ['< INVITE', '> 302 INVITE', '< ACK']
const stays: Part = { scenario: 'uac-call-answered', until: agentTold }
const answered = [/^destination: 180/, /^destination: 200/, 'caller: 200 OK to the re-INVITE']
const isTurnedDown = { result: 'failed', code: 302 } as const
const host = String.raw`127\.0\.0\.1:\d+`

const rows: Row[] = [
  {
    what: '302 to others: the best one at the same host is called, and told from where it was diverted',
    destinations: { desk: { scenario: 'uas-redirects-answered', calls: 2 } },
    messages: {
      desk: [
        ['< INVITE', { Diversion: undefined, 'History-Info': undefined }],
        ...points.slice(1),
        [
          '< INVITE',
          {
            uri: new RegExp(`^INVITE sip:night@${host} `),
            Diversion: new RegExp(`^<sip:desk@${host}>;reason=deflection;counter=1$`),
            'History-Info': new RegExp(
              `^<sip:desk@${host}\\?Reason=SIP%3Bcause%3D302>;index=1, <sip:night@${host}>;index=1\\.1;mp=1$`,
            ),
          },
        ],
        ...calleeAnswered.slice(1),
        ...isReleased,
      ],
    },
    ...{ result: 'succeeded', code: 200 },
    evidence: [
      'destination: 302 Moved Temporarily',
      /^baton: sip:elsewhere@127\.0\.0\.1:9 is not followed: .*adhoc: false/,
      new RegExp(`^baton: INVITE sip:night@${host}$`),
      ...answered,
    ],
  },
  {
    what: '302 to another host, in a project that allows raw targets: it is called',
    destinations: {
      night: { scenario: 'uas-call-answered' },
      desk: (uri) => redirecting('302 Moved Temporarily', `<${uri('night')}>`),
    },
    project: { adhoc: true, adhoc_hosts: ['127.0.0.1'] },
    messages: {
      desk: points,
      night: [['< INVITE', { Diversion: /^<sip:desk@/ }], ...calleeAnswered.slice(1), ...isReleased],
    },
    ...{ result: 'succeeded', code: 200 },
    evidence: ['destination: 302 Moved Temporarily', new RegExp(`^baton: INVITE sip:night@${host}$`), ...answered],
  },
  {
    what: '302 whose first contact is busy: the next one is called',
    destinations: {
      night: { scenario: 'uas-call-answered' },
      busy: { scenario: 'uas-call-refused', keys: refusing('486 Busy Here') },
      desk: (uri) => redirecting('302 Moved Temporarily', `<${uri('night')}>;q=0.2, <${uri('busy')}>;q=0.7`),
    },
    project: { adhoc: true, adhoc_hosts: ['127.0.0.1'] },
    messages: {
      desk: points,
      busy: ['< INVITE', '> 486 INVITE', '< ACK'],
      night: [...calleeAnswered, ...isReleased],
    },
    ...{ result: 'succeeded', code: 200 },
    evidence: [
      'destination: 302 Moved Temporarily',
      /^baton: INVITE sip:busy@/,
      'destination: 486 Busy Here',
      /^baton: INVITE sip:night@/,
      ...answered,
    ],
  },
  {
    what: '302 that the handoff’s policy refuses',
    destinations: { desk: redirecting('302 Moved Temporarily', '<sip:night@127.0.0.1:9>') },
    handoff: { redirects: 'refuse' },
    project: { adhoc: true, adhoc_hosts: ['127.0.0.1'] },
    messages: { desk: points },
    ...isTurnedDown,
    evidence: ['destination: 302 Moved Temporarily'],
  },
  {
    what: '302 to a premium number',
    destinations: { desk: redirecting('302 Moved Temporarily', '<tel:+19005550100>') },
    project: { adhoc: true, adhoc_hosts: ['127.0.0.1'] },
    messages: { desk: points },
    ...isTurnedDown,
    evidence: ['destination: 302 Moved Temporarily', /^baton: tel:\+19005550100 is not followed: .*premium/],
  },
  {
    what: '302 to another port of a private host, which adhoc_hosts do not name',
    destinations: { desk: redirecting('302 Moved Temporarily', '<sip:night@127.0.0.1:9>') },
    project: { adhoc: true },
    messages: { desk: points },
    ...isTurnedDown,
    evidence: ['destination: 302 Moved Temporarily', /^baton: sip:night@127.* is not followed: 127.* private host/],
  },
  {
    what: '302 whose maddr is a private address',
    destinations: { desk: redirecting('302 Moved Temporarily', '<sip:night@example.com;maddr=127.0.0.1>') },
    project: { adhoc: true },
    messages: { desk: points },
    ...isTurnedDown,
    evidence: ['destination: 302 Moved Temporarily', /^baton: sip:night@.* is not followed: 127.* private host/],
  },
  {
    what: '302 to its own host with a maddr elsewhere, in a project that allows no raw targets',
    destinations: { desk: redirecting('302 Moved Temporarily', '<sip:night@127.0.0.1;maddr=127.0.0.9>') },
    messages: { desk: points },
    ...isTurnedDown,
    evidence: ['destination: 302 Moved Temporarily', /^baton: sip:night@.* is not followed: .*adhoc: false/],
  },
  {
    what: '302 in a circle: no destination is called twice',
    destinations: { desk: { scenario: 'uas-redirects-in-circles', calls: 2 } },
    messages: { desk: [...points, '< INVITE', '> 301 INVITE', '< ACK'] },
    ...{ result: 'failed', code: 301 },
    evidence: [
      'destination: 302 Moved Temporarily',
      /^baton: INVITE sip:night@/,
      'destination: 301 Moved Permanently',
      /^baton: sip:desk@.* is not followed: it was called before$/,
      /^baton: sip:night@.* is not followed: it was called before$/,
    ],
  },
  {
    what: '302 without a Contact',
    destinations: { desk: redirecting('302 Moved Temporarily', '') },
    messages: { desk: points },
    ...isTurnedDown,
    evidence: ['destination: 302 Moved Temporarily'],
  },
]

for (const stack of stacks) {
  describe(`Destinations that point elsewhere (${stack.name})`, () => {
    needs('sipp')
    const baton = sharedBaton({ stack })

    for (const row of rows) {
      const { result, code } = row
      const reason = result === 'succeeded' ? 'answered' : 'redirected'
      it(`${row.what}: ${result}, ${reason}`, async () => {
        const isBridged = result === 'succeeded'
        const played = await play(baton(), {
          caller: isBridged ? { scenario: 'uac-reinvite-bridged', until: agentTold } : stays,
          agents: { agent: asking() },
          destinations: row.destinations,
          handoffs: (uri) => [{ ...frontDesk, method: 'invite', route: uri('desk'), ...row.handoff }],
          ...(row.project && { project: row.project }),
        })
        const hears = isBridged ? ['180', '200'] : [String(code)]
        await expectStory(played, {
          messages: {
            caller: [...callerAnswered, ...(isBridged ? ['< INVITE', '> 200 INVITE', '< ACK'] : []), ...hangsUp],
            agent: [...calleeAnswered, '> REFER', '< 202 REFER', ...isNotified('100', ...hears), ...isReleased],
            ...row.messages,
          },
          call: { result: 'answered', reason: 'hangup', endedBy: 'caller' },
          transfers: [
            {
              ...{ handoff: 'front-desk', result, reason, sipStatus: code },
              attempts: [
                {
                  ...{ handoff: 'front-desk', method: 'invite', result, code },
                  evidence: [/^baton: INVITE sip:desk@/, ...row.evidence],
                },
              ],
            },
          ],
        })
      })
    }
  })
}
