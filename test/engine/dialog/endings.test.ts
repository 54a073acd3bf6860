import assert from 'node:assert/strict'
import fc from 'fast-check'
import {
  ClientInvite,
  ClientRequest,
  type Core,
  DialogTable,
  newBranch,
  defaultHeaders,
} from '../../../engine/dialog/index.ts'
import type { Flow } from '../../../engine/flow/index.ts'
import {
  createRequest,
  createResponse,
  defaultTimers,
  type Dialog,
  type DialogUser,
  InitialInvite,
  parseMessage,
  type Request,
  type Response,
  ServerInvite,
  type ServerRequest,
} from '../../../engine/index.ts'
import { InviteServerTransaction, TransactionLayer } from '../../../engine/transaction/index.ts'
import { FakeClock } from '../fake-clock.ts'

const peerUri = 'sip:peer@127.0.0.1:5070'

/** A call between our dialogs, on a clock that stands still, and a peer that may do anything at any moment. */
class AnyCall {
  readonly clock = new FakeClock()
  readonly dialogs = new DialogTable()
  readonly layer: TransactionLayer
  readonly core: Core
  readonly sent: Request[] = []
  readonly flow: Flow
  invite: InitialInvite | undefined
  reinvite: ServerInvite | undefined
  dialog: Dialog | undefined
  /** How often each of our requests was answered: once, and no less. */
  readonly answers: number[] = []
  ends = 0
  lastOk: Response | undefined
  theirInvite: Request | undefined
  #cseq = 10
  #branch = 0

  constructor() {
    const send = (message: Request | Response) => {
      if (message.kind === 'request') this.sent.push(message)
      else if (message.status >= 200 && message.cseq?.method === 'INVITE') this.lastOk = message
    }
    this.flow = {
      transport: 'udp',
      reliable: false,
      local: { address: '127.0.0.1', port: 5060 },
      remote: { address: '127.0.0.1', port: 5070 },
      advertised: { host: '127.0.0.1', port: 5060 },
      open: true,
      send: () => undefined,
    }
    this.layer = new TransactionLayer(
      this.clock,
      defaultTimers,
      { send, resend: () => undefined },
      {
        request: (request, transaction) => {
          if (request.method === 'CANCEL') {
            transaction.respond(createResponse(request, 200))
            const pending = this.layer.inviteOf(request)?.user
            if (pending instanceof ServerInvite) pending.cancelled(request)
          } else if (request.toTag !== undefined) {
            const dialog = this.dialogs.of(request)
            if (dialog) dialog.receive(request, transaction)
            else transaction.respond(createResponse(request, 481))
          } else if (transaction instanceof InviteServerTransaction) {
            this.invite = new InitialInvite(this.core, request, transaction)
            this.invite.dialogUser = this.user
          }
        },
        ack: (ack) => this.dialogs.of(ack)?.receiveAck(ack),
        repeated: () => undefined,
        strayResponse: () => undefined,
        accepts: () => true,
        isPeer: () => true,
      },
    )
    this.core = {
      clock: this.clock,
      timers: defaultTimers,
      layer: this.layer,
      dialogs: this.dialogs,
      supports: (extension) => extension === 'timer' || extension === '100rel',
      minSession: 90,
      defaultHeaders: defaultHeaders('INVITE', ['100rel', 'timer'], ''),
      reuse: { followsSource: () => true, keepsConnections: true },
      flowTo: () => this.flow,
      connectionFor: () => undefined,
      noteOutcome: () => undefined,
      send,
      resend: () => undefined,
    }
  }

  readonly user: DialogUser = {
    request: (request: ServerRequest) => void request.respond(200),
    invite: (invite: ServerInvite) => {
      this.reinvite = invite
    },
    ended: () => {
      this.ends += 1
    },
  }

  come(message: Request | Response): void {
    const parsed = parseMessage(message.toString())
    if (parsed.kind !== 'bad') this.layer.receive(parsed, this.flow)
  }

