import assert from 'node:assert/strict'
import {
  type Dialog,
  type DialogEnd,
  type DialogUser,
  formatEndpoint,
  type InitialInvite,
  type InviteUser,
  type Request,
  type Response,
  type ServerInvite,
  type ServerRequest,
  type UserAgentOptions,
  UserAgent,
} from '../../../engine/index.ts'
import { until } from '../../harness/until.ts'

export const fastTimers = { t1: 20, t2: 80, t4: 60, c: 3000, trying: 50 }

/** What happened, in order, and a way to wait for what will. */
export class Happenings {
  readonly all: [what: string, detail: unknown][] = []
  #waiting: { what: string; resolve: (detail: unknown) => void }[] = []
  #read = new Map<string, number>()

  add(what: string, detail?: unknown): void {
    this.all.push([what, detail])
    const at = this.#waiting.findIndex((one) => one.what === what)
    if (at < 0) return
    const [waiting] = this.#waiting.splice(at, 1)
    this.#read.set(what, (this.#read.get(what) ?? 0) + 1)
    waiting!.resolve(detail)
  }

  /** The next one of its kind, come or to come. */
  async next<T>(what: string): Promise<T> {
    const read = this.#read.get(what) ?? 0
    const found = this.all.filter(([name]) => name === what)[read]
    if (!found) return (await new Promise<unknown>((resolve) => this.#waiting.push({ what, resolve }))) as T
    this.#read.set(what, read + 1)

    return found[1] as T
  }

  get names(): string[] {
    return this.all.map(([what]) => what)
  }
}

/** A user of a dialog that answers everything and writes down what came. */
export function dialogUser(log: Happenings, answer = 200): DialogUser {
  return {
    request: (request: ServerRequest) => {
      log.add(request.request.method, request)
      request.respond(answer)
    },
    invite: (invite: ServerInvite) => {
      invite.onCancel = () => log.add('reinvite cancelled')
      log.add('reinvite', invite)
    },
    ack: (ack: Request) => log.add('ack', ack),
    ended: (end: DialogEnd) => log.add('ended', end),
  }
}

export function inviteUser(log: Happenings): InviteUser {
  return {
    provisional: (response: Response) => log.add(String(response.status), response),
    accepted: (response: Response, dialog: Dialog) => log.add('accepted', { response, dialog }),
    refused: (response: Response) => log.add('refused', response),
    unanswered: (response: Response) => log.add('unanswered', response),
    dialog: dialogUser(log),
  }
}

export interface Party {
  agent: UserAgent
  log: Happenings
  uri: string
  /** The text of all messages, as `in INVITE` or `out 200 INVITE`. */
  messages: string[]
}

/** `answer` is what it does with an INVITE at once. */
export async function party(
  options: Partial<UserAgentOptions> = {},
  answer: (invite: InitialInvite) => void = () => undefined,
): Promise<Party> {
  const agent = new UserAgent({
    listen: [{ transport: 'udp', address: '127.0.0.1', port: 0 }],
    timers: fastTimers,
    ...options,
  })
  const log = new Happenings()
  const messages: string[] = []
  agent.tap = ({ direction, message }) => {
    const what = message.kind === 'response' ? `${message.status} ${message.cseq?.method ?? ''}` : message.method
    messages.push(`${direction} ${what ?? 'noise'}`)
  }
  await agent.start({
    invite: (invite: InitialInvite) => {
      invite.dialogUser = dialogUser(log)
      invite.onCancel = () => log.add('cancelled')
      answer(invite)
      log.add('invite', invite)
    },
    request: (request: ServerRequest) => log.add(request.request.method, request),
  })
  const { transport, local } = agent.listeners[0]!
  const uri = `sip:${formatEndpoint(local)}${transport === 'udp' ? '' : `;transport=${transport}`}`

  return { agent, log, uri, messages }
}

/** Waits until nothing is alive in these agents, then closes them. */
export async function settle(...parties: Party[]): Promise<void> {
  for (const { agent } of parties) {
    await until('nothing is left in the agent', () => {
      const { transactions, dialogs, timers } = agent.state()
      assert.deepEqual({ transactions, dialogs, timers }, { transactions: 0, dialogs: 0, timers: 0 })
    })
    await agent.close()
  }
}
