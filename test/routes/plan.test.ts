import assert from 'node:assert/strict'
import {
  adhocPlan,
  adhocProblem,
  plan,
  reachableAddresses,
  requestHeaders,
  type CallFacts,
  type Table,
} from '../../routes/index.ts'
import { handoffMistakes } from '../../routes/project/check-handoffs.ts'
import { pinned } from './fixtures.ts'

const facts: CallFacts = {
  callId: 'c-1',
  callerId: '+14155550123',
  callerName: 'Zoë',
  calledNumber: '+14155550100',
  headers: { 'X-Tier': 'gold', 'x-odd': 'a\r\nVia: b\0c', From: 'no' },
}

const table: Table = {
  handoffs: [
    {
      name: 'front-desk',
      default: true,
      route: 'sip:front-desk@127.0.0.1:5092',
      headers: {
        'X-Caller': '$caller_id',
        'X-Account': 'acct-${account}',
        'X-Region': '$region',
        'X-Where': '$environment/$version/$handoff',
      },
      on_failure: ['duty', 'out-of-use'],
      deadline: 60,
    },
    { name: 'duty', method: 'invite', route: '+14155550111', ring_timeout: 20, on_failure: ['give-back', 'night'] },
    { name: 'out-of-use', active: false, route: 'sip:x@y', on_failure: ['night'] },
    { name: 'night', route: 'sip:night@127.0.0.1' },
    { name: 'give-back', method: 'bye', headers: { 'X-Why': '$reason' } },
  ],
}

const phones: Table = {
  handoffs: [
    { name: 'phone', default: true, route: '+14155550111' },
    { name: 'own', route: '+14155550111', number_format: 'prefix_00' },
  ],
}

const names = (name: string): string[] =>
  plan(pinned(table), { handoff: name }, facts).steps.map((step) => step.handoff)

describe('a plan', () => {
  it('tries the handoff, then those under on_failure and theirs, each once, without those out of use', () => {
    assert.deepEqual(names('front-desk'), ['front-desk', 'duty', 'give-back', 'night'])
    assert.deepEqual(names('night'), ['night'])
  })

  it('goes on with what an inactive handoff names', () => {
    const { matched, steps } = plan(pinned(table), { handoff: 'out-of-use' }, facts)
    assert.equal(matched, 'hit')
    assert.deepEqual(
      steps.map((step) => step.handoff),
      ['night'],
    )
  })

  it('gives unknown names the default handoff', () => {
    const { requested, matched, handoff, deadline, steps } = plan(pinned(table), { handoff: 'lost' }, facts)
    assert.deepEqual([requested, matched, handoff, deadline], ['lost', 'default', 'front-desk', 60])
    assert.equal(steps.length, 4)
  })

  it('knows a handoff by its name in any case', () => {
    assert.deepEqual(names('NIGHT'), ['night'])
    assert.equal(plan(pinned(table), { handoff: 'Front-Desk' }, facts).matched, 'hit')
  })

  it('prefers the name as it is written to one in another case', () => {
    const both: Table = {
      handoffs: [
        { name: 'Desk', default: true, route: 'sip:one@127.0.0.1' },
        { name: 'desk', route: 'sip:two@127.0.0.1' },
      ],
    }
    assert.equal(plan(pinned(both), { handoff: 'desk' }, facts).handoff, 'desk')
    assert.equal(plan(pinned(both), { handoff: 'Desk' }, facts).handoff, 'Desk')
  })

  it('is not fooled by names that every object has', () => {
    assert.equal(plan(pinned(table), { handoff: '__proto__' }, facts).matched, 'default')
    assert.equal(plan(pinned(table), { handoff: 'constructor' }, facts).matched, 'default')
  })

  it('says how and where to', () => {
    const [refer, invite, bye] = plan(pinned(table), { handoff: 'front-desk' }, facts).steps
    assert.equal(refer?.target, 'sip:front-desk@127.0.0.1:5092')
    assert.equal(refer.referTo, '<sip:front-desk@127.0.0.1:5092>')
    assert.deepEqual(
      [invite?.method, invite?.target, invite?.number, invite?.ringTimeout],
      ['invite', 'tel:+14155550111', '+14155550111', 20],
    )
    assert.deepEqual([bye?.method, bye?.target, bye?.referTo], ['bye', '', undefined])
  })

  it('keeps the number of the table, and names it in Refer-To as the trunk of the caller wants it', () => {
    const gateways = ['sip:gw.example:5060', 'sip:other.example']
    const trunk = { name: 't', numberFormat: 'without_plus', referTo: 'sip_phone', gateways } as const
    const step = plan(pinned(phones), { handoff: 'phone' }, facts, { trunk }).steps[0]
    assert.deepEqual([step?.target, step?.number], ['tel:+14155550111', '+14155550111'])
    assert.equal(step?.referTo, '<sip:14155550111@gw.example:5060;user=phone>')
    const own = plan(pinned(phones), { handoff: 'own' }, facts, { trunk }).steps[0]
    assert.equal(own?.referUri, 'sip:0014155550111@gw.example:5060;user=phone')
  })

  it('says of a number that the trunk has no form for why there is no Refer-To', () => {
    const trunk = { name: 't', numberFormat: 'national', country: 'DE' } as const
    const step = plan(pinned(phones), { handoff: 'phone' }, facts, { trunk }).steps[0]
    assert.equal(step?.referTo, undefined)
    assert.match(
      typeof step?.referUri === 'object' ? step.referUri.detail : '',
      /^\+14155550111 is no national number of DE: trunk t /,
    )
  })
})

