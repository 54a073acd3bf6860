import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { MediaView } from '../../../server/calls/media-view.ts'
import type { LadderView, TransferView } from '../../../server/legs/views.ts'
import { callView, FakeCall, promoteDemo, startApi, type TestApi } from '../api/baton.ts'
import { Terminal } from './terminal.ts'

const transfer: TransferView = {
  id: 'transfer-9',
  handoff: 'front-desk',
  requestedHandoff: 'front-desk',
  requestedBy: 'api',
  state: 'ended',
  result: 'succeeded',
  reason: 'answered',
  sipStatus: 200,
  startedAt: '2026-01-05T09:01:00.000Z',
  endedAt: '2026-01-05T09:01:02.000Z',
  attempts: [
    {
      handoff: 'front-desk',
      method: 'refer',
      target: 'sip:front-desk@127.0.0.1:5092',
      result: 'succeeded',
      reason: 'answered',
      code: 200,
      startedAt: '2026-01-05T09:01:00.000Z',
      endedAt: '2026-01-05T09:01:02.000Z',
      headers: {},
      evidence: [{ at: '2026-01-05T09:01:02.000Z', from: 'caller', what: 'NOTIFY SIP/2.0 200 OK' }],
    },
  ],
}

/** The caller is answered by the agent, which may only send. */
const describedCall: LadderView['messages'] = (
  [
    ['caller', 'in', 'INVITE sip:+14155550100@127.0.0.1 SIP/2.0', '192.0.2.1', 4000, 'recvonly'],
    ['agent', 'out', 'INVITE sip:agent@127.0.0.1 SIP/2.0', '192.0.2.1', 4000, 'recvonly'],
    ['agent', 'in', 'SIP/2.0 200 OK', '192.0.2.2', 5000, 'sendonly'],
    ['caller', 'out', 'SIP/2.0 200 OK', '192.0.2.2', 5000, 'sendonly'],
  ] as const
).map(([leg, direction, line, address, port, mode], second) => ({
  ...{ at: `2026-01-05T09:00:0${second}.000Z`, leg, direction, transport: 'udp' },
  ...{ local: '127.0.0.1:5060', remote: '127.0.0.1:5061' },
  text:
    `${line}\r\nCall-ID: ${leg}@127.0.0.1\r\nCSeq: 1 INVITE\r\nContent-Type: application/sdp\r\n\r\n` +
    `v=0\r\no=- 1 1 IN IP4 ${address}\r\ns=-\r\nc=IN IP4 ${address}\r\nt=0 0\r\nm=audio ${port} RTP/AVP 0\r\na=${mode}\r\n`,
}))

