import { createHash, timingSafeEqual } from 'node:crypto'
import type { Socket } from 'node:net'
import { BoundedMap } from '../../bounded-map.ts'
import type { Clock, Timer } from '../../clock/index.ts'
import type { ServerLog } from '../server-log.ts'
import { type ApplicationMessage, parseApplicationMessage } from './application-messages.ts'
import { FrameReader, maxPayloadBytes, maxUnauthenticatedPayloadBytes, Outbox, type Outboxes } from './frames.ts'
import { errorTexts, no, nok, ok } from './server-messages.ts'

const authenticationTimeoutMs = 5_000

const closedByApplication = 'closed by the application'

/** A message of an authenticated application. */
export type Command = Exclude<ApplicationMessage, { kind: 'authenticate' | 'ping' | 'invalid' }>

/** Serves the commands of applications. */
export interface ApplicationUser {
  readonly clock: Clock
  readonly secretCheck: SecretCheck
  readonly log: ServerLog | undefined
  readonly outboxes: Outboxes
  /** Fields of the answer to `authenticate`: listeners for SIP, version, extensions. */
  greeting(): readonly string[]
  authenticated(application: Application): void
  command(application: Application, command: Command): void
  /** Logs an exception of `command`; the connection goes on. */
  defect(error: unknown): void
  /** The connection of an authenticated application is closed; called once. */
  disconnected(application: Application): void
}

/** The connection of one application process, which either side may have opened. Only `authenticate` is taken at first. */
export class Application {
  /** The application's `address:port`. */
  readonly name: string
  tags: ReadonlySet<string> = new Set()
  /** Whether the 100 of its INVITEs is delivered, an extension that `route|trying` turns on. */
  wantsTrying = false
  readonly #user: ApplicationUser
  readonly #socket: Socket
  readonly #address: string
  readonly #outbox: Outbox
  readonly #reader = new FrameReader(maxUnauthenticatedPayloadBytes, (payload) => this.#receive(payload))
  readonly #onAuthenticated: (() => void) | undefined
  #deadline: Timer | undefined
  #state: 'new' | 'authenticated' | 'closed' = 'new'
  #closeReason = closedByApplication

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
    socket.on('error', (error) => (this.#closeReason = error.message))
    socket.on('close', () => this.#closed())
  }

  get isAuthenticated(): boolean {
    return this.#state === 'authenticated'
  }

  get closeReason(): string {
    return this.#closeReason
  }

  /** Queues a payload; the payloads of one turn of the event loop are written together. No-op on a closed connection. */
  send(payload: string): void {
    if (this.#state === 'closed') return
    this.#outbox.send(payload)
    this.#trace('to an application', payload)
  }

  /** Writes the queued payloads and closes the connection. */
  close(): void {
    this.#outbox.end()
    this.#socket.destroySoon()
    this.#closed()
  }

  #read(chunk: Buffer): void {
    if (this.#state === 'closed') return
    const problem = this.#reader.push(chunk)
    // The stream cannot be read on: the start of the next frame is unknown. The text is drachtio-server's.
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
    else this.#execute(message)
  }

  #execute(command: Command): void {
    try {
      this.#user.command(this, command)
    } catch (error) {
      this.#user.defect(error)
      this.send(nok(command.id, errorTexts.defect))
    }
  }

  #authenticate(id: string, secret: string, tags: readonly string[]): void {
    const { secretCheck } = this.#user
    const result = secretCheck.check(this.#address, secret)
    if (result === 'wrong') this.#refuse(id, errorTexts.incorrectSecret)
    // After `maxFailures` there is no answer: the connection waits for its deadline.
    if (result !== 'right') return
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
    this.#closeReason = `refused: ${problem}`
    this.close()
  }

  #destroy(reason: string): void {
    this.#closeReason = reason
    this.#socket.destroy()
  }

  /** Logs the first line of a frame. The SIP message below is in the log as it was sent or received. */
  #trace(message: string, payload: string): void {
    const { log } = this.#user
    if (log?.writes('debug')) log.debug(message, { application: this.name, frame: payload.split(/[\r\n]/, 1)[0] })
  }

  #logUnauthenticated(): void {
    const { log } = this.#user
    const entry = ['a connection has not authenticated', { from: this.name, why: this.#closeReason }] as const
    // Load balancers probe the port by connecting and closing.
    if (this.#closeReason === closedByApplication) log?.info(...entry)
    else log?.warn(...entry)
  }

  #closed(): void {
    if (this.#state === 'closed') return
    const wasAuthenticated = this.#state === 'authenticated'
    if (!wasAuthenticated) this.#logUnauthenticated()
    this.#outbox.release()
    this.#state = 'closed'
    this.#deadline?.cancel()
    if (wasAuthenticated) this.#user.disconnected(this)
  }
}

/** Wrong secrets of one address within `failureMemoryMs` that are answered. */
const maxFailures = 20
const failureMemoryMs = 60_000
const maxAddresses = 1000

/** Compares the secrets of applications, and stops answering an address that guesses. */
export class SecretCheck {
  readonly #secret: Buffer
  readonly #clock: Clock
  readonly #failures = new BoundedMap<{ count: number; since: number }>(maxAddresses)

  constructor(secret: string, clock: Clock) {
    // Payloads are binary strings, so the secret is compared as one.
    this.#secret = digest(Buffer.from(secret, 'utf8').toString('latin1'))
    this.#clock = clock
  }

  /** `silence`: wrong, and too often to be answered. A right secret is accepted whatever came before from its address. */
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

/** Digests have one length, as a comparison in constant time requires. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text, 'latin1').digest()
}
