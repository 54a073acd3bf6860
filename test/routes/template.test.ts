import assert from 'node:assert/strict'
import fc from 'fast-check'
import { parseTemplate, Template } from '../../routes/table/template.ts'

const variables: Record<string, string> = { name: 'Ann', empty: '', 'header.x-tier': 'gold', header: 'H' }

function render(text: string): [string, string[]] {
  const template = parseTemplate(text)
  assert.ok(template instanceof Template, JSON.stringify(template))
  const unknown: string[] = []

  return [
    template.render(
      (variable) => variables[variable],
      (variable) => unknown.push(variable),
    ),
    unknown,
  ]
}

describe('a template', () => {
  const cases: [text: string, rendered: string, unknown?: string[]][] = [
    ['', ''],
    ['plain', 'plain'],
    ['$name', 'Ann'],
    ['a-${name}-b', 'a-Ann-b'],
    ['$name-$name', 'Ann-Ann'],
    ['$$name', '$name'],
    ['$$$name', '$Ann'],
    ['100$$', '100$'],
    ['${unset:-guest}', 'guest'],
    ['${empty:-guest}', 'guest'],
    ['${name:-guest}', 'Ann'],
    ['${unset:-}', ''],
    ['${unset:-$$5}', '$5'],
    ['${unset:-to $name}', 'to Ann'],
    ['${unset:-${noone:-x}}!', 'x!'],
    ['${unset:-$noone}', '', ['noone']],
    ['$empty', ''],
    ['[$unset]', '[]', ['unset']],
    ['${header.X-Tier}', 'gold'],
    ['$header.x-tier.', 'gold.'],
    ['$header', 'H'],
    ['a } b', 'a } b'],
  ]
  for (const [text, rendered, unknown = []] of cases) {
    it(`renders ${JSON.stringify(text)} as ${JSON.stringify(rendered)}`, () => {
      assert.deepEqual(render(text), [rendered, unknown])
    })
  }

  for (const text of [
    '$',
    'a $ b',
    '$5',
    '${',
    '${}',
    '${name',
    '${name:-x',
    '${na me}',
    '${name:x}',
    '${unset:-${name}',
    '$-',
  ]) {
    it(`is refused when it is ${JSON.stringify(text)}`, () => {
      const mistake = parseTemplate(text)
      assert.ok(!(mistake instanceof Template))
      assert.equal(typeof mistake.at, 'number')
      assert.match(mistake.hint, /\$/)
    })
  }

  it('gives any text back when its dollars are doubled', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        assert.deepEqual(render(text.replaceAll('$', '$$$$')), [text, []])
      }),
    )
  })

  it('never throws, whatever it is', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[${}:a.\- ]{0,30}$/), (text) => {
        parseTemplate(text)
      }),
    )
  })
})
