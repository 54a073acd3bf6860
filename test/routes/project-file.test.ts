import assert from 'node:assert/strict'
import { checkProject, readDocumentAside, readProject, RoutesError } from '../../routes/index.ts'
import { readDocument } from '../../routes/project/document.ts'
import { demoYaml, projectFile } from './fixtures.ts'

type Mutable = Record<string, unknown>

/** The project with one thing changed: `at` is a path, undefined takes the field away. */
function broken(path: (string | number)[], value: unknown): unknown {
  const file = structuredClone(projectFile()) as unknown as Mutable
  let node = file
  for (const step of path.slice(0, -1)) node = node[step] as Mutable
  const last = String(path.at(-1))
  if (value === undefined) Reflect.deleteProperty(node, last)
  else node[last] = value

  return file
}

const desk = ['table', 'handoffs', 0]
const mistakes: [title: string, path: (string | number)[], value: unknown, pointer: string, says: RegExp][] = [
  ['an unknown field', ['colour'], 1, '/colour', /unknown field "colour"; the fields here are/],
  ['a slip of the pen', [...desk, 'ring_timout'], 5, '/table/handoffs/0/ring_timout', /did you mean "ring_timeout"\?/],
  ['a missing project name', ['project'], undefined, '/project', /is missing; give a name/],
  ['a project name with a slash', ['project'], '../etc', '/project', /not of the form/],
  ['an environment of another name', ['environments', 'prod'], {}, '/environments/prod', /sandbox, pre-release, live/],
  ['a missing table', ['table'], undefined, '/table', /is missing/],
  [
    'a route with headers in it',
    [...desk, 'route'],
    'sip:desk@127.0.0.1?X-A=1',
    '/table/handoffs/0/route',
    /has headers in it \(after "\?"\)/,
  ],
  [
    'an agent with headers in it',
    ['environments', 'live', 'agents'],
    ['sip:agent@127.0.0.1?Replaces=x'],
    '/environments/live/agents/0',
    /has headers in it/,
  ],
  ['no handoffs', ['table', 'handoffs'], [], '/table/handoffs', /is empty/],
  ['handoffs that are no list', ['table', 'handoffs'], {}, '/table/handoffs', /must be a list, is a mapping/],
  ['a handoff that is a name', ['table', 'handoffs', 0], 'x', '/table/handoffs/0', /must be a mapping, is "x"/],
  ['a handoff that is nothing', ['table', 'handoffs', 0], null, '/table/handoffs/0', /must be a mapping, is null/],
  ['no default', [...desk, 'default'], false, '/table/handoffs', /no handoff is the default/],
  ['two defaults', ['table', 'handoffs', 1, 'default'], true, '/table/handoffs/1/default', /second default/],
  ['a default out of use', [...desk, 'active'], false, '/table/handoffs/0/active', /default handoff is not active/],
  ['a name twice', ['table', 'handoffs', 1, 'name'], 'front-desk', '/table/handoffs/1/name', /used twice/],
  ['a name with a space', ['table', 'handoffs', 1, 'name'], 'a b', '/table/handoffs/1/name', /not of the form/],
  [
    'the name that stands for rules',
    ['table', 'handoffs', 1, 'name'],
    'auto',
    '/table/handoffs/1/name',
    /has a meaning/,
  ],
  [
    'an unknown next handoff',
    [...desk, 'on_failure'],
    ['duty-manger'],
    '/table/handoffs/0/on_failure/0',
    /did you mean "duty-manager"/,
  ],
  [
    'a next handoff twice',
    [...desk, 'on_failure'],
    ['duty-manager', 'duty-manager'],
    '/table/handoffs/0/on_failure/1',
    /twice/,
  ],
  [
    'a handoff after itself',
    [...desk, 'on_failure'],
    ['front-desk'],
    '/table/handoffs/0/on_failure/0',
    /front-desk → front-desk/,
  ],
  [
    'a circle',
    ['table', 'handoffs', 1, 'on_failure'],
    ['front-desk'],
    '/table/handoffs/1/on_failure/0',
    /front-desk → duty-manager → front-desk/,
  ],
  ['no route', [...desk, 'route'], undefined, '/table/handoffs/0/route', /is missing/],
  ['a route with bye', [...desk, 'method'], 'bye', '/table/handoffs/0/route', /bye has no route/],
  ['an unknown method', [...desk, 'method'], 'push', '/table/handoffs/0/method', /one of refer, invite, bye/],
  ['a number without plus', [...desk, 'route'], '4155550100', '/table/handoffs/0/route', /neither an E\.164/],
  ['an extension', [...desk, 'route'], '100', '/table/handoffs/0/route', /sip:100@pbx\.example/],
  ['too long a number', [...desk, 'route'], '+1234567890123456', '/table/handoffs/0/route', /neither an E\.164/],
  ['an http: route', [...desk, 'route'], 'http://x', '/table/handoffs/0/route', /neither an E\.164/],
  ['a route with a line break', [...desk, 'route'], 'sip:a@b\r\nX: y', '/table/handoffs/0/route', /neither an E\.164/],
  ['a route with a port too high', [...desk, 'route'], 'sip:a@b:70000', '/table/handoffs/0/route', /neither an E\.164/],
  ['a local tel: without context', [...desk, 'route'], 'tel:911', '/table/handoffs/0/route', /without phone-context/],
  [
    'a header name with a space',
    [...desk, 'headers'],
    { 'X A': '1' },
    '/table/handoffs/0/headers/X A',
    /not a header name/,
  ],
  [
    'a header name with a slash',
    [...desk, 'headers'],
    { 'X/A': '1' },
    '/table/handoffs/0/headers/X~1A',
    /not a header name/,
  ],
  ['an empty header name', [...desk, 'headers'], { '': '1' }, '/table/handoffs/0/headers/', /not a header name/],
  ['the short form of a header', [...desk, 'headers'], { v: '1' }, '/table/handoffs/0/headers/v', /short form of via/],
  [
    "one of Baton's headers",
    [...desk, 'headers'],
    { 'X-Baton-Call-Id': '1' },
    '/table/handoffs/0/headers/X-Baton-Call-Id',
    /Baton's own/,
  ],
  ['a header twice', [...desk, 'headers'], { 'X-A': '1', 'x-a': '2' }, '/table/handoffs/0/headers/x-a', /same header/],
  ['a value with CR', [...desk, 'headers'], { 'X-A': 'a\rb' }, '/table/handoffs/0/headers/X-A', /holds CR/],
  ['a value with LF', [...desk, 'headers'], { 'X-A': 'a\nb' }, '/table/handoffs/0/headers/X-A', /holds LF/],
  ['a value with NUL', [...desk, 'headers'], { 'X-A': 'a\0b' }, '/table/handoffs/0/headers/X-A', /holds NUL/],
  [
    'a value that is a number',
    [...desk, 'headers'],
    { 'X-A': 5 },
    '/table/handoffs/0/headers/X-A',
    /must be text, is 5 \(a number\)/,
  ],
  [
    'a dollar alone',
    [...desk, 'headers'],
    { 'X-A': 'costs $5' },
    '/table/handoffs/0/headers/X-A',
    /character 7; write \$\$/,
  ],
  [
    'braces never closed',
    [...desk, 'headers'],
    { 'X-A': '${caller_id' },
    '/table/handoffs/0/headers/X-A',
    /never closed/,
  ],
  [
    'a variable of another header',
    [...desk, 'headers'],
    { 'X-A': '${header.From}' },
    '/table/handoffs/0/headers/X-A',
    /unknown variable "header\.From"/,
  ],
  [
    'a variable that cannot be',
    [...desk, 'headers'],
    { 'X-A': '${call.id}' },
    '/table/handoffs/0/headers/X-A',
    /unknown variable "call\.id"/,
  ],
  ['an unknown place', [...desk, 'headers_in'], 'body', '/table/handoffs/0/headers_in', /request, refer_to, both/],
  ['an unknown fallback', [...desk, 'fallback'], 'bye', '/table/handoffs/0/fallback', /invite, none/],
  ['no time at all', [...desk, 'ring_timeout'], 0, '/table/handoffs/0/ring_timeout', /out of range; give seconds/],
  ['a negative time', [...desk, 'notify_timeout'], -1, '/table/handoffs/0/notify_timeout', /out of range/],
  ['too long a deadline', [...desk, 'deadline'], 86400, '/table/handoffs/0/deadline', /out of range/],
  ['a time in words', [...desk, 'deadline'], '2m', '/table/handoffs/0/deadline', /must be a number, is "2m"/],
  [
    'a number that is not E.164',
    ['environments', 'live', 'numbers'],
    ['4155550100'],
    '/environments/live/numbers/0',
    /not an E\.164/,
  ],
  [
    'a number unquoted in YAML',
    ['environments', 'live', 'numbers'],
    [14155550100],
    '/environments/live/numbers/0',
    /must be text/,
  ],
  [
    'an agent that is no URI',
    ['environments', 'live', 'agents'],
    ['agent'],
    '/environments/live/agents/0',
    /not a SIP URI/,
  ],
  [
    'an agent that is a number',
    ['environments', 'live', 'agents'],
    ['tel:+14155550100'],
    '/environments/live/agents/0',
    /not a SIP URI/,
  ],
  [
    'a number of two environments',
    ['environments', 'sandbox'],
    { numbers: ['+14155550100'] },
    '/environments/sandbox/numbers/0',
    /claimed twice/,
  ],
  [
    'a variable that calls have',
    ['environments', 'live', 'variables'],
    { call_id: 'x' },
    '/environments/live/variables/call_id',
    /every call has/,
  ],
  [
    "a variable's name",
    ['environments', 'live', 'variables'],
    { 'a-b': 'x' },
    '/environments/live/variables/a-b',
    /not a variable's name/,
  ],
  ['an unknown handoff for agent_down', ['agent_down'], 'lost', '/agent_down', /there is no handoff "lost"/],
  ['an unknown schedule', [...desk, 'schedule'], 'office', '/table/handoffs/0/schedule', /no schedule "office"/],
  [
    'a closing without schedule',
    [...desk, 'when_closed'],
    ['duty-manager'],
    '/table/handoffs/0/when_closed',
    /never closes/,
  ],
  [
    'a caller id that is none',
    [...desk, 'caller_id'],
    { from: 'me' },
    '/table/handoffs/0/caller_id/from',
    /as_is, dialled/,
  ],
  ...(['from', 'p_asserted_identity', 'diversion', 'history_info'] as const).map((field): (typeof mistakes)[number] => [
    `headers in the URI of ${field}`,
    [...desk, 'caller_id'],
    { [field]: 'sip:desk@pbx.example?Subject=x' },
    `/table/handoffs/0/caller_id/${field}`,
    /has headers in it/,
  ]),
  [
    'an agent that is none',
    ['environments', 'live', 'agents'],
    [{ uri: 'agent' }],
    '/environments/live/agents/0/uri',
    /sip/,
  ],
  [
    'the weight of an agent',
    ['environments', 'live', 'agents'],
    [{ uri: 'sip:agent@127.0.0.1', weight: 'much' }],
    '/environments/live/agents/0/weight',
    /whole number, is "much"; give the share of calls/,
  ],
  ['an agent that is a number', ['environments', 'live', 'agents'], [7], '/environments/live/agents/0', /7 .*SIP URI/],
]