describe('baton calls and baton transfer', () => {
  let terminal: Terminal
  let baton: TestApi
  let call: FakeCall
  beforeEach(async () => {
    terminal = await Terminal.open()
    baton = await startApi()
    await baton.api.listen({ host: '127.0.0.1', port: 0 })
    terminal.env.HTTP_LISTEN = `127.0.0.1:${(baton.api.server.address() as AddressInfo).port}`
    call = new FakeCall(callView())
    baton.calls.set('call-1', call)
  })
  afterEach(async () => {
    await baton.close()
    await terminal.close()
  })

  it('lists calls, with `calls` alone as well', async () => {
    const listed = await terminal.baton('calls')
    const filtered = await terminal.baton('calls', 'list', '--state', 'ended')
    const json = await terminal.baton('calls', 'list', '--json')

    assert.match(listed.out, /call-1 +connected +- +\+14155550123 +\+14155550100 +demo +live v1/)
    assert.deepEqual([filtered.code, filtered.out], [0, 'No calls.\n'])
    assert.deepEqual(JSON.parse(json.out), { calls: [callView()] })
  })

  it('filters calls by all that the API filters by, and goes on after a page', async () => {
    baton.calls.set(
      'call-2',
      new FakeCall(callView({ id: 'call-2', trunk: 'other', startedAt: '2026-01-05T08:00:00Z' })),
    )
    const ended = { ...transfer, method: 'refer' }
    baton.calls.set(
      'call-3',
      new FakeCall(callView({ id: 'call-3', trunk: 'carrier', version: 2, transfers: [ended] })),
    )
    const ids = async (...filter: string[]) => {
      const { out } = await terminal.baton('calls', 'list', '--json', ...filter)

      return (JSON.parse(out) as { calls: { id: string }[] }).calls.map(({ id }) => id)
    }

    for (const filter of [
      ...[
        ['--trunk', 'carrier'],
        ['--handoff', 'front-desk'],
        ['--method', 'refer'],
        ['--result', 'succeeded'],
      ],
      ...[
        ['--reason', 'answered'],
        ['--table-version', '2'],
      ],
    ]) {
      assert.deepEqual(await ids(...filter), ['call-3'], filter.join(' '))
    }
    for (const filter of [
      ['--from', '2026-01-05T08:30:00Z'],
      ['--trunk', 'none'],
      ['--number', '999'],
    ]) {
      assert.ok(!(await ids(...filter)).includes('call-2'), filter.join(' '))
    }
    assert.deepEqual(await ids('--to', '2026-01-05T08:30:00Z'), ['call-2'])
    const all = ['--state', 'live', '--project', 'demo', '--env', 'live', '--number', '5550123']
    assert.equal((await ids(...all, '--agent', 'sip:agent@127.0.0.1:5090')).length, 3)
    const { out } = await terminal.baton('calls', 'list', '--limit', '2')
    const [, cursor = ''] = /More: --cursor (\S+)\n$/.exec(out) ?? []
    assert.deepEqual(await ids('--cursor', cursor), ['call-2'])
  })

  it('writes a capture of a call, to a file or to standard output', async () => {
    const file = join(terminal.dir, 'call.pcap')
    const piped = await terminal.baton('calls', 'pcap', 'call-1')
    const written = await terminal.baton('calls', 'pcap', 'call-1', '--output', file)
    const json = await terminal.baton('calls', 'pcap', 'call-1', '--output', file, '--json')
    const refused = await terminal.baton('calls', 'pcap', 'call-1', '--json')
    const nowhere = await terminal.baton('calls', 'pcap', 'call-1', '--output', join(terminal.dir, 'no', 'folder'))
    const capture = await readFile(file)

    assert.equal(capture.readUInt32BE(0), 0xa1b2c3d4)
    assert.equal(capture.toString('latin1'), piped.out)
    assert.match(written.out, /^Wrote \d+ bytes to /)
    assert.deepEqual(JSON.parse(json.out), { file, bytes: capture.length })
    assert.deepEqual([refused.code, nowhere.code], [1, 1])
    assert.match(nowhere.err, /cannot be written/)
    assert.equal((await terminal.baton('calls', 'pcap', 'none')).code, 1)
  })

  it('shows a call with its transfers, attempts and evidence', async () => {
    baton.calls.set('call-2', new FakeCall(callView({ id: 'call-2', transfers: [transfer] })))
    const { out } = await terminal.baton('calls', 'show', 'call-2')

    assert.match(out, /transfer transfer-9 to front-desk, asked for by api: succeeded \(answered, 200\)/)
    assert.match(out, /refer to front-desk sip:front-desk@127\.0\.0\.1:5092: succeeded/)
    assert.match(out, /caller +NOTIFY SIP\/2\.0 200 OK/)
  })

  it('draws the ladder of a call', async () => {
    const drawn = await terminal.baton('calls', 'ladder', 'call-1')
    const json = await terminal.baton('calls', 'ladder', 'call-1', '--json')

    assert.match(drawn.out, /\|-+ INVITE -+>\|/)
    assert.deepEqual(JSON.parse(json.out), call.ladder())
  })

  it('says where the media of a call went', async () => {
    const none = await terminal.baton('calls', 'media', 'call-1')
    call.ladder = () => ({ messages: describedCall })
    const told = await terminal.baton('calls', 'media', 'call-1')
    const json = await terminal.baton('calls', 'media', 'call-1', '--json')
    const { talks } = JSON.parse(json.out) as MediaView

    assert.equal(none.out, 'No message of the call described a session.\n')
    assert.match(told.out, /^2026-01-05T09:00:03\.000Z  goes on +caller and agent  only the caller hears  PCMU$/m)
    assert.match(told.out, /from caller +INVITE +audio  192\.0\.2\.1:4000 +recvonly +RTP  PCMU$/m)
    assert.match(told.out, /to caller +200 OK +audio  192\.0\.2\.2:5000 +sendonly +RTP  PCMU$/m)
    assert.deepEqual(
      talks.map(({ parties, flow }) => [parties, flow]),
      [[['caller', 'agent'], 'one_way']],
    )
    assert.equal((await terminal.baton('calls', 'media', 'none')).code, 1)
  })

  it('hangs up', async () => {
    assert.equal((await terminal.baton('calls', 'hangup', 'call-1')).code, 0)
    assert.equal(call.hungUp, 1)
  })

  it('asks for a transfer with headers and variables', async () => {
    const { code, out } = await terminal.baton(
      ...[
        'transfer',
        'call-1',
        'front-desk',
        '--header',
        'X-A=b',
        '--header',
        'X-C=d=e',
        '--var',
        'tier=gold',
        '--reason',
        'asked',
      ],
    )

    assert.equal(code, 0)
    assert.match(out, /Transfer transfer-1 is under way/)
    assert.deepEqual(call.requests, [
      { handoff: 'front-desk', headers: { 'X-A': 'b', 'X-C': 'd=e' }, variables: { tier: 'gold' }, reason: 'asked' },
    ])
  })

  it('waits for a transfer and fails with it', async () => {
    call.transfer = () => ({ id: 'transfer-9', joined: false })
    call.view = () => callView({ transfers: [transfer] })
    const succeeded = await terminal.baton('transfer', 'call-1', 'front-desk', '--wait')
    call.view = () => callView({ transfers: [{ ...transfer, result: 'failed', reason: 'busy', sipStatus: 486 }] })
    const failed = await terminal.baton('transfer', 'call-1', 'front-desk', '--wait')

    assert.equal(succeeded.code, 0)
    assert.equal(failed.code, 1)
    assert.match(failed.out, /failed \(busy, 486\)/)
  })

  it('fails, saying why, when Baton refuses', async () => {
    await terminal.baton('transfer', 'call-1', 'front-desk')
    const refused = await terminal.baton('transfer', 'call-1', 'duty-manager')
    const unknown = await terminal.baton('calls', 'show', 'missing')
    const badHeader = await terminal.baton('transfer', 'call-1', 'front-desk', '--header', 'X-A')

    assert.deepEqual(
      [refused, unknown, badHeader].map(({ code }) => code),
      [1, 1, 1],
    )
    assert.match(refused.err, /Another transfer is running/)
    assert.match(unknown.err, /No such call/)
    assert.match(badHeader.err, /NAME=VALUE/)
  })

  it('says plainly that no Baton is running', async () => {
    terminal.env.HTTP_LISTEN = '127.0.0.1:1'
    for (const args of [
      ['calls'],
      ['calls', 'hangup', 'x'],
      ['transfer', 'x', 'y'],
      ['rehearse', 'demo', 'front-desk'],
    ]) {
      const { code, out, err } = await terminal.baton(...args)
      assert.deepEqual([code, out], [1, ''])
      assert.equal(
        err,
        'No Baton is running at http://127.0.0.1:1. Start one with "npx baton serve", or name another with --url.\n',
      )
    }
  })

  it('passes a rehearsal’s verdict on as its exit code', async () => {
    await baton.close()
    for (const verdict of ['passed', 'failed'] as const) {
      baton = await startApi({
        rehearsals: {
          rehearse: ({ project, environment, handoff, destination }) =>
            Promise.resolve({
              ...{
                id: 'r1',
                project,
                environment,
                handoff,
                version: 1,
                verdict,
                cause: `because ${destination ?? ''}`,
              },
              ...{ ladder: { messages: [] }, headersReceived: { 'X-Env': environment }, timings: { answered: 0.25 } },
              synthetic: ['caller', 'agent'],
            }),
          rehearseAll: ({ project, environment }) =>
            Promise.resolve({ project, environment, version: 1, verdict, cause: 'one by one', rehearsals: [] }),
        },
      })
      await promoteDemo(baton)
      await baton.api.listen({ host: '127.0.0.1', port: 0 })
      const url = `http://127.0.0.1:${(baton.api.server.address() as AddressInfo).port}`
      const { code, out } = await terminal.baton('rehearse', 'demo', 'front-desk', '--env', 'sandbox', '--url', url)

      assert.equal(code, verdict === 'passed' ? 0 : 1)
      assert.match(out, new RegExp(`${verdict.toUpperCase()}: front-desk of demo sandbox, version 1: because real`))
      const synthetic = await terminal.baton('rehearse', 'demo', 'front-desk', '--synthetic', '--url', url)
      assert.match(synthetic.out, /because synthetic/)
      const all = await terminal.baton('rehearse', 'demo', '--all', '--url', url)
      assert.equal(all.code, code)
      assert.equal(all.out, `${verdict.toUpperCase()}: one by one\n`)
      assert.match(out, /X-Env: sandbox/)
      if (verdict === 'passed') await baton.close()
    }
  })
})
