import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import { once } from 'node:events'
import type { Dialog, InitialInvite, Response } from '../../../engine/index.ts'
import { needs } from '../../harness/needs.ts'
import { FakeClock } from '../fake-clock.ts'
import { inviteUser, party } from '../user-agent/two-agents.ts'
import { RawClient } from './raw-client.ts'
import { answer, ignoreResponses, offer, secret, Stage } from './stage.ts'
import { until } from '../../harness/until.ts'

interface Accepted {
  response: Response
  dialog: Dialog
}

describe('call records', () => {
  let stage: Stage

  beforeEach(async () => {
    stage = await Stage.set({ callRecords: true })
  })

  afterEach(() => stage.clear())

  /** An application that collects the records. */
  async function recorder(prepare: Parameters<Stage['application']>[0]): Promise<string[]> {
    const records: string[] = []
    await stage.application((srf) => {
      srf.on('cdr:attempt', (source: string, _: string, message: { method: string }) => {
        records.push(`attempt ${source} ${message.method}`)
      })
      srf.on('cdr:start', (source: string, _: string, role: string, message: { status: number }) => {
        records.push(`start ${source} ${role} ${message.status}`)
      })
      srf.on('cdr:stop', (source: string, _: string, reason: string) => records.push(`stop ${source} ${reason}`))
      prepare?.(srf)
    })

    return records
  }

  const recorded = (records: string[], count: number): Promise<boolean> =>
    until(`${count} records`, () => records.length >= count)

  it('are made of a call that is answered and ended', async () => {
    const records = await recorder((srf) =>
      srf.invite((req, res) => void srf.createUAS(req, res, { localSdp: answer })),
    )
    const peer = await stage.peer()
    peer.agent.invite({ uri: `sip:x@${stage.host}`, body: offer }, inviteUser(peer.log))
    const { dialog } = await peer.log.next<Accepted>('accepted')
    dialog.ack()
    dialog.send('BYE', {}, ignoreResponses)
    await recorded(records, 3)
    assert.deepEqual(records, ['attempt network INVITE', 'start application uas 200', 'stop network normal-release'])
  })

  it('are made of calls that are refused and cancelled, in both directions', async () => {
    const records = await recorder((srf) => srf.invite((_, res) => res.send(486)))
    const peer = await stage.peer()
    peer.agent.invite({ uri: `sip:x@${stage.host}`, body: offer }, inviteUser(peer.log))
    await recorded(records, 2)
    const srf = await stage.application()
    const calling = srf.createUAC(peer.uri, { localSdp: offer })
    const invite = await peer.log.next<InitialInvite>('invite')
    invite.respond(404)
    await assert.rejects(calling)
    await recorded(records, 4)
    assert.deepEqual(records, [
      'attempt network INVITE',
      'stop application call-rejected',
      'attempt application INVITE',
      'stop network call-rejected',
    ])
  })

  it('are made of a call that is proxied, of each target, and of its end', async () => {
    const [busy, free, peer] = [await stage.peer(), await stage.peer(), await stage.peer()]
    const records = await recorder((srf) =>
      srf.invite((req) => void srf.proxyRequest(req, [busy.uri, free.uri], { remainInDialog: true })),
    )
    peer.agent.invite({ uri: `sip:x@${stage.host}`, body: offer }, inviteUser(peer.log))
    ;(await busy.log.next<InitialInvite>('invite')).respond(486)
    ;(await free.log.next<InitialInvite>('invite')).respond(200, { body: answer })
    const { dialog } = await peer.log.next<Accepted>('accepted')
    dialog.ack()
    await free.log.next('ack')
    dialog.send('BYE', {}, ignoreResponses)
    await recorded(records, 8)
    assert.deepEqual(records, [
      'attempt network INVITE',
      'attempt application INVITE',
      'stop network call-rejected',
      'attempt application INVITE',
      'start network proxy-uac 200',
      'start application proxy-uas 200',
      'stop network normal-release',
      'stop application normal-release',
    ])
  })
})