describe('headers of a transfer', () => {
  const headersOf = (request: Parameters<typeof plan>[1], over = {}, call = facts): unknown => {
    const first = plan(pinned(table, over), { handoff: 'front-desk', ...request }, call).steps[0]
    return Object.fromEntries(first?.headers ?? [])
  }

  it('are filled in from the call, the request and the environment', () => {
    assert.deepEqual(headersOf({ variables: { account: '7' } }, { variables: { region: 'west' } }), {
      'X-Caller': '+14155550123',
      'X-Account': 'acct-7',
      'X-Region': 'west',
      'X-Where': 'live/7/front-desk',
    })
  })

  it('of the request win over those of the handoff, whatever their case', () => {
    const headers = headersOf({ headers: { 'x-caller': 'mine', 'X-New': 'more' } }, { variables: { region: 'w' } })
    assert.deepEqual(headers, {
      'X-Caller': 'mine',
      'X-Account': 'acct-',
      'X-Region': 'w',
      'X-Where': 'live/7/front-desk',
      'X-New': 'more',
    })
  })

  it('of the request that the stack owns are left out, and said', () => {
    const { steps, warnings } = plan(
      pinned(table),
      { handoff: 'night', headers: { Via: 'x', 'X Y': 'z', 'X-Ok': '1' } },
      facts,
    )
    assert.deepEqual(steps[0]?.headers, [['X-Ok', '1']])
    assert.deepEqual(
      warnings.map(({ code }) => code),
      ['header_refused', 'header_refused'],
    )
  })

  it('take variables of the request over the environment, but never over the call', () => {
    const variables = { region: 'east', caller_id: '+14155550000', account: '1' }
    const headers = headersOf({ variables }, { variables: { region: 'west' } }) as Record<string, string>
    assert.equal(headers['X-Region'], 'east')
    assert.equal(headers['X-Caller'], '+14155550123')
  })

  it('are empty, left out and said when a variable is not known', () => {
    const { steps, warnings } = plan(pinned(table), { handoff: 'front-desk' }, facts)
    assert.deepEqual(Object.keys(Object.fromEntries(steps[0]?.headers ?? [])), ['X-Caller', 'X-Account', 'X-Where'])
    assert.deepEqual(
      warnings.map(({ code, detail }) => [code, detail.split(' ')[0]]),
      [
        ['unknown_variable', '"account"'],
        ['unknown_variable', '"region"'],
      ],
    )
  })

  it('never carry control characters that a call brought', () => {
    const odd: Table = {
      handoffs: [
        {
          name: 'a',
          default: true,
          route: 'sip:a@b',
          headers_in: 'both',
          headers: { 'X-Odd': '<${header.X-Odd}>', 'X-Tier': '$header.X-Tier', 'X-None': '${header.X-None:-none}' },
        },
      ],
    }
    const step = plan(pinned(odd), { handoff: 'a', headers: { 'X-Mine': 'x\r\ny' } }, facts).steps[0]
    assert.deepEqual(step?.headers, [
      ['X-Odd', '<a Via: b c>'],
      ['X-Tier', 'gold'],
      ['X-None', 'none'],
      ['X-Mine', 'x y'],
    ])
    assert.equal(step.referTo, '<sip:a@b?X-Odd=%3Ca%20Via:%20b%20c%3E&X-Tier=gold&X-None=none&X-Mine=x%20y>')
  })

  it('go on the request, into Refer-To, or both; an INVITE and a BYE always carry them', () => {
    for (const [place, onRequest, inside] of [
      ['request', 1, false],
      ['refer_to', 0, true],
      ['both', 1, true],
    ] as const) {
      const one: Table = {
        handoffs: [{ name: 'a', default: true, route: 'sip:a@b', headers_in: place, headers: { 'X-A': '1' } }],
      }
      const step = plan(pinned(one), { handoff: 'a' }, facts).steps[0]!
      assert.equal(requestHeaders(step, 'refer').length, onRequest)
      assert.equal(step.referTo?.includes('X-A=1'), inside)
      assert.equal(requestHeaders(step, 'invite').length, 1)
      assert.equal(requestHeaders(step, 'bye').length, 1)
    }
  })
})

