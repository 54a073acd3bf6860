import type { Socket } from 'node:net'
import type { Clock, Timer } from '../transaction/index.ts'
import type { Attempts } from './attempts.ts'
import { type ClientMessage, parseClientMessage } from './client-messages.ts'
import { errorTexts } from './error-texts.ts'
import type { ServerLog } from './log.ts'
import { FrameReader, maxPayload, maxPayloadBeforeAuthentication } from './frames.ts'
import { Outbox, type Outboxes } from './outbox.ts'
import { no, nok, ok } from './server-messages.ts'

/** How long a client may take to authenticate. Milliseconds. */
const authenticationTimeout = 5_000

const closedByApplication = 'closed by the application'

/** What is said by an authenticated client. */
export type Command = Exclude<ClientMessage, { kind: 'authenticate' | 'ping' | 'invalid' }>

/** Who serves clients. */
export interface ClientUser {
  readonly clock: Clock
  readonly attempts: Attempts
  readonly log: ServerLog | undefined
  readonly outboxes: Outboxes
  /** What an authenticated client is told: where we listen for SIP, the version, and so on. */
  greeting(): readonly string[]
  authenticated(client: Client): void
  command(client: Client, command: Command): void
  /** A method of the user threw: a defect of ours, which ends nothing. */
  defect(error: unknown): void
  /** Once, for a client that had authenticated. */
  gone(client: Client): void
}

/** One application process: its connection, whoever made it. Says nothing and does nothing before it has authenticated. */
export class Client {
  /** `host:port` of its end. */
  readonly name: string
  tags: ReadonlySet<string> = new Set()
  /** Whether it is told of the 100 of its INVITEs: an extension that it asks for by `route|trying`. */
  wantsTrying = false
  readonly #user: ClientUser
  readonly #socket: Socket
  readonly #address: string
  readonly #outbox: Outbox
  readonly #reader = new FrameReader(maxPayloadBeforeAuthentication, (payload) => this.#receive(payload))
  readonly #onAuthenticated: (() => void) | undefined
  #deadline: Timer | undefined
  #state: 'new' | 'authenticated' | 'closed' = 'new'
  #end = closedByApplication

  constructor(user: ClientUser, socket: Socket, onAuthenticated?: () => void) {
    this.#user = user
    this.#onAuthenticated = onAuthenticated
    this.#socket = socket
    this.#address = socket.remoteAddress ?? ''
    this.name = `${this.#address}:${socket.remotePort ?? 0}`
    this.#outbox = new Outbox(socket, user.outboxes, () => this.#destroy('it does not read what it is sent'))
    this.#deadline = user.clock.after(authenticationTimeout, () => this.#destroy('it has not authenticated in time'))
    socket.setNoDelay(true)
    socket.on('data', (chunk) => this.#read(chunk))
    socket.on('error', (error) => (this.#end = error.message))
    socket.on('close', () => this.#gone())
  }

  get isAuthenticated(): boolean {
    return this.#state === 'authenticated'
  }

  /** Why the connection is gone. */
  get end(): string {
    return this.#end
  }

  /** Queues a payload; those of one turn of the event loop leave together. Nothing happens once the client is gone. */
  send(payload: string): void {
    if (this.#state === 'closed') return
    this.#outbox.send(payload)
    this.#trace('to an application', payload)
  }

  /** Sends what is queued and closes the connection. */
  close(): void {
    this.#outbox.end()
    this.#socket.destroySoon()
    this.#gone()
  }

  #read(chunk: Buffer): void {
    if (this.#state === 'closed') return
    const problem = this.#reader.push(chunk)
    // drachtio-server's words, and with them the end: where the next frame begins is unknown.
    if (problem !== undefined) this.#refuse('', errorTexts.invalidFormat)
  }

  #receive(payload: string): void {
    if (this.#state === 'closed') return
    const message = parseClientMessage(payload)
    if (message.kind !== 'authenticate') this.#trace('from an application', payload)
    if (message.kind === 'authenticate') this.#authenticate(message.id, message.secret, message.tags)
    else if (this.#state === 'new') this.#refuse(message.id, errorTexts.notAuthenticated)
    else if (message.kind === 'invalid') this.#refuse(message.id, message.problem)
    else if (message.kind === 'ping') this.send(ok(message.id, 'pong'))
    else this.#obey(message)
  }

  #obey(command: Command): void {
    try {
      this.#user.command(this, command)
    } catch (error) {
      this.#user.defect(error)
      this.send(nok(command.id, errorTexts.defect))
    }
  }

  #authenticate(id: string, secret: string, tags: readonly string[]): void {
    const { attempts } = this.#user
    const verdict = attempts.judge(this.#address, secret)
    if (verdict === 'wrong') this.#refuse(id, errorTexts.incorrectSecret)
    // Somebody who guesses waits for the deadline.
    if (verdict !== 'right') return
    this.tags = new Set(tags)
    this.send(ok(id, ...this.#user.greeting()))
    if (this.#state === 'authenticated') return
    this.#deadline?.cancel()
    this.#reader.limit = maxPayload
    this.#state = 'authenticated'
    this.#onAuthenticated?.()
    this.#user.authenticated(this)
  }

  #refuse(id: string, problem: string): void {
    this.send(no(id, problem))
    this.#end = `refused: ${problem}`
    this.close()
  }

  #destroy(why: string): void {
    this.#end = why
    this.#socket.destroy()
  }

  /** The first line of a frame: what is below it is a SIP message, which the log has as it was on the wire. */
  #trace(message: string, payload: string): void {
    const { log } = this.#user
    if (log?.writes('debug')) log.debug(message, { application: this.name, frame: payload.split(/[\r\n]/, 1)[0] })
  }

  #tellUnauthenticated(): void {
    const { log } = this.#user
    const entry = ['a connection has not authenticated', { from: this.name, why: this.#end }] as const
    // Probes of load balancers connect and close.
    if (this.#end === closedByApplication) log?.info(...entry)
    else log?.warn(...entry)
  }

  #gone(): void {
    if (this.#state === 'closed') return
    const wasAuthenticated = this.#state === 'authenticated'
    if (!wasAuthenticated) this.#tellUnauthenticated()
    this.#outbox.forget()
    this.#state = 'closed'
    this.#deadline?.cancel()
    if (wasAuthenticated) this.#user.gone(this)
  }
}
