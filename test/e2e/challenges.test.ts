import assert from 'node:assert/strict'

import { parseDigest } from '../../engine/digest/index.ts'
import type { DialogUser, InitialInvite, ServerRequest } from '../../engine/index.ts'
import { dialogUser, type Party } from '../engine/user-agent/two-agents.ts'
import { sharedBaton } from '../harness/shared-baton.ts'
import { stacks } from '../harness/stacks.ts'
import { EngineParties, finalResponse, sessionOf } from './engine-parties.ts'

const credentials = { username: 'bob', password: 'secret' }
const trunks = [
  { name: 'pbx', peers: ['127.0.0.1/32'], refer: false, credentials: { ...credentials, realm: 'pbx' } },
  { name: 'itsp', peers: ['127.0.0.2/32'], credentials: { ...credentials, username: 'itsp' } },
]

/** Challenges each request that has no credentials, and notes what each brings: its method, user name and nonce count. */
class Challenger {
  readonly seen: string[] = []
  readonly #realm: string

  constructor(realm: string) {
    this.#realm = realm
  }

  /** The request, once it has credentials; undefined when it was challenged. */
  passes<T extends ServerRequest>(request: T): T | undefined {
    const value = request.request.header('Proxy-Authorization')
    const given = value === undefined ? undefined : parseDigest(value)
    this.seen.push([request.request.method, given?.get('username'), given?.get('nc')].filter(Boolean).join(' '))
    if (given) return request
    request.respond(407, { headers: [['Proxy-Authenticate', `Digest realm="${this.#realm}", nonce="n", qop="auth"`]] })

    return undefined
  }

  /** A dialog's user that accepts what has credentials. */
  user(party: Party, session: string): DialogUser {
    return {
      ...dialogUser(party.log),
      request: (request) => this.passes(request)?.respond(200),
      invite: (invite) => this.passes(invite)?.respond(200, { body: session }),
      bye: (bye) => this.passes(bye)?.respond(200),
    }
  }
}

for (const stack of stacks) {
  describe(`Challenges in dialogs (${stack.name})`, () => {
    const baton = sharedBaton({ stack, file: { trunks } })
    const parties = new EngineParties(baton)

    afterEach(() => parties.settle())

    const transfer = (id: string) => baton().api('POST', `/v1/calls/${id}/transfer`, { handoff: 'desk' })
    const ended = (id: string) => baton().events.of('transfer.ended', id)

    it('a destination that challenges every request is answered with the credentials of its trunk', async () => {
      const destination = await parties.open('127.0.0.2')
      const desk = new Challenger('itsp.example')
      const { id, caller, dialog } = await parties.connected({ route: destination.uri })
      // The caller's answer is another session than the destination was offered, which the destination has to hear.
      dialog.user = {
        ...dialogUser(caller.log),
        invite: (invite) => {
          invite.respond(200, { body: sessionOf(4010) })
        },
      }
      const over = ended(id)
      await transfer(id)
      assert.equal(desk.passes(await destination.log.next<InitialInvite>('invite')), undefined)
      const invite = desk.passes(await destination.log.next<InitialInvite>('invite'))
      assert.ok(invite)
      invite.dialogUser = desk.user(destination, sessionOf(4020))
      invite.respond(200, { body: sessionOf(4020) })
      assert.equal((await over).data.transfer?.result, 'succeeded')
      await finalResponse(dialog, 'INFO', { body: 'x', headers: [['Content-Type', 'text/plain']] })
      await parties.hangUp({ id, dialog })
      await parties.settle()
      assert.deepEqual(desk.seen, [
        'INVITE',
        ...['INVITE', 'INVITE', 'INFO', 'BYE'].map((method, at) => `${method} itsp 0000000${at + 1}`),
      ])
    })

    it('a caller that challenges the re-INVITE and the BYE is answered with the credentials of its trunk', async () => {
      const destination = await parties.open('127.0.0.3')
      const { id, caller, dialog } = await parties.connected({ route: destination.uri })
      const pbx = new Challenger('pbx')
      dialog.user = pbx.user(caller, sessionOf(4000))
      const over = ended(id)
      await transfer(id)
      const invite = await destination.log.next<InitialInvite>('invite')
      invite.respond(200, { body: sessionOf(4020) })
      assert.equal((await over).data.transfer?.result, 'succeeded')
      invite.dialog?.send('BYE', {}, { response: () => undefined, unanswered: () => undefined })
      await parties.ended(id)
      await parties.settle()
      assert.deepEqual(pbx.seen, ['INVITE', 'INVITE bob 00000001', 'BYE bob 00000002'])
    })

    for (const [what, address, realm] of [
      ['a destination that is of no trunk', '127.0.0.3', 'pbx'],
      ['a realm that the credentials are not for', '127.0.0.1', 'elsewhere'],
    ] as const) {
      it(`${what} is given no credentials`, async () => {
        const destination = await parties.open(address)
        const desk = new Challenger(realm)
        const { id, dialog } = await parties.connected({ route: destination.uri })
        const over = ended(id)
        await transfer(id)
        assert.equal(desk.passes(await destination.log.next<InitialInvite>('invite')), undefined)
        const { transfer: outcome } = (await over).data
        assert.deepEqual([outcome?.result, outcome?.sipStatus], ['failed', 407])
        await parties.hangUp({ id, dialog })
        await parties.settle()
        assert.deepEqual(desk.seen, ['INVITE'])
      })
    }
  })
}
