import assert from 'node:assert/strict'
import {
  applyCommand,
  diffTables,
  diffText,
  lintProject,
  RoutesError,
  type HandoffCommand,
  type ProjectFile,
  type Table,
} from '../../routes/index.ts'
import { projectFile } from './fixtures.ts'

const table: Table = {
  handoffs: [
    {
      id: 'h1',
      name: 'desk',
      default: true,
      route: 'sip:desk@h',
      on_failure: ['duty'],
      headers: { 'X-A': '1', 'X-B': '2' },
    },
    { name: 'duty', method: 'invite', route: '+14155550111' },
    { name: 'spare', route: 'sip:spare@h', schedule: 'day', when_closed: ['duty'] },
  ],
  schedules: [{ name: 'day', time_zone: 'UTC' }],
  rules: [
    { name: 'one', when: { share: 10 }, handoff: 'duty' },
    { name: 'two', asked: ['spare', 'duty'], handoff: 'desk' },
  ],
}

const names = ({ handoffs }: Table): string[] => handoffs.map(({ name }) => name)
const refused = (command: HandoffCommand): RoutesError => {
  try {
    applyCommand(table, command)
  } catch (error) {
    assert.ok(error instanceof RoutesError)
    return error
  }
  return assert.fail('it was done')
}

describe('a command on the draft', () => {
  it('creates a handoff', () => {
    assert.deepEqual(names(applyCommand(table, { do: 'create', handoff: { name: 'new', route: 'sip:n@h' } })), [
      'desk',
      'duty',
      'spare',
      'new',
    ])
  })

  it('updates fields, and takes those away that are null', () => {
    const [desk] = applyCommand(table, {
      do: 'update',
      name: 'desk',
      changes: { route: '+14155550122', headers: null },
    }).handoffs
    assert.deepEqual(desk, { id: 'h1', name: 'desk', default: true, route: '+14155550122', on_failure: ['duty'] })
  })

  it('renames a handoff wherever it is named', () => {
    const renamed = applyCommand(table, { do: 'update', name: 'duty', changes: { name: 'manager' } })
    assert.deepEqual(names(renamed), ['desk', 'manager', 'spare'])
    assert.deepEqual(renamed.handoffs[0]?.on_failure, ['manager'])
    assert.deepEqual(renamed.handoffs[2]?.when_closed, ['manager'])
    assert.deepEqual([renamed.rules?.[0]?.handoff, renamed.rules?.[1]?.asked], ['manager', ['spare', 'manager']])
  })

  it('duplicates a handoff under another name, not as the default', () => {
    const copied = applyCommand(table, { do: 'duplicate', name: 'desk', as: 'desk-2' })
    assert.deepEqual(names(copied), ['desk', 'desk-2', 'duty', 'spare'])
    const copy = copied.handoffs[1]!
    assert.deepEqual([copy.id, copy.default, copy.route], [undefined, undefined, 'sip:desk@h'])
  })

  it('makes another handoff the default', () => {
    const { handoffs } = applyCommand(table, { do: 'set_default', name: 'duty' })
    assert.deepEqual(
      handoffs.map((handoff) => handoff.default),
      [undefined, true, undefined],
    )
  })

  it('deletes a handoff that nothing names', () => {
    const free = applyCommand(
      { handoffs: table.handoffs, schedules: table.schedules! },
      { do: 'delete', name: 'spare' },
    )
    assert.deepEqual(names(free), ['desk', 'duty'])
  })

  it('does not delete one that is named, and says where', () => {
    const { status, errors } = refused({ do: 'delete', name: 'duty' })
    assert.equal(status, 422)
    assert.deepEqual(
      errors?.map(({ pointer }) => pointer),
      ['/handoffs/0/on_failure/0', '/handoffs/2/when_closed/0', '/rules/0/handoff', '/rules/1/asked/1'],
    )
    assert.ok(refused({ do: 'delete', name: 'desk' }).errors?.some(({ problem }) => problem === 'desk is the default'))
  })

  it('to an unknown handoff is 404', () => {
    for (const command of [
      { do: 'update', name: 'x', changes: {} },
      { do: 'delete', name: 'x' },
      { do: 'set_default', name: 'x' },
      { do: 'duplicate', name: 'x', as: 'y' },
    ] as const) {
      assert.deepEqual([refused(command).status, refused(command).slug], [404, 'unknown_handoff'])
    }
  })

  it('leaves the old table as it was', () => {
    const before = structuredClone(table)
    applyCommand(table, { do: 'update', name: 'duty', changes: { name: 'manager', labels: { a: 'b' } } })
    applyCommand(table, { do: 'set_default', name: 'duty' })
    applyCommand(table, { do: 'duplicate', name: 'desk', as: 'x' }).handoffs[1]!.headers!['X-A'] = 'changed'
    assert.deepEqual(table, before)
  })
})