  /** A request of the peer's, in the dialog if there is one. */
  ask(method: string, changes: { via?: string; cseq?: number } = {}): Request {
    const { dialog } = this
    const cseq = changes.cseq ?? (this.#cseq += 1)
    const request = createRequest({
      method,
      uri: 'sip:us@127.0.0.1:5060',
      via: changes.via ?? `SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bKpeer${(this.#branch += 1)}`,
      from: `<${peerUri}>;tag=${dialog?.remoteTag ?? 'peer'}`,
      to: `<sip:us@127.0.0.1>${dialog ? `;tag=${dialog.localTag}` : ''}`,
      callId: dialog?.callId ?? 'any-call',
      cseq,
      contact: `<${peerUri}>`,
      headers: method === 'INVITE' ? [['Session-Expires', '600'] as const] : [],
    })
    this.come(request)

    return request
  }

  /** The peer answers one of the last requests that we sent. */
  answer(which: number, status: number): void {
    const request = this.sent.filter(({ method }) => method !== 'ACK').at(-1 - which)
    if (!request) return
    const response = createResponse(request, status, undefined, this.dialog?.remoteTag ?? 'peer')
    this.come(response.add('Contact', `<${peerUri}>`))
  }

  /** A request of ours, whose answers are counted. */
  request(method: string): void {
    if (!this.dialog) return
    const at = this.answers.push(0) - 1
    const answered = () => {
      this.answers[at] = (this.answers[at] ?? 0) + 1
    }
    this.dialog.send(
      method,
      {},
      {
        response: ({ status }) => {
          if (status >= 200) answered()
          if (status >= 200 && status < 300 && method === 'INVITE') this.dialog?.ack()
        },
        unanswered: answered,
      },
    )
  }

  /** Whatever the story was, our owner hangs up, and time goes by. */
  finish(): void {
    if (this.invite && !this.invite.isAnswered) this.invite.respond(480)
    if (this.dialog && !this.dialog.ended) this.request('BYE')
    this.clock.advance(1_000_000)
    this.clock.advance(1_000_000)
    const alive = { dialogs: this.dialogs.size, transactions: this.layer.size, timers: this.clock.size }
    assert.deepEqual(alive, { dialogs: 0, transactions: 0, timers: 0 })
    assert.deepEqual(
      this.answers,
      this.answers.map(() => 1),
    )
    assert.ok(this.ends <= 1)
  }
}

const event = fc.oneof(
  { weight: 1, arbitrary: fc.nat(200_000).map((ms) => (call: AnyCall) => call.clock.advance(ms)) },
  { weight: 2, arbitrary: fc.nat(2000).map((ms) => (call: AnyCall) => call.clock.advance(ms)) },
  {
    weight: 3,
    arbitrary: fc.tuple(fc.nat(2), fc.constantFrom(180, 200, 200, 202, 408, 481, 487, 491, 500, 503)).map(
      ([which, status]) =>
        (call: AnyCall) =>
          call.answer(which, status),
    ),
  },
  {
    weight: 4,
    arbitrary: fc.constantFrom('BYE', 'INFO', 'UPDATE', 'INVITE', 'PRACK', 'REFER').map((method) => (call: AnyCall) => {
      const request = call.ask(method)
      if (method === 'INVITE') call.theirInvite = request
    }),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom('ACK', 'CANCEL').map((method) => (call: AnyCall) => {
      const invite = call.theirInvite
      if (!invite) return
      const isSuccess = (call.lastOk?.status ?? 0) < 300
      const via = method === 'ACK' && isSuccess ? undefined : invite.header('Via')
      call.ask(method, { cseq: invite.cseq?.number ?? 0, ...(via !== undefined && { via }) })
    }),
  },
  {
    weight: 3,
    arbitrary: fc
      .constantFrom('INVITE', 'INFO', 'UPDATE', 'BYE')
      .map((method) => (call: AnyCall) => call.request(method)),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(183, 200, 488).map((status) => (call: AnyCall) => void call.reinvite?.respond(status)),
  },
)

describe('whatever happens in a dialog', () => {
  it('one that a peer began ends, each request of ours is answered once, and nothing is left', () => {
    const beginning = fc.constantFrom<(readonly number[])[]>([180, 200], [200], [183, 183, 200], [180], [180, 486])
    fc.assert(
      fc.property(beginning, fc.boolean(), fc.array(event, { maxLength: 20 }), (statuses, isAcknowledged, story) => {
        const call = new AnyCall()
        call.theirInvite = call.ask('INVITE')
        for (const status of statuses) call.invite?.respond(status)
        call.dialog = call.invite?.dialog
        if (isAcknowledged) call.ask('ACK', { cseq: call.theirInvite.cseq?.number ?? 0 })
        for (const happen of story) happen(call)
        call.finish()
      }),
      { numRuns: 1000 },
    )
  })

  it('one that we began ends, each request of ours is answered once, and nothing is left', () => {
    const beginning = fc.constantFrom<(readonly number[])[]>([180, 200], [200], [200, 200], [183])
    fc.assert(
      fc.property(beginning, fc.boolean(), fc.array(event, { maxLength: 20 }), (statuses, cancels, story) => {
        const call = new AnyCall()
        let outcomes = 0
        const user = {
          provisional: (_: Response, dialog: Dialog | undefined) => (call.dialog ??= dialog),
          accepted: (_: Response, dialog: Dialog) => {
            outcomes += 1
            call.dialog = dialog
            dialog.ack()
          },
          refused: () => (outcomes += 1),
          unanswered: () => (outcomes += 1),
          dialog: call.user,
        }
        const invite = new ClientInvite(call.core, user, 'end')
        const request = createRequest({
          method: 'INVITE',
          uri: peerUri,
          via: `SIP/2.0/UDP 127.0.0.1:5060;branch=${newBranch()}`,
          from: '<sip:us@127.0.0.1>;tag=us',
          to: `<${peerUri}>`,
          callId: 'our-call',
          cseq: 1,
          contact: '<sip:us@127.0.0.1:5060>',
        })
        invite.send(new ClientRequest(call.core, call.flow, request, invite))
        if (cancels) invite.cancel()
        for (const status of statuses) call.answer(0, status)
        for (const happen of story) happen(call)
        invite.cancel()
        call.finish()
        assert.equal(outcomes, 1)
      }),
      { numRuns: 1000 },
    )
  })
})
