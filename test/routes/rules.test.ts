import assert from 'node:assert/strict'
import { checkProject, plan, type CallFacts, type Table, type TransferFacts } from '../../routes/index.ts'
import type { RuleRecord } from '../../routes/schema/project-file.ts'
import { pinned, projectFile } from './fixtures.ts'

const handoffs: Table['handoffs'] = [
  { name: 'desk', default: true, route: 'sip:desk@h' },
  { name: 'vip', route: 'sip:vip@h' },
  { name: 'night', route: 'sip:night@h' },
]
const schedules: NonNullable<Table['schedules']> = [{ name: 'day', time_zone: 'UTC', weekly: { mon: ['09:00-17:00'] } }]
const facts: CallFacts = {
  callId: 'c',
  callerId: 'sip:+14155550123@h',
  calledNumber: '+14155550100',
  headers: { 'X-Tier': 'gold' },
}
const monday = Date.parse('2026-03-02T10:00:00Z')

function choose(
  rules: RuleRecord[],
  request: TransferFacts = {},
  call = facts,
  now = monday,
): [string, string | undefined] {
  const { handoff, rule } = plan(
    pinned({ handoffs, schedules, rules }, { variables: { region: 'west' } }),
    request,
    call,
    { now },
  )
  return [handoff, rule]
}

describe('rules choose a handoff', () => {
  const conditions: [title: string, when: NonNullable<RuleRecord['when']>, holds: boolean][] = [
    ['without conditions', {}, true],
    ['the called number', { called: ['+14155550199', '+14155550100'] }, true],
    ['another called number', { called: ['+14155550199'] }, false],
    ["the beginning of the caller's number", { caller_prefix: ['+1212', '+1415'] }, true],
    ['another beginning', { caller_prefix: ['+44'] }, false],
    ['a header, whatever its case', { headers: { 'x-tier': 'gold' } }, true],
    ['a header of another value', { headers: { 'X-Tier': 'Gold' } }, false],
    ['a header that is not there', { headers: { 'X-Other': '' } }, false],
    ['a variable of the environment', { variables: { region: 'west' } }, true],
    ['a variable of the call', { variables: { environment: 'sandbox' } }, false],
    ['an open schedule', { schedule: 'day' }, true],
    ['a closed schedule', { schedule: 'day', schedule_is: 'closed' }, false],
    ['everybody', { share: 100 }, true],
    ['no caller', { share: 0 }, false],
    ['all conditions at once', { called: ['+14155550100'], variables: { region: 'west' }, share: 100 }, true],
    ['all conditions but one', { called: ['+14155550100'], variables: { region: 'east' } }, false],
  ]
  for (const [title, when, holds] of conditions) {
    it(`by ${title}`, () => {
      assert.deepEqual(choose([{ name: 'r', when, handoff: 'vip' }]), holds ? ['vip', 'r'] : ['desk', undefined])
    })
  }

  it('by the variables that the request brings', () => {
    const rules: RuleRecord[] = [{ name: 'r', when: { variables: { intent: 'buy' } }, handoff: 'vip' }]
    assert.deepEqual(choose(rules, { variables: { intent: 'buy' } }), ['vip', 'r'])
    assert.deepEqual(choose(rules), ['desk', undefined])
  })

  it('and the first that matches wins', () => {
    const rules: RuleRecord[] = [
      { name: 'one', when: { caller_prefix: ['+44'] }, handoff: 'night' },
      { name: 'two', handoff: 'vip' },
      { name: 'three', handoff: 'night' },
    ]
    assert.deepEqual(choose(rules), ['vip', 'two'])
  })

  it('only for transfers that name none, unless the rule diverts the name', () => {
    const rules: RuleRecord[] = [
      { name: 'any', handoff: 'vip' },
      { name: 'divert', asked: ['night'], when: { schedule: 'day' }, handoff: 'desk' },
    ]
    assert.deepEqual(choose(rules, { handoff: 'auto' }), ['vip', 'any'])
    assert.deepEqual(choose(rules, { handoff: 'desk' }), ['desk', undefined])
    assert.deepEqual(choose(rules, { handoff: 'lost' }), ['desk', undefined])
    assert.deepEqual(choose(rules, { handoff: 'night' }), ['desk', 'divert'])
    assert.deepEqual(choose(rules, { handoff: 'night' }, facts, Date.parse('2026-03-03T10:00:00Z')), [
      'night',
      undefined,
    ])
  })

  it('for a share of callers, the same each time', () => {
    const rules: RuleRecord[] = [{ name: 'try', when: { share: 25 }, handoff: 'vip' }]
    const of = (caller: number): string =>
      choose(rules, {}, { callId: 'x', callerId: `+1415555${String(caller).padStart(4, '0')}` })[0]
    const chosen = Array.from({ length: 4000 }, (_, i) => of(i))
    const share = chosen.filter((name) => name === 'vip').length / 40
    assert.ok(share > 22 && share < 28, `${share} per cent`)
    assert.deepEqual(
      Array.from({ length: 50 }, (_, i) => of(i)),
      chosen.slice(0, 50),
    )
  })
})

describe('a rule with a mistake', () => {
  const cases: [title: string, rule: object, pointer: string, says: RegExp][] = [
    ['an unknown handoff', { handoff: 'vp' }, '/table/rules/0/handoff', /no handoff "vp"/],
    ['no handoff', { handoff: '' }, '/table/rules/0/handoff', /is missing/],
    ['an unknown name that it diverts', { asked: ['x'] }, '/table/rules/0/asked/0', /no handoff "x"/],
    ['an unknown schedule', { when: { schedule: 'x' } }, '/table/rules/0/when/schedule', /no schedule/],
    [
      'a state without schedule',
      { when: { schedule_is: 'open' } },
      '/table/rules/0/when/schedule_is',
      /no schedule beside it/,
    ],
    ['a number that is not E.164', { when: { called: ['100'] } }, '/table/rules/0/when/called/0', /not an E\.164/],
    [
      'a beginning that is none',
      { when: { caller_prefix: ['four'] } },
      '/table/rules/0/when/caller_prefix/0',
      /beginning of a number/,
    ],
    [
      'a header that is not inbound',
      { when: { headers: { From: 'x' } } },
      '/table/rules/0/when/headers/From',
      /only inbound X- headers/,
    ],
    ['more than all', { when: { share: 101 } }, '/table/rules/0/when/share', /out of range/],
    ['an unknown condition', { when: { weather: 'wet' } }, '/table/rules/0/when/weather', /unknown field/],
  ]
  for (const [title, over, pointer, says] of cases) {
    it(`names ${title}`, () => {
      const file = projectFile()
      const rule = { name: 'r', handoff: 'front-desk', ...over }
      if (!rule.handoff) Reflect.deleteProperty(rule, 'handoff')
      Object.assign(file.table, { rules: [rule] })
      const found = checkProject(file).find((problem) => problem.pointer === pointer)
      assert.match(`${found?.problem ?? ''}; ${found?.hint ?? ''}`, says)
    })
  }
})
