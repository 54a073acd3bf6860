import {
  type Dialog,
  type DialogUser,
  type InviteUser,
  type RequestUser,
  type ServerInvite,
  type ServerRequest,
  UserAgent,
} from '../../engine/index.ts'
import type { Chance } from './chance.ts'
import { HeapClock } from './clock.ts'
import { NoNetwork, type Sent } from './network.ts'
import type { Subject } from './subject.ts'

const answers = [180, 183, 200, 200, 200, 302, 404, 486, 488, 603]
const methods = ['INVITE', 'INVITE', 'UPDATE', 'INFO', 'REFER', 'NOTIFY', 'BYE', 'BYE']
const noop: RequestUser = { response: () => undefined, unanswered: () => undefined }
const body = 'v=0\r\n'
/** Dialogs at once. */
const most = 200

/** The engine alone, with a user that answers this way or that. */
export class EngineSubject implements Subject {
  readonly name = 'engine'
  readonly defects: unknown[] = []
  readonly #chance: Chance
  readonly #clock = new HeapClock()
  readonly #network: NoNetwork
  readonly #agent: UserAgent
  readonly #dialogs = new Set<Dialog>()

  static async open(chance: Chance, sent: Sent): Promise<EngineSubject> {
    const subject = new EngineSubject(chance, sent)
    await subject.#start()

    return subject
  }

  private constructor(chance: Chance, sent: Sent) {
    this.#chance = chance
    this.#network = new NoNetwork(sent)
    this.#agent = new UserAgent({
      listen: [{ transport: 'udp', address: '127.0.0.1', port: 5060 }],
      clock: this.#clock,
      transport: { createSocket: this.#network.createSocket },
      dns: { query: () => Promise.resolve({ records: [], ttl: 60 }) },
      extensions: ['100rel', 'timer', 'norefersub', 'replaces'],
      log: { warn: () => undefined, error: (_, { error }) => this.defects.push(error) },
    })
  }

  receive(data: Buffer, from: { address: string; port: number }): void {
    this.#network.deliver(data, from)
  }

  act(): void {
    const chance = this.#chance
    this.#endSurplus()
    const [dialog] = this.#dialogs
    if (!dialog || chance.is(0.2)) {
      const invite = this.#agent.invite({ uri: 'sip:agent@127.0.0.1:5090', body, credentials }, this.#caller())
      if (chance.is(0.2)) invite.cancel()
    } else if (dialog.ended) this.#dialogs.delete(dialog)
    else {
      // Turns are taken.
      this.#dialogs.delete(dialog)
      this.#dialogs.add(dialog)
      const method = chance.of(methods)
      const acknowledge = () => {
        if (method === 'INVITE') dialog.ack()
      }
      dialog.send(method, { body }, { response: acknowledge, unanswered: () => undefined })
    }
  }

  advance(ms: number): void {
    this.#clock.advance(ms)
  }

  hangUp(): void {
    for (const dialog of this.#dialogs) dialog.send('BYE', {}, noop)
    this.#dialogs.clear()
  }

  left(): string {
    const { transactions, dialogs, timers } = this.#agent.state()

    return transactions + dialogs + timers === 0
      ? ''
      : `${transactions} transactions, ${dialogs} dialogs, ${timers} timers`
  }

  close(): Promise<void> {
    return this.#agent.close()
  }

  /** Most far sides never hang up. */
  #endSurplus(): void {
    for (const dialog of this.#dialogs) {
      if (this.#dialogs.size <= most) return
      this.#dialogs.delete(dialog)
      dialog.send('BYE', {}, noop)
    }
  }

  #start(): Promise<void> {
    return this.#agent.start({
      invite: (invite) => {
        invite.dialogUser = this.#dialogUser()
        this.#answer(invite)
        if (invite.dialog) this.#dialogs.add(invite.dialog)
      },
      request: (request) => void request.respond(this.#chance.of(answers)),
    })
  }

  #answer(invite: ServerInvite): void {
    const chance = this.#chance
    // No answer is needed: timer C ends the INVITE.
    if (chance.is(0.02)) return
    const status = chance.of(answers)
    invite.respond(status, { body })
    if (status >= 200) return
    this.#clock.after(chance.below(2000), () => invite.respond(chance.of(answers), { body }))
  }

  #dialogUser(): DialogUser {
    return {
      request: (request: ServerRequest) => void request.respond(this.#chance.is(0.8) ? 200 : this.#chance.of(answers)),
      invite: (invite) => {
        this.#answer(invite)
      },
      ended: () => undefined,
    }
  }

  #caller(): InviteUser {
    return {
      ...noop,
      provisional: () => undefined,
      accepted: (_, dialog) => {
        this.#dialogs.add(dialog)
        if (this.#chance.is(0.95)) dialog.ack()
      },
      refused: () => undefined,
      unanswered: () => undefined,
      dialog: this.#dialogUser(),
    }
  }
}

const credentials = () => ({ username: 'u', password: 'p' })
