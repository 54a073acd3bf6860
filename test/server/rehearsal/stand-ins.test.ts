import assert from 'node:assert/strict'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { createLogger } from 'winston'
import { loadSettings } from '../../../config/index.ts'
import { readProject, sourceText } from '../../../routes/index.ts'
import { StandInStack } from '../../../server/rehearsal/stand-in-stack.ts'
import { isUdpPortInUse } from '../../../base/system-sockets.ts'
import { StandIns, standInAddresses } from '../../../server/rehearsal/stand-ins.ts'
import { createPartyStack } from '../../../server/sip/create-stack.ts'
import type { InviteEvents, SipDialog, SipResponse, SipStack } from '../../../server/sip/stack.ts'
import { FakeClock } from '../../engine/fake-clock.ts'
import { until } from '../../harness/until.ts'

const noop = (): void => undefined
const agentUri = 'sip:agent@127.0.0.1:4'
const deskUri = 'sip:desk@127.0.0.1:5'
const video = 'm=video 4002 RTP/AVP 96\r\na=rtpmap:96 VP8/90000\r\n'
const offer = `v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8 0\r\n${video}`

describe('the addresses of stand-ins', () => {
  it('are those on loopback by UDP that project files name, each with its role', () => {
    const project = {
      project: 'shop',
      environments: {
        live: {
          numbers: ['+14155550100'],
          agents: [agentUri, { uri: 'sip:second@127.0.0.1:6' }, 'sip:elsewhere@192.0.2.1:4'],
        },
      },
      table: {
        handoffs: [
          { name: 'desk', default: true, route: deskUri },
          { name: 'tcp', route: 'sip:desk@127.0.0.1:5;transport=tcp' },
          { name: 'number', route: '+14155550112' },
        ],
      },
    }
    const read = readProject(sourceText(Buffer.from(JSON.stringify(project)), 'json'))

    assert.deepEqual(
      [...standInAddresses([read])],
      [
        ['udp:127.0.0.1:4', 'agent'],
        ['udp:127.0.0.1:6', 'agent'],
        ['udp:127.0.0.1:5', 'destination'],
      ],
    )
  })
})

describe('a UDP port', () => {
  const bound = async (address: string): Promise<Socket> => {
    const socket = createSocket('udp4').bind(0, address)
    await once(socket, 'listening')

    return socket
  }

  it('is in use while a program listens there, or on every address', async function () {
    if (process.platform !== 'linux') this.skip()
    for (const address of ['127.0.0.1', '0.0.0.0']) {
      const socket = await bound(address)
      const { port } = socket.address()
      assert.equal(isUdpPortInUse('127.0.0.1', port), true)
      socket.close()
      await once(socket, 'close')
      assert.equal(isUdpPortInUse('127.0.0.1', port), false)
    }
    const other = await bound('127.0.0.2')
    assert.equal(isUdpPortInUse('127.0.0.1', other.address().port), false)
    other.close()
  })
})

describe('stand-ins', () => {
  const log = createLogger({ silent: true })
  const inUse = new Set<number>()
  let clock: FakeClock
  let standIns: StandIns
  let baton: SipStack
  const requests: { method: string; referTo: string | undefined }[] = []

  const newStack = (userAgent?: string): SipStack =>
    createPartyStack(loadSettings({ env: {} }), { address: '127.0.0.1', transport: 'udp' }, '127.0.0.1', log, userAgent)

  beforeEach(async () => {
    clock = new FakeClock()
    standIns = new StandIns({
      stack: newStack('Baton stand-in'),
      clock,
      log,
      addresses: new Map([
        ['udp:127.0.0.1:4', 'agent'],
        ['udp:127.0.0.1:5', 'destination'],
      ]),
      defaultHandoff: (project, environment) => (project === 'shop' ? `desk-${environment}` : undefined),
      isInUse: (_, port) => inUse.has(port),
    })
    await standIns.start()
    baton = new StandInStack(newStack(), standIns)
    await baton.start({ invite: noop, request: noop, message: noop, connected: noop })
  })
  afterEach(async () => {
    inUse.clear()
    requests.length = 0
    await baton.close()
    await standIns.close()
    assert.equal(clock.size, 0, 'no timer is left')
  })

  const invite = (uri: string): Promise<{ response: SipResponse; dialog?: SipDialog; isOver: () => boolean }> =>
    new Promise((resolve) => {
      let ended = false
      const isOver = () => ended
      const events: InviteEvents = {
        progress: noop,
        accepted: (response, dialog) => {
          dialog.ack()
          resolve({ response, dialog, isOver })
        },
        failed: (response) => {
          resolve({ response, isOver })
        },
        dialog: {
          request: (incoming) => {
            const { method } = incoming.request
            requests.push({ method, referTo: incoming.request.header('Refer-To') })
            incoming.respond(202)
          },
          reinvite: (incoming) => {
            incoming.respond(488)
          },
          ended: () => (ended = true),
        },
      }
      const headers = [
        ['X-Baton-Project', 'shop'],
        ['X-Baton-Environment', 'sandbox'],
      ] as const
      baton.invite(uri, { body: offer, headers }, events)
    })

  it('answer OPTIONS and calls at their addresses, each stream of the offer for itself', async () => {
    const options = await baton.request('OPTIONS', 'sip:127.0.0.1:4')
    assert.deepEqual([options.status, options.local], [200, false])

    const { response, dialog } = await invite(agentUri)
    assert.equal(response.status, 200)
    assert.equal(response.header('Server'), 'Baton stand-in')
    assert.match(response.body, /^m=audio 9 RTP\/AVP 0\r\n[^]*^m=video 0 /m)
    await dialog?.bye()
    await until('the agent has no timer', () => clock.size === 0)
  })

  it('leave a port to a program that listens there, from its next request on', () => {
    inUse.add(4)
    assert.equal(standIns.hopFor(agentUri), undefined)
    inUse.clear()
    assert.match(standIns.hopFor(agentUri) ?? '', /^sip:stand-in@127\.0\.0\.1:\d+$/)
    assert.equal(standIns.hopFor('sip:agent@127.0.0.1:6'), undefined)
  })

  it('ask, as agents, for the default handoff after a talk', async () => {
    const { dialog } = await invite(agentUri)
    await until('the agent has the ACK', () => clock.size === 1)
    clock.advance(14_999)
    assert.deepEqual(requests, [])
    clock.advance(1)
    await until('the agent asks', () => requests.length > 0)
    assert.deepEqual(requests, [{ method: 'REFER', referTo: '<sip:desk-sandbox@baton.invalid>' }])
    await dialog?.bye()
  })

  it('ring, answer and hang up, as destinations', async () => {
    const calling = invite(deskUri)
    await until('the destination rings', () => clock.size === 2)
    clock.advance(1500)
    const { response, isOver } = await calling
    assert.equal(response.status, 200)
    clock.advance(30_000)
    await until('the destination hangs up', isOver)
  })

  it('leave all else to the stack behind them', () => {
    assert.equal(baton.kind, 'embedded')
    assert.equal(baton.problem, undefined)
    assert.equal(baton.addresses.length, 1)
    assert.ok(baton.engineStats)
    assert.equal(typeof Reflect.get(baton, 'reload'), 'function')
    assert.equal(baton.state().dialogs, 0)
    baton.drain()
  })
})
