import assert from 'node:assert/strict'
import type { Dialog as EngineDialog, InitialInvite, Response } from '../../../../engine/index.ts'
import type { DrachtioServer } from '../../../../engine/drachtio/index.ts'
import type { DrachtioStack } from '../../../../server/sip/drachtio/index.ts'
import type { SipDialog, SipDialogEnd, IncomingInvite } from '../../../../server/sip/stack.ts'
import { inviteUser, type Party, party, settle } from '../../../engine/user-agent/two-agents.ts'
import { type Accepted, recordDialog, recordInvite, RecordingUser } from '../recording-user.ts'
import { adapter, at, engine, secret } from './stacks.ts'
import { until } from '../../../harness/until.ts'

const offer = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\n'

/** A Baton process, as far as SIP goes: it accepts every call. */
interface Process {
  stack: DrachtioStack
  user: RecordingUser
  dialogs: SipDialog[]
}

async function process(stack: DrachtioStack): Promise<Process> {
  const user = new RecordingUser()
  const dialogs: SipDialog[] = []
  const accept = (invite: IncomingInvite): void => {
    dialogs.push(invite.accept({ body: offer }, recordDialog(user.log)))
  }
  await stack.start(Object.assign(user, { invite: accept }))

  return { stack, user, dialogs }
}

describe('More than one of each', () => {
  let caller: Party
  const open: { close(): Promise<void> }[] = []
  const kept = <T extends { close(): Promise<void> }>(each: T): T => {
    open.push(each)
    return each
  }

  beforeEach(async () => {
    caller = await party()
  })
  afterEach(async () => {
    for (const each of open.splice(0).reverse()) await each.close()
    await settle(caller)
  })

  /** A call of the caller's through a server, answered by whichever process got it. */
  async function call(server: DrachtioServer): Promise<EngineDialog> {
    const { port } = server.userAgent.listeners[0]!.local
    caller.agent.invite({ uri: `sip:service@127.0.0.1:${port}`, body: offer }, inviteUser(caller.log))
    const { dialog } = await caller.log.next<{ dialog: EngineDialog }>('accepted')
    dialog.ack()

    return dialog
  }

  describe('Several processes on one drachtio server', () => {
    it('calls spread over them evenly', async () => {
      const server = kept(await engine())
      const processes = await Promise.all([0, 1].map(() => process(kept(adapter(at(server))))))
      for (let n = 0; n < 6; n++) await call(server)
      assert.deepEqual(
        processes.map(({ dialogs }) => dialogs.length),
        [3, 3],
      )
      for (const { dialogs } of processes) for (const dialog of dialogs) await dialog.bye()
    })

    it('when one goes away its callers are released, and the others take all new calls', async () => {
      const server = kept(await engine())
      const [lost, other] = await Promise.all([process(kept(adapter(at(server)))), process(kept(adapter(at(server))))])
      await call(server)
      await call(server)
      assert.equal(lost.dialogs.length + other.dialogs.length, 2)
      await lost.stack.close()
      await caller.log.next('ended')
      await call(server)
      await call(server)
      assert.equal(other.dialogs.length, 3)
      assert.ok(other.dialogs.every(({ ended }) => !ended))
      for (const dialog of other.dialogs) await dialog.bye()
    })

    it('when there is none, callers get 503', async () => {
      const server = kept(await engine())
      const { port } = server.userAgent.listeners[0]!.local
      caller.agent.invite({ uri: `sip:service@127.0.0.1:${port}` }, inviteUser(caller.log))
      assert.equal((await caller.log.next<Response>('refused')).status, 503)
    })
  })

  describe('Several drachtio servers for one process, which they connect to', () => {
    let baton: Process
    let servers: DrachtioServer[]

    beforeEach(async () => {
      const stack = kept(adapter({ kind: 'listen', host: '127.0.0.1', port: 0, secret }))
      baton = await process(stack)
      const url = `tcp://127.0.0.1:${stack.port}`
      const requestHandlers = [{ sipMethod: 'INVITE', httpMethod: 'GET', verifyPeer: false, url } as const]
      servers = await Promise.all([0, 1].map(async () => kept(await engine({ requestHandlers }))))
    })

    const connected = (): number => servers.reduce((sum, { applications }) => sum + applications, 0)

    it('each brings its calls, and its connections are closed when they are over', async () => {
      for (const server of servers) await call(server)
      assert.deepEqual(
        servers.map(({ applications }) => applications),
        [1, 1],
      )
      for (const dialog of baton.dialogs) assert.equal((await dialog.bye()).status, 200)
      await until('no connection is left', () => connected() === 0)
      assert.deepEqual(baton.stack.state(), { transactions: 0, dialogs: 0, timers: 0 })
    })

    it('a port that is taken is named at start, with its setting', async () => {
      const { port } = baton.stack
      const second = adapter({ kind: 'listen', host: '127.0.0.1', port, secret })
      await assert.rejects(second.start(new RecordingUser()), /^Error: DRACHTIO_LISTEN: .*127\.0\.0\.1/)
    })

    it('a call of ours goes out while a caller’s is up', async () => {
      await call(servers[0]!)
      const callee = await party()
      baton.stack.invite(callee.uri, { body: offer }, recordInvite(baton.user.log))
      const invite = await callee.log.next<InitialInvite>('invite')
      invite.respond(200, { body: offer })
      const { dialog } = await baton.user.log.next<Accepted>('accepted')
      dialog.ack()
      await callee.log.next('ack')
      await baton.dialogs[0]!.bye()
      assert.equal((await dialog.bye()).status, 200)
      await settle(callee)
    })

    it('when one goes away its calls end, and those of the others go on', async () => {
      const [lost, other] = servers as [DrachtioServer, DrachtioServer]
      const abandoned = await call(lost)
      await call(other)
      await lost.close()
      assert.deepEqual(await baton.user.log.next<SipDialogEnd>('ended'), { by: 'stack', reason: 'connection_lost' })
      await call(other)
      assert.deepEqual(
        baton.dialogs.map(({ ended }) => ended),
        [true, false, false],
      )
      for (const dialog of baton.dialogs) await dialog.bye()
      // No server is left to answer its caller.
      abandoned.close()
    })
  })
})
