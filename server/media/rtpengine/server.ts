import type { Clock, Timer } from '../../../engine/index.ts'
import type { MediaCommand, MediaCommandResult, MediaServerState, MediaSession } from '../media-port.ts'
import { listOf, textOf, type NgDictionary } from './bencode.ts'
import { NgClient, type NgAddress, type NgAnswer } from './ng-client.ts'

const pingIntervalMs = 2000
const firstBackOffMs = 500
const maxBackOffMs = 30_000
/** The sessions that a server which is down is to delete once it is back. */
const maxLeftovers = 10_000
/** How many sessions `list` gives at most. */
const maxListed = 100_000

/** A session of the server, as the server needs it. */
interface ServedSession extends Pick<MediaSession, 'close'> {
  readonly callId: string
  lose(problem: string): void
  pressed(tag: string, digit: string): void
}

export interface RtpengineServerOptions {
  address: NgAddress
  clock: Clock
  timeoutMs: number
  /** The Call-IDs of this process on rtpengine begin with this, those of earlier runs with a part of it. */
  prefix: string
  nodePrefix: string
  counted: (command: MediaCommand, result: MediaCommandResult) => void
  changed: (state: MediaServerState) => void
}

/** One rtpengine: asked by `ping` whether it is up, and left out with a back-off while it is not. */
export class RtpengineServer implements MediaServerState {
  readonly name: string
  readonly #options: RtpengineServerOptions
  readonly #client: NgClient
  readonly #sessions = new Map<string, ServedSession>()
  readonly #leftovers = new Set<string>()
  #problem: string | undefined = 'it has not been asked yet'
  #failures = 0
  #hasCleared = false
  #timer: Timer | undefined
  #closed = false

  constructor(options: RtpengineServerOptions) {
    const { host, port } = options.address
    this.#options = options
    this.name = `${host.includes(':') ? `[${host}]` : host}:${port}`
    this.#client = new NgClient(options)
  }

  get isUp(): boolean {
    return this.#problem === undefined
  }

  get problem(): string | undefined {
    return this.#problem
  }

  get sessions(): number {
    return this.#sessions.size
  }

  /** Resolves when the first `ping` has ended; the server is asked again from then on. */
  start(): Promise<void> {
    return this.#ping()
  }

  add(session: ServedSession): void {
    this.#sessions.set(session.callId, session)
  }

  forget({ callId }: ServedSession): void {
    this.#sessions.delete(callId)
  }

  session(callId: string): ServedSession | undefined {
    return this.#sessions.get(callId)
  }

  /** A session that could not be deleted is deleted once the server answers again. */
  deleteLater(callId: string): void {
    if (this.#leftovers.size < maxLeftovers) this.#leftovers.add(callId)
  }

  async command(counted: MediaCommand, fields: NgDictionary): Promise<NgAnswer> {
    const answer = await this.#client.command(fields)
    this.#options.counted(counted, answer.result)
    if (answer.result === 'timeout' || answer.result === 'unreachable') this.#fail(answer, counted === 'ping')

    return answer
  }

  /** Deletes the sessions that are left, and stops asking. */
  async close(): Promise<void> {
    this.#closed = true
    this.#timer?.cancel()
    const ends = this.isUp ? [...this.#sessions.values()].map((session) => session.close()) : []
    await Promise.all(ends)
    this.#client.close()
  }

  async #ping(): Promise<void> {
    const answer = await this.command('ping', { command: 'ping' })
    if (this.#closed) return
    if (answer.result === 'ok') this.#succeed()
    else if (answer.result === 'refused') this.#fail(answer, true)
  }

  #succeed(): void {
    const wasDown = !this.isUp
    this.#failures = 0
    this.#problem = undefined
    this.#askAfter(pingIntervalMs)
    if (wasDown) this.#options.changed(this)
    if (wasDown) this.#clear().catch(() => undefined)
  }

  /** A command that is not answered has the server asked at once; a `ping` that is not answered ends its sessions. */
  #fail({ problem, result }: Exclude<NgAnswer, { result: 'ok' }>, isPing: boolean): void {
    if (this.#closed) return
    const wasUp = this.isUp
    this.#problem = problem
    if (wasUp) this.#options.changed(this)
    if (isPing || result === 'unreachable') {
      for (const session of [...this.#sessions.values()]) session.lose(`rtpengine ${this.name}: ${problem}`)
    }
    if (isPing) this.#askAfter(Math.min(firstBackOffMs * 2 ** this.#failures++, maxBackOffMs))
    else if (wasUp) this.#askAfter(0)
  }

  #askAfter(ms: number): void {
    this.#timer?.cancel()
    this.#timer = this.#options.clock.after(ms, () => {
      this.#ping().catch(() => undefined)
    })
  }

  /** Deletes what a server that is back still has: sessions whose end it has not heard, and those of a Baton that crashed. */
  async #clear(): Promise<void> {
    const { prefix, nodePrefix } = this.#options
    if (!this.#hasCleared) {
      const listed = await this.command('list', { command: 'list', limit: String(maxListed) })
      if (listed.result !== 'ok') return
      this.#hasCleared = true
      for (const callId of listOf(listed.answer.calls).map(textOf)) {
        if (callId.startsWith(nodePrefix) && !callId.startsWith(prefix)) this.deleteLater(callId)
      }
    }
    for (const callId of this.#leftovers) {
      const done = await this.command('delete', { command: 'delete', 'call-id': callId, 'from-tag': 'caller' })
      if (done.result === 'timeout' || done.result === 'unreachable') return
      this.#leftovers.delete(callId)
    }
  }
}