describe('the difference between two tables', () => {
  const edited = (edit: (table: Table) => void): Table => {
    const copy = structuredClone(table)
    edit(copy)
    return copy
  }

  it('is nothing between a table and itself, nor when a default is written out', () => {
    assert.deepEqual(diffTables(table, structuredClone(table)), [])
    const written = edited(({ handoffs }) =>
      Object.assign(handoffs[0]!, { method: 'refer', active: true, ring_timeout: 30, when_closed: [] }),
    )
    assert.deepEqual(diffTables(table, written), [])
    assert.equal(diffText([]), '')
  })

  it('names fields with what they were and are', () => {
    const after = edited(({ handoffs }) => {
      Object.assign(handoffs[1]!, { route: '+14155550122', ring_timeout: 20 })
      handoffs[0]!.headers = { 'X-B': 'two', 'X-C': '3' }
    })
    assert.deepEqual(diffTables(table, after), [
      { kind: 'changed', what: 'handoff', name: 'desk', field: 'headers.X-A', before: '1', after: undefined },
      { kind: 'changed', what: 'handoff', name: 'desk', field: 'headers.X-B', before: '2', after: 'two' },
      { kind: 'changed', what: 'handoff', name: 'desk', field: 'headers.X-C', before: undefined, after: '3' },
      { kind: 'changed', what: 'handoff', name: 'duty', field: 'route', before: '+14155550111', after: '+14155550122' },
      { kind: 'changed', what: 'handoff', name: 'duty', field: 'ring_timeout', before: 30, after: 20 },
    ])
  })

  it('names what was added, removed, renamed and moved, as text', () => {
    const after = edited((copy) => {
      copy.handoffs = [{ ...copy.handoffs[0]!, name: 'front' }, copy.handoffs[1]!, { name: 'new', route: 'sip:n@h' }]
      copy.schedules = [
        { name: 'day', time_zone: 'Europe/London' },
        { name: 'week', time_zone: 'UTC' },
      ]
      copy.rules = [copy.rules![1]!, copy.rules![0]!]
    })
    assert.equal(
      diffText(diffTables(table, after)),
      [
        '- handoff spare',
        '~ handoff desk is now front',
        '+ handoff new',
        '~ schedule day',
        '+ schedule week',
        '~ rule two: place 2 → 1',
        '~ rule one: place 1 → 2',
        '',
      ].join('\n'),
    )
    assert.match(
      diffText(
        diffTables(
          table,
          edited(({ handoffs }) => (handoffs[1]!.on_failure = ['spare'])),
        ),
      ),
      /^~ handoff duty: on_failure \(none\) → \["spare"\]\n$/,
    )
  })
})

