import assert from 'node:assert/strict'
import fc from 'fast-check'
import { plan, type Table } from '../../routes/index.ts'
import { handoffMistakes } from '../../routes/project/check-handoffs.ts'
import { parseRoute } from '../../routes/schema/uri.ts'
import { pinned } from './fixtures.ts'

const templated = 'sip:${queue:-main}.$line@pbx.example:5070;transport=tcp'

const planned = (route: string, variables: Record<string, string>) => {
  const table: Table = {
    handoffs: [
      { name: 'queue', route, method: 'invite', on_failure: ['desk'] },
      { name: 'desk', default: true, route: 'sip:desk@pbx.example' },
    ],
  }

  return plan(pinned(table), { handoff: 'queue', variables }, { callId: 'c' })
}
const mistakesOf = (route: string, request?: readonly string[]) =>
  handoffMistakes(
    { name: 'queue', route },
    0,
    { handoffs: ['queue'], schedules: [] },
    {
      environment: new Set(['region']),
      request: request && new Set(request),
    },
  )

describe('A route with variables', () => {
  it('is filled in for each transfer', () => {
    const { steps, warnings } = planned(templated, { queue: 'sales', line: '2' })
    assert.equal(steps[0]?.target, 'sip:sales.2@pbx.example:5070;transport=tcp')
    assert.deepEqual(warnings, [])
    assert.equal(planned(templated, { line: '7' }).steps[0]?.target, 'sip:main.7@pbx.example:5070;transport=tcp')
  })

  it('keeps its host, its port and its parameters, whatever the values are', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: 'binary' }), fc.string({ minLength: 1 }), (queue, line) => {
        const { steps } = planned(templated, { queue, line })
        const route = parseRoute(steps[0]?.target ?? '')
        assert.ok(route, steps[0]?.target)
        const { host, port, params, headers } = route
        assert.deepEqual([host, port, params, headers], ['pbx.example', 5070, ';transport=tcp', undefined])
      }),
    )
  })

  it('that lacks a value is passed over for the next handoff', () => {
    const { steps, warnings } = planned(templated, { queue: 'sales' })
    const detail = `its route ${templated} needs $line, which this call does not have`
    assert.deepEqual(steps[0]?.passedOver, { reason: 'route_incomplete', detail })
    assert.equal(steps[0].target, templated)
    assert.deepEqual(
      steps.map(({ handoff, passedOver }) => [handoff, passedOver === undefined]),
      [
        ['queue', false],
        ['desk', true],
      ],
    )
    assert.deepEqual(warnings, [{ code: 'route_incomplete', detail, handoff: 'queue' }])
  })

  it('that leads to a number which the project denies is passed over', () => {
    const { steps } = planned('sip:$number@pbx.example;user=phone', { number: '+19005550100' })
    assert.equal(steps[0]?.passedOver?.reason, 'route_denied')
    const { steps: allowed } = planned('sip:$number@pbx.example;user=phone', { number: '+14155550111' })
    assert.equal(allowed[0]?.passedOver, undefined)
    assert.equal(allowed[0]?.target, 'sip:+14155550111@pbx.example;user=phone')
  })

  it('is checked when it is saved: its variables as those of headers, and their place', () => {
    assert.deepEqual(mistakesOf(templated), [])
    assert.deepEqual(mistakesOf('sip:$region@pbx.example', []), [])
    assert.match(mistakesOf('sip:$queu@pbx.example', ['queue'])[0]?.hint ?? '', /did you mean "queue"/)
    const elsewhere = [
      ...['sip:desk@$host', 'sip:desk@pbx.example:$port', '$scheme:desk@pbx.example', '$number'],
      ...['sip:desk@pbx.example;x=$y', 'tel:$number', 'sip:desk@pbx.example?X-A=$a'],
    ]
    for (const route of elsewhere) {
      const [mistake] = mistakesOf(route)
      assert.equal(mistake?.pointer, '/handoffs/0/route', route)
      assert.match(mistake.problem, /elsewhere than in the user part/, route)
    }
    assert.match(mistakesOf('sip:${queue@pbx.example')[0]?.problem ?? '', /never closed|is followed by/)
  })
})