describe('metrics of the engine', () => {
  it('have drachtio-server’s names', async () => {
    // Long timers: no message is retransmitted on a busy machine.
    const clock = new FakeClock()
    const listen = [{ transport: 'udp', address: '127.0.0.1', port: 0 }] as const
    const stage = await Stage.set({ metrics: { address: '127.0.0.1', port: 0 }, sip: { listen, clock } })
    await stage.application((srf) => srf.invite((req, res) => void srf.createUAS(req, res, { localSdp: answer })))
    const peer = await stage.peer({ clock })
    peer.agent.invite({ uri: `sip:x@${stage.host}`, body: offer }, inviteUser(peer.log))
    const { dialog } = await peer.log.next<Accepted>('accepted')
    dialog.ack()
    await stage.requests('ACK')
    const text = await (await fetch(`http://127.0.0.1:${stage.server.metricsPort}/metrics`)).text()
    for (const line of [
      'drachtio_sip_requests_in_total{method="INVITE"} 1',
      'drachtio_sip_requests_in_total{method="ACK"} 1',
      'drachtio_sip_responses_out_total{method="INVITE",code="200"} 1',
      'drachtio_stable_dialogs{type="inbound"} 1',
      'drachtio_stable_dialogs{type="outbound"} 0',
      'drachtio_app_connections 1',
      'drachtio_call_answer_seconds_in_count 1',
      'drachtio_call_pdd_seconds_in_count 1',
      'drachtio_build_info{version="v0.9.10"} 1',
    ]) {
      assert.ok(text.split('\n').includes(line), `${line} is not in\n${text}`)
    }
    await stage.clear()
  })
})

describe('applications that connect with TLS', () => {
  needs('openssl')

  it('are served as others are', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tls-'))
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
    const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1']
    const files = ['-keyout', key, '-out', cert, '-days', '2', '-nodes']
    execFileSync(
      'openssl',
      ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', ...files, ...subject],
      {
        stdio: 'ignore',
      },
    )
    const tls = { key: readFileSync(key), cert: readFileSync(cert) }
    const stage = await Stage.set({ admin: [{ address: '127.0.0.1', port: 0, tls }] })
    await stage.application((srf) => srf.invite((_, res) => res.send(486)), { tls: { ca: tls.cert } })
    const peer = await stage.peer()
    peer.agent.invite({ uri: `sip:x@${stage.host}`, body: offer }, inviteUser(peer.log))
    assert.equal((await peer.log.next<Response>('refused')).status, 486)
    // A connection without TLS does not disturb the others.
    const plain = await RawClient.connect(stage.adminPort)
    plain.send('authenticate|x|')
    await plain.closed()
    const late = connectTls({ port: stage.adminPort, host: '127.0.0.1', ca: tls.cert })
    await once(late, 'secureConnect')
    late.destroy()
    await stage.clear()
    rmSync(folder, { recursive: true })
  })
})

describe('an endpoint that registers over a connection', () => {
  it('is called over that connection', async () => {
    const listen = [
      { transport: 'udp', address: '127.0.0.1', port: 0 },
      { transport: 'tcp', address: '127.0.0.1', port: 0 },
    ] as const
    const stage = await Stage.set({ sip: { listen } })
    const srf = await stage.application((app) =>
      app.register((_, res) => res.send(200, { headers: { Expires: '60' } })),
    )
    const phone = await party({ listen: [{ transport: 'tcp', address: '127.0.0.1', port: 0 }] })
    const { port } = stage.server.userAgent.listeners[1]!.local
    const registered = await new Promise<Response>((response) => {
      const options = {
        uri: 'sip:example.org',
        nextHop: `sip:127.0.0.1:${port};transport=tcp`,
        headers: [['Contact', '<sip:ann@192.0.2.77:4444;transport=tcp>;expires=60']] as [string, string][],
      }
      phone.agent.request('REGISTER', options, { response, unanswered: response })
    })
    assert.equal(registered.status, 200)
    const calling = srf.createUAC('sip:ann@192.0.2.77:4444;transport=tcp', { localSdp: offer })
    ;(await phone.log.next<InitialInvite>('invite')).respond(486)
    await assert.rejects(calling, { status: 486 })
    await phone.agent.close()
    await stage.clear()
  })
})

describe('an application without the dialog', () => {
  it('cannot send in the calls of another application', async () => {
    const stage = await Stage.set()
    let id = ''
    await stage.application((srf) =>
      srf.invite((req, res) => void srf.createUAS(req, res, { localSdp: answer }).then((dialog) => (id = dialog.id))),
    )
    const peer = await stage.peer()
    peer.agent.invite({ uri: `sip:x@${stage.host}`, body: offer }, inviteUser(peer.log))
    const { dialog } = await peer.log.next<Accepted>('accepted')
    dialog.ack()
    await until('the application has its dialog', () => id !== '')
    const other = await RawClient.authenticated(stage.adminPort, secret)
    const [verdict] = await other.ask(`sip||${id}\r\nBYE sip:placeholder SIP/2.0\r\n\r\n`)
    assert.equal(verdict, 'NOK')
    other.socket.destroy()
    await stage.clear()
  })
})