describe('a project file with a mistake', () => {
  for (const [title, path, value, pointer, says] of mistakes) {
    it(`names ${title} at its place`, () => {
      const problems = checkProject(broken(path, value))
      const found = problems.find((problem) => problem.pointer === pointer)
      assert.ok(found, `nothing at ${pointer}, but ${JSON.stringify(problems)}`)
      assert.match(`${found.problem}; ${found.hint ?? ''}`, says)
    })
  }

  for (const name of [
    'Via',
    'Contact',
    'call-id',
    'FROM',
    'To',
    'CSeq',
    'Max-Forwards',
    'Route',
    'Record-Route',
    'Content-Length',
    'Refer-To',
    'Replaces',
    'Authorization',
  ]) {
    it(`refuses to set ${name}, which the stack owns`, () => {
      const [problem, ...others] = checkProject(broken([...desk, 'headers'], { [name]: 'x' }))
      assert.deepEqual(others, [])
      assert.equal(problem?.pointer, `/table/handoffs/0/headers/${name}`)
      assert.match(problem.problem, /is set by Baton's SIP stack/)
    })
  }

  it('names every text with a control character, wherever it stands, and takes texts of several lines', () => {
    const texts: [path: (string | number)[], pointer: string][] = [
      [['description'], '/description'],
      [['environments', 'live', 'variables'], '/environments/live/variables/a'],
      [[...desk, 'description'], '/table/handoffs/0/description'],
      [[...desk, 'route'], '/table/handoffs/0/route'],
      [[...desk, 'trunk'], '/table/handoffs/0/trunk'],
      [[...desk, 'labels'], '/table/handoffs/0/labels/a'],
      [['table', 'rules'], '/table/rules/0/when/headers/X-A'],
      [['table', 'schedules'], '/table/schedules/0/description'],
      [['adhoc_deny'], '/adhoc_deny/0'],
    ]
    const shaped = (pointer: string, text: string): unknown => {
      const last = pointer.split('/').at(-1) ?? ''
      if (last === 'a') return { a: text }
      if (last === '0') return [text]
      if (pointer.includes('rules')) return [{ name: 'r', handoff: 'front-desk', when: { headers: { 'X-A': text } } }]

      return pointer.includes('schedules') ? [{ name: 's', time_zone: 'UTC', description: text }] : text
    }
    for (const control of ['\x01', '\x08', '\x0b', '\x0c', '\x1b', '\x7f', '\0']) {
      for (const [path, pointer] of texts) {
        const text = pointer.endsWith('route') ? `sip:a@b;x=${control}` : `red ${control}[31m`
        const pointers = checkProject(broken(path, shaped(pointer, text))).map((problem) => problem.pointer)
        assert.deepEqual(pointers, [pointer], JSON.stringify(control))
      }
    }
    assert.deepEqual(checkProject(broken(['description'], 'several\r\nlines,\tZoë')), [])
  })

  it('names all of its mistakes at once, in order', () => {
    const file = projectFile({ agent_down: 'lost' })
    file.environments.live = { numbers: ['100'], agents: ['x'] }
    Object.assign(file.table.handoffs[0]!, { default: 'yes', headers: { Via: 'x', 'X-A': '$' } })
    assert.deepEqual(
      checkProject(file).map(({ pointer }) => pointer),
      [
        '/agent_down',
        '/environments/live/agents/0',
        '/environments/live/numbers/0',
        '/table/handoffs',
        '/table/handoffs/0/default',
        '/table/handoffs/0/headers/Via',
        '/table/handoffs/0/headers/X-A',
      ],
    )
  })

  it('names more than a handful of them', () => {
    const handoffs = Array.from({ length: 50 }, (_, i) => ({ name: `h${i}`, colour: 1 }))
    const problems = checkProject({ ...projectFile(), table: { handoffs } })
    assert.equal(problems.filter(({ problem }) => problem.startsWith('unknown field')).length, 50)
  })

  it('is refused whatever it is, without a throw', () => {
    for (const value of [
      undefined,
      null,
      1,
      'x',
      [],
      [[]],
      { table: 1 },
      { environments: [1], table: { handoffs: [null, 1, []] } },
    ]) {
      assert.notDeepEqual(checkProject(value), [])
    }
  })

  it('names variables that nothing brings, once the project says what requests bring', () => {
    const file = projectFile({ request_variables: ['account'] })
    file.environments.live = { variables: { region: 'west' } }
    file.table.handoffs[0]!.headers = { 'X-A': '$acount', 'X-B': '$region $account $caller_id ${header.X-Any}' }
    const problems = checkProject(file)
    assert.deepEqual(problems, [
      {
        pointer: '/table/handoffs/0/headers/X-A',
        problem: 'unknown variable "acount"',
        hint: 'did you mean "account"?',
      },
    ])
  })
})

describe('the project file of the demo', () => {
  it('has no mistakes', () => {
    assert.deepEqual(checkProject(readProject({ text: demoYaml, type: 'yaml' })), [])
  })

  it('is read from JSON as well', () => {
    const file = projectFile()
    assert.deepEqual(readProject({ text: JSON.stringify(file), type: 'json' }), file)
  })
})

describe('a text that is read as a project file', () => {
  const errorsOf = (text: string, type: 'json' | 'yaml'): RoutesError => {
    try {
      readProject({ text, type })
    } catch (error) {
      assert.ok(error instanceof RoutesError)
      return error
    }
    return assert.fail('it was taken')
  }

  it('gets the line of every mistake in YAML', () => {
    const error = errorsOf(
      demoYaml.replace('ring_timeout: 20', 'ring_timeout: 0').replace('default: true', 'default: no'),
      'yaml',
    )
    assert.equal(error.status, 422)
    const lines = demoYaml.split('\n')
    const lineOf = (text: string): number => lines.findIndex((line) => line.includes(text)) + 1
    assert.deepEqual(
      error.errors?.map(({ pointer, line }) => [pointer, line]),
      [
        ['/table/handoffs', lineOf('- name: front-desk')],
        ['/table/handoffs/0/default', lineOf('default: true')],
        ['/table/handoffs/1/ring_timeout', lineOf('ring_timeout: 20')],
      ],
    )
    assert.match(error.message, /^3 mistakes in the project file\nline \d+, /)
  })

  it('gets the line of every mistake in JSON', () => {
    const error = errorsOf('{\n "project": "demo",\n "environments": {},\n "table": 1\n}', 'json')
    assert.deepEqual(
      error.errors?.map(({ pointer, line }) => [pointer, line]),
      [['/table', 4]],
    )
  })

  it('is refused with the line when it is not YAML', () => {
    const error = errorsOf('project: demo\ntable: [', 'yaml')
    assert.equal(error.slug, 'invalid_document')
    assert.equal(error.errors?.[0]?.line, 2)
  })

  it('is refused when a key is there twice', () => {
    assert.match(errorsOf('project: demo\nproject: other\n', 'yaml').message, /line 2.*unique/)
  })

  it('may be JSON with tabs, but not with a key twice', () => {
    const text = JSON.stringify(projectFile(), null, '\t')
    assert.deepEqual(readProject({ text, type: 'json' }), projectFile())
    assert.match(errorsOf(text.replace('{', '{"project": "x",'), 'json').message, /unique/)
  })

  it('is refused when it is YAML but was to be JSON', () => {
    assert.equal(errorsOf('project: demo', 'json').slug, 'invalid_document')
  })

  it('is refused when its aliases would grow without end', () => {
    const text = [
      'a: &a [x,x,x,x,x,x,x,x,x]',
      'b: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]',
      'c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]',
      'd: [*c,*c,*c,*c,*c,*c,*c,*c]',
    ].join('\n')
    assert.equal(errorsOf(text, 'yaml').slug, 'invalid_document')
  })

  it('is refused before it is parsed when it is nested too deep or refers to itself too often', () => {
    const texts: Record<string, string> = {
      brackets: '['.repeat(250_000),
      braces: '{'.repeat(250_000),
      mappings: '{a: '.repeat(60_000),
      sequences: '- '.repeat(120_000),
      keys: '? '.repeat(120_000),
      indentation: Array.from({ length: 700 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n'),
      aliases: `a: &a b\nc:\n${'- *a\n'.repeat(50_000)}`,
    }
    for (const [name, text] of Object.entries(texts)) {
      const began = performance.now()
      const { errors } = errorsOf(text, 'yaml')
      assert.equal(errors?.length, 1, name)
      assert.match(errors[0]!.problem, /deeper than 64|more than 100 aliases/, name)
      assert.ok((errors[0]!.line ?? 0) > 0, name)
      assert.ok(performance.now() - began < 1000, name)
    }
    for (const text of ['['.repeat(100) + ']'.repeat(100), '{"a":'.repeat(100) + '1' + '}'.repeat(100)]) {
      assert.match(errorsOf(text, 'json').message, /deeper than 64/)
    }
  })

  it('may have brackets, dashes and braces in its texts', () => {
    const description = '[{- '.repeat(200)
    const text = `project: demo\n# ${description}\na: "${description}"\nb: '${description}'\nc: |\n  ${description}\n`
    assert.deepEqual(readDocument({ text, type: 'yaml' }).value, {
      ...{ project: 'demo', a: description, b: description, c: `${description}\n` },
    })
  })

  it('has the line of every value in JSON, also in lists and after strings with brackets', () => {
    const text = '{\n"a": ["]}", {\n"b/c": 1},\n[2,\n3]]\n}'
    const { locate } = readDocument({ text, type: 'json' })
    const lines = locate(
      ['', '/a', '/a/0', '/a/1/b~1c', '/a/2/1', '/a/2/7', '/d'].map((pointer) => ({ pointer, problem: 'x' })),
    ).map(({ line }) => line)

    assert.deepEqual(lines, [1, 2, 2, 3, 5, 4, 1])
  })

  it('is read aside when it is long, with the same mistakes and lines', async () => {
    const padding = `# ${'x'.repeat(20_000)}\n`
    const { value, locate } = await readDocumentAside({ text: `${padding}project: demo\ntable: 1\n`, type: 'yaml' })
    assert.deepEqual(value, { project: 'demo', table: 1 })
    assert.deepEqual(await locate([{ pointer: '/table', problem: 'x' }]), [
      { pointer: '/table', problem: 'x', line: 3 },
    ])
    const twice = readDocumentAside({ text: `${padding}a: 1\na: 2\n`, type: 'yaml' })
    await assert.rejects(twice, { slug: 'invalid_document', message: /line 3.*unique/ })
  })
})
