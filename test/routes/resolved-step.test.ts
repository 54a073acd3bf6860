import assert from 'node:assert/strict'
import {
  explain,
  lintProject,
  plan,
  resolvedStep,
  type CallFacts,
  type ProjectFile,
  type Table,
} from '../../routes/index.ts'
import { handoffMistakes } from '../../routes/project/check-handoffs.ts'
import { pinned } from './fixtures.ts'

const facts: CallFacts = { callId: 'c-1', callerId: '+14155550123', calledNumber: '+14155550100', headers: {} }
const resolver = { url: 'https://crm.example/route', secret: 'crm' }
const table: Table = {
  handoffs: [
    { name: 'desk', default: true, route: 'sip:desk@pbx.example', headers: { 'X-A': '1', 'X-B': '$reason' }, resolver },
    { name: 'queue', method: 'invite', route: 'sip:${queue}@pbx.example', resolver },
    { name: 'pbx', method: 'invite', pool: { numbers: ['+14155550180'] }, resolver },
    { name: 'back', method: 'bye', resolver },
  ],
}
const trunk = { name: 'carrier', gateways: ['sip:gw.example'] }
const request = { reason: 'billing', headers: { 'x-b': 'asked', 'X-C': '3' } }
const resolved = (handoff: string, answer: Parameters<typeof resolvedStep>[1]) => {
  const [step] = plan(pinned(table), { ...request, handoff }, facts, { trunk }).steps
  assert.ok(step)

  return resolvedStep(step, answer, { pinned: pinned(table), request, facts, trunk })
}
const stepOf = (handoff: string, answer: Parameters<typeof resolvedStep>[1]) => {
  const found = resolved(handoff, answer)
  assert.ok('step' in found)

  return found.step
}

describe('A step that a resolver has decided', () => {
  it('has its route, in the format of the trunk, and its headers over those of handoff and request', () => {
    const step = stepOf('desk', { route: '+14155550177', headers: { 'X-a': 'new', 'X-C': '', 'X-D': '4' } })
    assert.deepEqual([step.target, step.referTo, step.isResolved], ['tel:+14155550177', '<tel:+14155550177>', true])
    assert.deepEqual(step.headers, [
      ['X-A', 'new'],
      ['X-B', 'asked'],
      ['X-D', '4'],
    ])
  })

  it('keeps the route of the table, and its pool, where the answer names none', () => {
    const step = stepOf('pbx', { headers: { 'X-D': '4' } })
    assert.deepEqual([step.target, step.pool?.numbers.length, step.isResolved], ['tel:+14155550180', 1, undefined])
    assert.equal(stepOf('pbx', { route: 'sip:a@b.example' }).pool, undefined)
  })

  it('has the announcement of the answer, for which Baton calls the destination itself', () => {
    const step = stepOf('desk', { announce: 'A gold customer' })
    assert.deepEqual([step.method, step.media.announce], ['invite', { text: 'A gold customer' }])
    assert.equal('detail' in resolved('desk', { announce: 'a\0b' }), true)
  })

  it('is tried though the table has no route for the call, when the answer has one', () => {
    assert.equal(stepOf('queue', { route: 'sip:gold@pbx.example' }).passedOver, undefined)
    assert.equal(stepOf('queue', { headers: { 'X-D': '4' } }).passedOver?.reason, 'route_incomplete')
  })

  it('is that of the table when the answer has a mistake, or leads where the project allows no caller to go', () => {
    const problems = (handoff: string, answer: Parameters<typeof resolvedStep>[1]) => {
      const found = resolved(handoff, answer)

      return 'result' in found ? [found.result, found.detail] : found
    }
    assert.deepEqual(problems('back', { route: '+14155550177' }), ['invalid', 'its route: method bye has no route'])
    for (const [route, result] of [
      ['12', 'invalid'],
      ['sip:a@b.example?X-A=1', 'invalid'],
      ['sip:a@b.example\r\nX: 1', 'invalid'],
      ['sip:a@127.0.0.1', 'denied'],
      ['sip:a@b.example;maddr=10.0.0.1', 'denied'],
      ['+8816123456', 'denied'],
    ]) {
      assert.equal(problems('desk', { route: route ?? '' })[0 as keyof object], result, route)
    }
    for (const name of ['Via', 'X-Baton-Call-Id', 'i', 'X A']) {
      assert.equal(problems('desk', { headers: { [name]: '1' } })[0 as keyof object], 'invalid', name)
    }
  })

  it('is explained as decided at the moment, with the message of the table', () => {
    const { warnings } = explain(plan(pinned(table), { handoff: 'desk' }, facts, { trunk }), { trunk })
    assert.deepEqual(
      warnings.filter(({ code }) => code === 'resolver').map(({ handoff, detail }) => [handoff, detail]),
      [
        [
          'desk',
          'the route and headers are decided at the moment by the resolver at https://crm.example; shown are those of the table, for when it fails',
        ],
      ],
    )
  })
})

describe('The resolver of a handoff', () => {
  const names = { handoffs: ['desk'], schedules: [] }
  const mistakes = (url: string) =>
    handoffMistakes({ name: 'desk', route: 'sip:a@b', resolver: { url } }, 0, names, {
      environment: new Set(),
      request: undefined,
    }).map(({ pointer }) => pointer)

  it('has an http or https URL without a password, which everybody who reads the table would see', () => {
    assert.deepEqual(mistakes('https://crm.example/route?x=1'), [])
    for (const url of ['crm.example', 'ftp://crm.example', 'https://ann:secret@crm.example/', '']) {
      assert.deepEqual(mistakes(url), ['/handoffs/0/resolver/url'], url)
    }
  })

  it('is doubted when each call is shown to the network, and when requests are not signed', async () => {
    const found = async (resolverOf: object) => {
      const findings = await lintProject(
        {
          project: 'demo',
          environments: {},
          table: {
            handoffs: [{ name: 'desk', default: true, description: 'd', route: 'sip:a@b', resolver: resolverOf }],
          },
        } as ProjectFile,
        0,
      )

      return findings.map(({ severity, code }) => `${severity} ${code}`)
    }
    assert.deepEqual(await found(resolver), [])
    assert.deepEqual(await found({ url: 'http://127.0.0.1:8090/', secret: 'crm' }), [])
    assert.deepEqual(await found({ url: 'http://crm.example/' }), ['warning resolver_http', 'info resolver_unsigned'])
  })
})
