import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Baton } from '../harness/baton.ts'
import { KeptSocket } from '../harness/kept-socket.ts'
import { RawPhone } from '../harness/raw-call.ts'
import { stacks } from '../harness/stacks.ts'
import { Phones } from './restarted-phones.ts'
import { dialled } from './restarted-site.ts'

describe('A SIP socket that the service manager keeps', function () {
  this.timeout(60_000)
  const stack = stacks.find(({ name }) => name === 'embedded') ?? assert.fail('there is no embedded stack')
  let folder: string
  let socket: KeptSocket
  let batons: Baton[]
  let phones: Phones
  let newcomer: RawPhone

  beforeEach(() => {
    if (process.platform !== 'linux') return
    folder = mkdtempSync(join(tmpdir(), 'baton-passed-'))
    socket = new KeptSocket()
    batons = []
  })

  afterEach(async () => {
    phones.close()
    newcomer.close()
    for (const baton of batons) await baton.stop()
    socket.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const start = async (): Promise<Baton> => {
    const env = { DATA_DIR: folder, DRAIN: 'handover', SIP_LISTEN: `udp:127.0.0.1:${socket.port},tcp:127.0.0.1:0` }
    const baton = await Baton.start({ stack, env, sockets: [socket.fd] })
    batons.push(baton)

    return baton
  }

  for (const how of ['killed', 'told to stop, and hands its calls over'] as const) {
    it(`has what came while Baton was away, which was ${how}: no message is sent twice`, async function () {
      if (process.platform !== 'linux') this.skip()
      const before = await start()
      assert.equal(before.sip(), `127.0.0.1:${socket.port}`)
      phones = await Phones.open(before.sip())
      newcomer = await RawPhone.open(before.sip())
      const id = await phones.connected(before)
      await (how === 'killed' ? before.kill() : before.stop())
      const bye = phones.caller.send('BYE')
      newcomer.call(dialled)
      phones.answerOptions()
      const after = await start()
      const ok = await phones.caller.next(/^SIP\/2.0 200 /)
      assert.equal(ok.header('CSeq'), `${bye} BYE`)
      await phones.agent.released()
      const invite = await phones.agent.invited()
      await phones.agent.answer(invite)
      await newcomer.answered()
      await newcomer.ask('BYE')
      await phones.agent.released()
      await after.idle(['baton_calls_active', 'baton_engine_dialogs'])
      const { result, reason, recoveredAt } = await after.call(id)
      assert.deepEqual([result, reason], ['answered', 'hangup'])
      assert.ok(recoveredAt)
    })
  }
})
