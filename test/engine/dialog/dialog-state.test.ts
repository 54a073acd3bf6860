import assert from 'node:assert/strict'
import fc from 'fast-check'
import { parseMessage, type Request, type Response } from '../../../engine/index.ts'
import {
  confirmRouteSet,
  type DialogState,
  endsDialog,
  isNextRemoteCSeq,
  nextLocalCSeq,
  refreshTarget,
  requestIn,
  requestRoute,
  routeOf,
  takeRemoteCSeq,
  uacDialog,
  uasDialog,
  withdrawRemoteCSeq,
} from '../../../engine/dialog/dialog-state.ts'

const invite = (uri = 'sip:us@127.0.0.1') =>
  request(`INVITE ${uri} SIP/2.0`, 'To: <sip:us@example.test>', [
    'Record-Route: <sip:p1;lr>, <sip:p2;lr>',
    'Contact: <sip:peer@192.0.2.1>',
  ])

const success = (contact = '<sip:peer@192.0.2.1>', routes = '<sip:p1;lr>, <sip:p2;lr>') =>
  parsed([
    'SIP/2.0 200 OK',
    ...common('To: <sip:us@example.test>;tag=theirs'),
    `Record-Route: ${routes}`,
    `Contact: ${contact}`,
  ]) as Response

describe('the state of a dialog', () => {
  it('is made of the peer’s request and our tag, with the route set as it came (RFC 3261 12.1.1)', () => {
    const { remoteCSeqs, route, ...state } = uasDialog(invite(), 'ours', 'udp')
    assert.deepEqual(state, {
      callId: 'c1',
      localTag: 'ours',
      remoteTag: 'from',
      from: '<sip:us@example.test>;tag=ours',
      to: '<sip:peer@example.test>;tag=from',
      isSecure: false,
      localCSeq: 0,
      remoteTarget: 'sip:peer@192.0.2.1',
      routeSet: ['<sip:p1;lr>', '<sip:p2;lr>'],
    })
    assert.deepEqual([remoteCSeqs, route], [[7], undefined])
  })

  it('is made of the peer’s response, with the route set reversed (RFC 3261 12.1.2)', () => {
    const state = uacDialog(success(), 'sip:us@example.test', 'udp')
    assert.deepEqual(
      [state.localTag, state.remoteTag, state.localCSeq, state.remoteCSeqs, state.remoteTarget, state.routeSet],
      ['from', 'theirs', 7, [], 'sip:peer@192.0.2.1', ['<sip:p2;lr>', '<sip:p1;lr>']],
    )
    assert.equal(
      uacDialog(success('<tel:+14155550123>'), 'sip:us@example.test', 'udp').remoteTarget,
      'sip:us@example.test',
    )
  })

  it('is secure when a sips URI was called by TLS', () => {
    for (const [uri, transport, isSecure] of [
      ['sips:us@example.test', 'tls', true],
      ['SIPS:us@example.test', 'wss', true],
      ['sips:us@example.test', 'tcp', false],
      ['sip:us@example.test', 'tls', false],
    ] as const) {
      assert.equal(uacDialog(success(), uri, transport).isSecure, isSecure)
      assert.equal(uasDialog(invite(uri), 'ours', transport).isSecure, isSecure)
    }
  })

  it('takes a new target from a refresh, and leaves it when the Contact is no SIP URI', () => {
    const state = uasDialog(invite(), 'ours', 'udp')
    assert.equal(routeOf(state).requestUri, 'sip:peer@192.0.2.1')
    refreshTarget(state, success('<sip:peer@192.0.2.2>'))
    assert.equal(routeOf(state).requestUri, 'sip:peer@192.0.2.2')
    refreshTarget(state, success('<mailto:peer@192.0.2.3>'))
    assert.equal(routeOf(state).requestUri, 'sip:peer@192.0.2.2')
  })

  it('has the route set of the 2xx once that has come (RFC 3261 13.2.2.4)', () => {
    const state = uacDialog(success(), 'sip:us@example.test', 'udp')
    assert.equal(routeOf(state).nextHop, 'sip:p2;lr')
    confirmRouteSet(state, success(undefined, '<sip:p3;lr>'))
    assert.equal(routeOf(state).nextHop, 'sip:p3;lr')
  })

  it('makes requests with its identifiers, routes and the next CSeq (RFC 3261 12.2.1.1)', () => {
    const state = uasDialog(invite(), 'ours', 'udp')
    const sent = [1, 2].map(() =>
      requestIn(state, 'INFO', nextLocalCSeq(state), 'SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKx'),
    )
    assert.deepEqual(
      sent.map((each) => [each.uri, each.fromTag, each.toTag, each.callId, each.cseq?.number, each.list('Route')]),
      [1, 2].map((cseq) => ['sip:peer@192.0.2.1', 'ours', 'from', 'c1', cseq, ['<sip:p1;lr>', '<sip:p2;lr>']]),
    )
  })

  it('takes CSeq numbers that never fall, and none that it has withdrawn counts', () => {
    const step = fc.record({ cseq: fc.nat(20), isForged: fc.boolean() })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const state: DialogState = uacDialog(success(), 'sip:us@example.test', 'udp')
        let highest = -1
        for (const { cseq, isForged } of steps) {
          assert.equal(isNextRemoteCSeq(state, cseq), cseq > highest)
          const taken = takeRemoteCSeq(state, cseq)
          assert.equal(taken, cseq >= highest)
          if (taken && isForged) withdrawRemoteCSeq(state, cseq)
          else if (taken) highest = cseq
        }
        assert.ok(state.remoteCSeqs.length <= 8)
      }),
    )
  })

  it('ends with a 408 or 481 to a target refresh alone (RFC 5057 5.1)', () => {
    assert.deepEqual(
      ['INVITE', 'UPDATE', 'INFO', 'REFER'].map((method) =>
        [408, 481, 500].map((status) => endsDialog(method, status)),
      ),
      [
        [true, true, false],
        [true, true, false],
        [false, false, false],
        [false, false, false],
      ],
    )
  })
})