describe('a raw number or URI', () => {
  const settings = (
    adhoc: boolean,
    adhocDeny: string[] = [],
    adhocHosts: string[] = [],
    adhocAllow: string[] = [],
  ): object => ({
    settings: { agentDown: undefined, adhoc, adhocDeny, adhocAllow, adhocHosts, consult: true },
  })

  it('is refused unless the project allows it, with the reason', () => {
    assert.match(adhocProblem(pinned(table), '+14155550111') ?? '', /adhoc: false/)
    const allowed = pinned(table, settings(true, ['+44', 'sip:secret@']))
    assert.equal(adhocProblem(allowed, '+14155550111'), undefined)
    assert.equal(adhocProblem(allowed, 'sip:a@b'), undefined)
    assert.match(adhocProblem(allowed, 'tel:+44-20-79460018') ?? '', /begins with \+44/)
    assert.match(adhocProblem(allowed, 'SIP:secret@x') ?? '', /adhoc_deny/)
    assert.match(adhocProblem(allowed, '+19005550100') ?? '', /premium/)
    assert.match(adhocProblem(allowed, '100') ?? '', /neither an E\.164/)
  })

  it('does not lead to a private host, unless a handoff, a trunk or adhoc_hosts names it', () => {
    const inward = [
      ...['10.1.2.3', '172.16.0.1', '172.31.255.255', '192.168.1.1', '169.254.169.254', '127.0.0.2', '0.0.0.0'],
      ...['[::1]', '[fe80::1]', '[fd00::1]', '[::ffff:10.0.0.1]', 'localhost', 'LOCALHOST.', '127.1', '0x7f000001'],
      ...['100.64.0.1', '100.127.255.255', '198.18.0.1', '198.19.255.255', '224.0.0.1', '239.1.1.1', '240.0.0.1'],
      ...['255.255.255.255', '192.0.0.8', '[64:ff9b::808:808]', '[64:ff9b:1::1]', '[::10.0.0.1]', '[::ffff:a01:203]'],
      ...['[2002:a01:203::1]', '[2002:c0a8:101::]', '[2001:0:4136:e378::1]', '[ff02::1]', '[fec0::1]', '[100::1]'],
      ...['example.com;maddr=10.1.2.3', '10.1.2.3:5070;transport=tcp'],
      ...['example.com;%6daddr=10.1.2.3', 'example.com;m%61ddr=%31%30.1.2.3', 'example.com;maddr=%3a%3a1'],
    ]
    for (const host of inward) {
      assert.match(adhocProblem(pinned(table, settings(true)), `sip:desk@${host}`) ?? '', /private host/, host)
    }
    for (const host of [
      '192.0.2.1',
      '172.32.0.1',
      '100.128.0.1',
      '100.63.255.255',
      '198.20.0.1',
      '[2001:db8::1]',
      '[2002:c000:201::1]',
      '[::ffff:192.0.2.1]',
      'pbx.example.com',
      '10.example.com',
    ]) {
      assert.equal(adhocProblem(pinned(table, settings(true)), `sip:desk@${host}`), undefined, host)
    }
    const named: Table = { handoffs: [{ name: 'desk', description: 'Desk', default: true, route: 'sip:1@10.1.2.3' }] }
    const reaches = (uri: string, hosts: string[] = [], known: string[] = [], from = table) =>
      adhocProblem(pinned(from, settings(true, [], hosts)), uri, known) === undefined
    assert.ok(reaches('sip:2@10.1.2.3', [], [], named))
    assert.ok(reaches('sip:2@10.1.2.3:5060;transport=tcp', [], [], named))
    assert.ok(!reaches('sip:2@10.1.2.3:5070', [], [], named), 'the host of a handoff, at another port')
    assert.ok(!reaches('sips:2@10.1.2.3', [], [], named), '5061')
    assert.ok(reaches('sip:2@10.1.2.3:5080', [], ['sip:10.1.2.3:5080']))
    assert.ok(!reaches('sip:2@10.1.2.3', [], ['sip:10.1.2.3:5080']))
    assert.ok(reaches('sip:2@10.1.2.3', ['10.1.2.3']) && reaches('sip:2@10.1.2.3:5070', ['10.1.2.3']), 'at any port')
    assert.ok(reaches('sip:2@10.1.2.3:5070', ['10.1.2.3:5070']) && !reaches('sip:2@10.1.2.3:5071', ['10.1.2.3:5070']))
    assert.ok(reaches('sip:2@[::1]:5070', ['[::1]:5070']) && reaches('sip:2@[::1]:5070', ['::1']))
    assert.ok(!reaches('sip:2@10.1.2.3;maddr=10.1.2.4', ['10.1.2.3']), 'maddr is where it goes')
    assert.match(adhocProblem(pinned(named, settings(true)), 'sip:2@10.1.2.4') ?? '', /10\.1\.2\.4 .*adhoc_hosts/)
  })

  it('may turn out to be any address where a handoff, a gateway or adhoc_hosts names it, and else a public one', () => {
    const named: Table = { handoffs: [{ name: 'desk', default: true, route: 'sip:1@pbx.example.com' }] }
    const reach = (uri: string) => reachableAddresses(pinned(named, settings(true, [], ['in.example.com'])), uri)
    for (const uri of ['sip:2@pbx.example.com', 'sip:2@in.example.com:5070', 'tel:+14155550111']) {
      assert.equal(reach(uri), undefined, uri)
    }
    for (const uri of ['sip:2@pbx.example.com:5070', 'sip:2@example.com', 'sip:2@pbx.example.com;maddr=example.com']) {
      assert.equal(reach(uri)?.('10.1.2.3'), false, uri)
      assert.equal(reach(uri)?.('192.0.2.1'), true, uri)
    }
  })

  it('is no satellite, no premium rate and in no fraud range, however it is written, unless adhoc_allow has it', () => {
    const problem = (target: string, allow: string[] = []) =>
      adhocProblem(pinned(table, settings(true, [], [], allow)), target)
    for (const target of [
      ...['+881612345678', '+882161234567', '+883510012345', '+979123456789', '+870773123456', '+24741234', '+6903123'],
      ...['tel:+8816-1234-5678', 'sip:+881612345678@gw.example.com', 'sip:00881612345678@gw.example.com;user=phone'],
      ...['sip:011881612345678@gw.example.com', 'sip:%2B881612345678@gw.example.com'],
      ...[
        'tel:1612345678;phone-context=+88',
        'tel:881-612345678;phone-context=%2B',
        'sip:1612345;phone-context=+88@gw.example.com',
      ],
      ...[
        'sip:%30%30881612345678@gw.example.com',
        'sip:0011881612345678@gw.example.com',
        'sip:++881612345678@gw.example.com',
        'sip:%2B881612345678%ff@gw.example.com',
      ],
    ]) {
      assert.match(problem(target) ?? '', /adhoc_allow/, target)
    }
    assert.equal(problem('+881612345678', ['+8816']), undefined)
    assert.match(problem('+881712345678', ['+8816']) ?? '', /adhoc_allow/)
    assert.equal(problem('+19005550100', ['+1900']), undefined)
    assert.match(
      adhocProblem(pinned(table, settings(true, ['+88161'], [], ['+8816'])), '+881612345678') ?? '',
      /adhoc_deny/,
      'what is denied by name stays denied',
    )
    for (const target of ['sip:011442079460018@gw.example.com', 'sip:0011442079460018@gw.example.com']) {
      assert.match(adhocProblem(pinned(table, settings(true, ['+4420'])), target) ?? '', /adhoc_deny/, target)
    }
    for (const target of ['+14155550111', '+442079460018', 'sip:8816@pbx.example.com', 'sip:0088@pbx.example.com']) {
      assert.equal(problem(target), undefined, target)
    }
  })

  it('is planned as a handoff with every default', () => {
    const { handoff, steps } = adhocPlan(
      pinned(table, settings(true)),
      '+14155550111',
      { headers: { 'X-A': '1' } },
      facts,
    )
    assert.equal(handoff, 'adhoc')
    assert.deepEqual(
      [steps[0]?.method, steps[0]?.referTo, steps[0]?.headers],
      ['refer', '<tel:+14155550111>', [['X-A', '1']]],
    )
  })
})

