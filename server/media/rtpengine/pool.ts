import { randomBytes } from 'node:crypto'
import type { RtpengineSettings } from '../../../config/index.ts'
import type { Clock } from '../../../engine/index.ts'
import type { MediaCommand, MediaCommandResult, MediaPort, MediaServerState, MediaSession } from '../media-port.ts'
import { DigitListener, type PressedDigit } from './digit-listener.ts'
import { RtpengineServer } from './server.ts'
import { RtpengineSession } from './session.ts'

export interface RtpengineParts {
  settings: Omit<RtpengineSettings, 'kind'>
  /** The name of this process: its sessions on rtpengine have it. */
  nodeName: string
  clock: Clock
  /** A server has gone down or is back. */
  changed: (state: MediaServerState) => void
}

/** The rtpengines of `RTPENGINE`: a new session is on the least loaded one that answers. */
export class Rtpengines implements MediaPort {
  readonly kind = 'rtpengine'
  readonly fallback: MediaPort['fallback']
  readonly servers: readonly RtpengineServer[]
  readonly #counts = new Map<`${MediaCommand} ${MediaCommandResult}`, number>()
  readonly #prefix: string
  readonly #digitsAt: RtpengineSettings['digits']
  #digits: DigitListener | undefined
  #opened = 0

  constructor({ settings, nodeName, clock, changed }: RtpengineParts) {
    this.#digitsAt = settings.digits
    const nodePrefix = `baton-${nodeName}-`
    const prefix = (this.#prefix = `${nodePrefix}${randomBytes(6).toString('hex')}-`)
    const { timeoutMs } = settings
    this.fallback = settings.fallback
    this.servers = settings.servers.map(
      (address) =>
        new RtpengineServer({
          ...{ address, clock, timeoutMs, prefix, nodePrefix, changed },
          counted: (command, result) => {
            const key = `${command} ${result}` as const
            this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1)
          },
        }),
    )
  }

  static async open(parts: RtpengineParts): Promise<Rtpengines> {
    const pool = new Rtpengines(parts)
    await pool.start()

    return pool
  }

  /** Resolves when each server has been asked once, answered or not. Rejects when RTPENGINE_DIGITS cannot be listened at. */
  async start(): Promise<void> {
    if (this.#digitsAt) {
      this.#digits = await DigitListener.open(this.#digitsAt, (digit) => {
        this.#pressed(digit)
      })
    }
    await Promise.all(this.servers.map((server) => server.start()))
  }

  open(name: string): MediaSession | undefined {
    let chosen: RtpengineServer | undefined
    for (const server of this.servers) {
      if (server.isUp && (!chosen || server.sessions < chosen.sessions)) chosen = server
    }
    if (!chosen) return undefined
    const session = new RtpengineSession(`${this.#prefix}${++this.#opened}-${name}`, chosen)
    chosen.add(session)

    return session
  }

  get problem(): string | undefined {
    const down = this.servers.filter(({ isUp }) => !isUp)
    if (down.length === 0) return undefined

    return down.map(({ name, problem = '' }) => `rtpengine ${name}: ${problem}`).join('; ')
  }

  get counts(): MediaPort['counts'] {
    return this.#counts
  }

  async close(): Promise<void> {
    this.#digits?.close()
    await Promise.all(this.servers.map((server) => server.close()))
  }

  #pressed({ callId, tag, digit }: PressedDigit): void {
    for (const server of this.servers) server.session(callId)?.pressed(tag, digit)
  }
}