describe('lint', () => {
  const now = Date.parse('2026-06-01T00:00Z')
  const codes = async (edit: (file: ProjectFile) => void): Promise<string[]> => {
    const file = projectFile()
    for (const handoff of file.table.handoffs) handoff.description = 'said'
    edit(file)
    const findings = await lintProject(file, now)
    return findings.map(({ severity, code, pointer }) => `${severity} ${code} ${pointer}`)
  }
  const desk = (over: Partial<Table['handoffs'][number]>) => (file: ProjectFile) =>
    void Object.assign(file.table.handoffs[0]!, over)

  it('has nothing to say of a good project', async () => {
    assert.deepEqual(await codes(() => undefined), [])
  })

  const cases: [title: string, edit: (file: ProjectFile) => void, finding: string][] = [
    ['a mistake', desk({ route: 'x' }), 'error invalid /table/handoffs/0/route'],
    [
      'a missing description',
      ({ table: { handoffs } }) => delete handoffs[1]!.description,
      'info no_description /table/handoffs/1/description',
    ],
    ['a premium number', desk({ route: '+19005550100' }), 'warning premium_number /table/handoffs/0/route'],
    ['a number of no plan', desk({ route: '+1415555' }), 'warning impossible_number /table/handoffs/0/route'],
    [
      "the project's own number",
      desk({ route: 'sip:+14155550100@h;user=phone' }),
      'warning loop /table/handoffs/0/route',
    ],
    ['a local number', desk({ route: 'tel:911;phone-context=+1' }), 'warning short_number /table/handoffs/0/route'],
    [
      'a number that is not E.164',
      desk({ route: 'sip:4155550111@h;user=phone' }),
      'warning not_e164 /table/handoffs/0/route',
    ],
    ['a deadline before the ringing ends', desk({ deadline: 10 }), 'warning short_deadline /table/handoffs/0/deadline'],
    [
      'headers inside a tel: URI',
      desk({ route: '+14155550122', headers_in: 'refer_to', headers: { 'X-A': '1' } }),
      'warning tel_has_no_headers /table/handoffs/0/route',
    ],
    ['REFER to Five9', desk({ profile: 'five9' }), 'warning profile_method /table/handoffs/0/method'],
    ['sips: to Teams', desk({ profile: 'teams', route: 'sips:a@b' }), 'warning profile_sips /table/handoffs/0/route'],
    [
      'too many headers',
      desk({ profile: 'teams', headers: Object.fromEntries([1, 2, 3, 4, 5, 6].map((i) => [`X-MS-Custom-${i}`, 'v'])) }),
      'warning too_many_headers /table/handoffs/0/headers',
    ],
    [
      'a header that is not read',
      desk({ profile: 'nice', headers: { Subject: 's' } }),
      'warning header_not_read /table/handoffs/0/headers/Subject',
    ],
    [
      'a header that a trunk leaves out',
      desk({ headers: { 'X-Long': 'x'.repeat(3000) } }),
      'warning header_too_large /table/handoffs/0/headers/X-Long',
    ],
    [
      'a header that is too long by a variable of one environment',
      (file) => {
        file.environments.live!.variables = { note: 'x'.repeat(3000) }
        desk({ headers: { 'X-Long': 'account ${note}' } })(file)
      },
      'warning header_too_large /table/handoffs/0/headers/X-Long',
    ],
    [
      'headers that are too long together',
      desk({ headers: Object.fromEntries([1, 2, 3, 4, 5].map((n) => [`X-${n}`, 'x'.repeat(2000)])) }),
      'warning headers_too_large /table/handoffs/0/headers',
    ],
    [
      'a header that the receiver does not take',
      desk({ profile: 'teams', route: 'sip:a@b', headers: { 'X-MS-Custom-A': 'x'.repeat(400) } }),
      'error header_too_large /table/handoffs/0/headers/X-MS-Custom-A',
    ],
    [
      'an inactive next handoff',
      ({ table: { handoffs } }) => (handoffs[1]!.active = false),
      'info not_active /table/handoffs/0/on_failure/0',
    ],
    [
      'a misspelt variable',
      desk({ headers: { 'X-A': '$caler_id' } }),
      'warning misspelt /table/handoffs/0/headers/X-A',
    ],
    [
      'a variable that an environment lacks',
      (file) => {
        file.environments.sandbox = { numbers: ['+14155550177'], agents: ['sip:a@b'], variables: { region: 'test' } }
        desk({ headers: { 'X-A': '$region' } })(file)
      },
      'warning variable_missing /table/handoffs/0/headers/X-A',
    ],
    [
      'something after a BYE',
      ({ table: { handoffs } }) => {
        handoffs[0] = {
          name: 'front-desk',
          description: 's',
          default: true,
          method: 'bye',
          on_failure: ['duty-manager'],
        }
      },
      'warning after_bye /table/handoffs/0/on_failure',
    ],
    [
      'an environment without agents',
      ({ environments }) => (environments.live = { numbers: ['+14155550100'] }),
      'warning no_agents /environments/live/agents',
    ],
    [
      'an environment without numbers',
      ({ environments }) => (environments.live = { agents: ['sip:a@b'] }),
      'warning no_numbers /environments/live/numbers',
    ],
    [
      'a rule that never matches',
      ({ table: file }) => {
        file.rules = [
          { name: 'all', handoff: 'front-desk' },
          { name: 'some', when: { share: 5 }, handoff: 'duty-manager' },
        ]
      },
      'warning unreachable_rule /table/rules/1',
    ],
    [
      'a rule to an inactive handoff',
      ({ table: file }) => {
        file.handoffs[1]!.active = false
        file.handoffs[0]!.on_failure = []
        file.rules = [{ name: 'some', handoff: 'duty-manager' }]
      },
      'warning not_active /table/rules/0/handoff',
    ],
    [
      'a schedule that nothing uses',
      ({ table: file }) => (file.schedules = [{ name: 's', time_zone: 'UTC' }]),
      'info unused /table/schedules/0',
    ],
    [
      'an override that has expired',
      ({ table: file }) => {
        file.schedules = [{ name: 's', time_zone: 'UTC', overrides: [{ open: false, until: '2026-05-01T00:00' }] }]
        Object.assign(file.handoffs[0]!, { schedule: 's', when_closed: ['duty-manager'] })
      },
      'info expired /table/schedules/0/overrides/0',
    ],
    [
      'a closing without a handoff',
      ({ table: file }) => {
        file.schedules = [{ name: 's', time_zone: 'UTC' }]
        file.handoffs[0]!.schedule = 's'
      },
      'info closed_nowhere /table/handoffs/0/when_closed',
    ],
  ]
  for (const [title, edit, finding] of cases) {
    it(`finds ${title}`, async () => {
      const found = await codes(edit)
      assert.ok(found.includes(finding), `${finding} is not among ${JSON.stringify(found)}`)
    })
  }

  it('tells the worst first', async () => {
    const found = await codes((file) => {
      delete file.table.handoffs[0]!.description
      file.table.handoffs[1]!.route = '+19005550100'
    })
    assert.deepEqual(
      found.map((line) => line.split(' ')[0]),
      ['warning', 'info'],
    )
  })
})