describe('the route of a request in a dialog (RFC 3261 12.2.1.1)', () => {
  it('is the target alone without a route set', () => {
    assert.deepEqual(requestRoute('sip:bob@b', []), { requestUri: 'sip:bob@b', routes: [], nextHop: 'sip:bob@b' })
  })

  it('goes by loose routers with the target as Request-URI', () => {
    const routes = ['<sip:p1;lr>', '<sip:p2>']
    assert.deepEqual(requestRoute('sip:bob@b', routes), { requestUri: 'sip:bob@b', routes, nextHop: 'sip:p1;lr' })
  })

  it('goes by a strict router as Request-URI, stripped of method and headers, with the target as the last route', () => {
    assert.deepEqual(requestRoute('sip:bob@b', ['<sip:p1;method=INVITE;x=1?Subject=hi>', '<sip:p2;lr>']), {
      requestUri: 'sip:p1;x=1',
      routes: ['<sip:p2;lr>', '<sip:bob@b>'],
      nextHop: 'sip:p1;x=1',
    })
  })

  it('passes over a route that is no address', () => {
    assert.equal(requestRoute('sip:bob@b', ['???']).nextHop, 'sip:bob@b')
  })
})

function request(startLine: string, to: string, headers: string[]): Request {
  return parsed([startLine, ...common(to), ...headers]) as Request
}

function common(to: string): string[] {
  return [
    'Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKa',
    'From: <sip:peer@example.test>;tag=from',
    to,
    'Call-ID: c1',
    'CSeq: 7 INVITE',
  ]
}

function parsed(lines: string[]) {
  return parseMessage([...lines, 'Content-Length: 0', '', ''].join('\r\n'))
}
