import type { Clock, Timer } from '../../clock/index.ts'
import type { Socket } from 'node:net'
import { createHash, timingSafeEqual } from 'node:crypto'

import { type ApplicationMessage, parseApplicationMessage } from './application-messages.ts'
import { errorTexts, no, nok, ok } from './server-messages.ts'
import type { ServerLog } from '../server-log.ts'
import { FrameReader, maxPayloadBytes, maxUnauthenticatedPayloadBytes, Outbox, type Outboxes } from './frames.ts'
import { BoundedMap } from '../../bounded-map.ts'

/** How long an application may take to authenticate. Milliseconds. */
const authenticationTimeoutMs = 5_000

const closedByApplication = 'closed by the application'

/** What is said by an authenticated application. */
export type Command = Exclude<ApplicationMessage, { kind: 'authenticate' | 'ping' | 'invalid' }>

/** Who serves applications. */
export interface ApplicationUser {
  readonly clock: Clock
  readonly secretCheck: SecretCheck
  readonly log: ServerLog | undefined
  readonly outboxes: Outboxes
  /** What an authenticated application is told: where we listen for SIP, the version, and so on. */
  greeting(): readonly string[]
  authenticated(application: Application): void
  command(application: Application, command: Command): void
  /** A method of the user threw: a defect of ours, which ends nothing. */
  defect(error: unknown): void
  /** Once, for an application that had authenticated. */
  gone(application: Application): void
}

/** One application process: its connection, whoever made it. Says nothing and does nothing before it has authenticated. */
export class Application {
  /** `host:port` of its end. */
  readonly name: string
  tags: ReadonlySet<string> = new Set()
  /** Whether it is told of the 100 of its INVITEs: an extension that it asks for by `route|trying`. */
  wantsTrying = false
  readonly #user: ApplicationUser
  readonly #socket: Socket
  readonly #address: string
  readonly #outbox: Outbox
  readonly #reader = new FrameReader(maxUnauthenticatedPayloadBytes, (payload) => this.#receive(payload))
  readonly #onAuthenticated: (() => void) | undefined
  #deadline: Timer | undefined
  #state: 'new' | 'authenticated' | 'closed' = 'new'
  #end = closedByApplication

  constructor(user: ApplicationUser, socket: Socket, onAuthenticated?: () => void) {
    this.#user = user
    this.#onAuthenticated = onAuthenticated
    this.#socket = socket
    this.#address = socket.remoteAddress ?? ''
    this.name = `${this.#address}:${socket.remotePort ?? 0}`
    this.#outbox = new Outbox(socket, user.outboxes, () => this.#destroy('it does not read what it is sent'))
    this.#deadline = user.clock.after(authenticationTimeoutMs, () => this.#destroy('it has not authenticated in time'))
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

  /** Queues a payload; those of one turn of the event loop leave together. Nothing happens once the application is gone. */
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
    const message = parseApplicationMessage(payload)
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
    const { secretCheck } = this.#user
    const verdict = secretCheck.check(this.#address, secret)
    if (verdict === 'wrong') this.#refuse(id, errorTexts.incorrectSecret)
    // Somebody who guesses waits for the deadline.
    if (verdict !== 'right') return
    this.tags = new Set(tags)
    this.send(ok(id, ...this.#user.greeting()))
    if (this.#state === 'authenticated') return
    this.#deadline?.cancel()
    this.#reader.limit = maxPayloadBytes
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

/** After so many wrong secrets from one address within a minute, the next are not even answered. */
const maxFailures = 20
const failureMemoryMs = 60_000
const maxAddresses = 1000

/** Compares secrets, and slows down those who guess them. */
export class SecretCheck {
  readonly #secret: Buffer
  readonly #clock: Clock
  readonly #failures = new BoundedMap<{ count: number; since: number }>(maxAddresses)

  constructor(secret: string, clock: Clock) {
    // What applications send is a binary string; so is this.
    this.#secret = digest(Buffer.from(secret, 'utf8').toString('latin1'))
    this.#clock = clock
  }

  /** `silence`: wrong once too often. A right secret is never held against its address. */
  check(address: string, secret: string): 'right' | 'wrong' | 'silence' {
    if (timingSafeEqual(digest(secret), this.#secret)) return 'right'

    return this.#fail(address) > maxFailures ? 'silence' : 'wrong'
  }

  #fail(address: string): number {
    const now = this.#clock.now()
    const known = this.#failures.get(address)
    if (known && now - known.since < failureMemoryMs) return (known.count += 1)
    this.#failures.set(address, { count: 1, since: now })

    return 1
  }
}

/** Digests are of one length, which is what comparing in constant time asks for. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text, 'latin1').digest()
}