describe('A handoff with a pool of numbers', () => {
  const mistakes = (over: object) =>
    handoffMistakes(
      { name: 'pbx', ...over },
      0,
      { handoffs: ['pbx'], schedules: [] },
      { environment: new Set(), request: undefined },
    )

  it('has no route, and numbers that can be called, each once', () => {
    assert.deepEqual(mistakes({ pool: { numbers: ['+14155550180', 'sip:a@pbx.example'] } }), [])
    const pointers = (over: object) => mistakes(over).map(({ pointer }) => pointer)
    assert.deepEqual(pointers({ route: '+14155550100', pool: { numbers: ['+14155550180'] } }), ['/handoffs/0/pool'])
    assert.deepEqual(pointers({ method: 'bye', pool: { numbers: ['+14155550180'] } }), ['/handoffs/0/pool'])
    const numbers = ['+14155550180', '123', 'sip:a@b?X-A=b', '+14155550180']
    assert.deepEqual(
      pointers({ pool: { numbers } }),
      [1, 2, 3].map((at) => `/handoffs/0/pool/numbers/${at}`),
    )
  })

  it('is planned and explained with its first number', () => {
    const pooled: Table = {
      handoffs: [{ name: 'pbx', default: true, method: 'invite', pool: { numbers: ['+14155550180', '+14155550181'] } }],
    }
    const [step] = plan(pinned(pooled), { handoff: 'pbx' }, facts).steps
    assert.deepEqual([step?.target, step?.number], ['tel:+14155550180', '+14155550180'])
    assert.equal(step?.pool?.numbers.length, 2)
  })
})
