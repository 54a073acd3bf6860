import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'

import { needs } from '../harness/needs.ts'
import { scenarios } from '../harness/scenario-parts.ts'
import { Sipp, type Part } from '../harness/sipp.ts'

const refusal = (line: string) => ({ keys: { refusal: `SIP/2.0 ${line}` } })
const asks = { pause: 50, keys: { refer_to: 'sip:front-desk@baton' } }

// Those that need a B2BUA between them are played in the other files.
const pairs: [caller: Part, callee: Part][] = [
  [
    { scenario: 'uac-call-answered', pause: 50 },
    { scenario: 'uas-early-media-answered', pause: 50 },
  ],
  [
    { scenario: 'uac-call-answered', pause: 50, transport: 'tcp' },
    { scenario: 'uas-call-answered', transport: 'tcp' },
  ],
  [{ scenario: 'uac-call-released' }, { scenario: 'uas-call-answered-hangs-up', pause: 50 }],
  [{ scenario: 'uac-late-offer-answered', pause: 50 }, { scenario: 'uas-late-offer-answered' }],
  [{ scenario: 'uac-call-refused' }, { scenario: 'uas-call-refused', ...refusal('486 Busy Here') }],
  [{ scenario: 'uac-call-refused' }, { scenario: 'uas-ringing-refused', ...refusal('603 Decline') }],
  [{ scenario: 'uac-call-cancelled', pause: 50 }, { scenario: 'uas-ringing-cancelled' }],
  [{ scenario: 'uac-hold-resumed', pause: 50 }, { scenario: 'uas-hold-resumed' }],
  [{ scenario: 'uac-held-resumed' }, { scenario: 'uas-holds-resumed', pause: 50 }],
  [{ scenario: 'uac-info-answered', pause: 50 }, { scenario: 'uas-info-answered' }],
  [
    { scenario: 'uac-refer-accepted-hung-up', pause: 50 },
    { scenario: 'uas-asks-transfer-released', ...asks },
  ],
  [
    { scenario: 'uac-refer-refused-stayed', pause: 50, ...refusal('405 Method Not Allowed') },
    { scenario: 'uas-asks-transfer-refused', ...asks },
  ],
  [
    { scenario: 'uac-refer-failed-stayed', pause: 50, keys: { failure: '486 Busy Here' } },
    { scenario: 'uas-asks-transfer-released', ...asks },
  ],
]

describe('SIPp scenarios', () => {
  needs('sipp')

  for (const [caller, callee] of pairs) {
    const transport = caller.transport === 'tcp' ? ' over TCP' : ''
    it(`${caller.scenario} and ${callee.scenario} understand each other${transport}`, async () => {
      const answering = await Sipp.answering(callee)
      const calling = await Sipp.calling(caller, '+14155550100', `127.0.0.1:${answering.port}`)
      try {
        await Promise.all([answering.done, calling.done])
        const mirrored = answering.trace().lines.map((line) => (line.startsWith('>') ? '<' : '>') + line.slice(1))
        assert.deepEqual(calling.trace().lines.sort(), mirrored.sort())
      } finally {
        await Promise.all([answering.close(), calling.close()])
      }
    })
  }

  it('each say at the top how to run them', () => {
    for (const [file, text] of scenarios()) {
      assert.match(file, /^sipp-scenarios\/(uac|uas)(-[a-z]+)+\.xml$/)
      assert.match(text.slice(0, 900), new RegExp(`sipp -sf ${file} `))
    }
  })

  it('hold their parts as they are in sipp-scenarios/parts (npm run scenarios)', () => {
    const old = [...scenarios()].filter(([file, text]) => text !== readFileSync(file, 'utf8'))
    assert.deepEqual(
      old.map(([file]) => file),
      [],
    )
  })
})
