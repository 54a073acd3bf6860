import type { MediaPort, MediaResult, MediaSession } from '../../../server/media/media-port.ts'
import type { MediaSide, MediaStatistics } from '../../../server/media/media-statistics.ts'

const done: MediaResult<undefined> = { value: undefined }

/** A session of a scripted media server: it marks the descriptions that pass, and keeps the commands. */
export class ScriptedSession implements MediaSession {
  readonly server: string
  readonly callId = 'session'
  readonly commands: string[] = []
  onDigit: MediaSession['onDigit'] = () => undefined
  onLost: MediaSession['onLost'] = () => undefined
  /** What is answered to offers and answers; the marked description when undefined. */
  problem: string | undefined
  statistics: MediaStatistics = {}
  isClosed = false

  constructor(server: string, problem?: string) {
    this.server = server
    this.problem = problem
  }

  offer(from: MediaSide, sdp: string, terms: object = {}): Promise<MediaResult<string>> {
    return this.#describe(`offer ${from} ${JSON.stringify(terms)}`, sdp)
  }

  answer(from: MediaSide, sdp: string): Promise<MediaResult<string>> {
    return this.#describe(`answer ${from}`, sdp)
  }

  play(to: MediaSide): Promise<MediaResult<number>> {
    this.commands.push(`play ${to}`)

    return Promise.resolve({ value: 1000 })
  }

  stopMedia(to: MediaSide): Promise<MediaResult<undefined>> {
    this.commands.push(`stop ${to}`)

    return Promise.resolve(done)
  }

  blockMedia(from: MediaSide, isBlocked: boolean): Promise<MediaResult<undefined>> {
    this.commands.push(`${isBlocked ? 'block' : 'unblock'} ${from}`)

    return Promise.resolve(done)
  }

  record(note: string): Promise<MediaResult<undefined>> {
    this.commands.push(`record ${note}`)

    return Promise.resolve(done)
  }

  stopRecording(): Promise<MediaResult<undefined>> {
    this.commands.push('stop recording')

    return Promise.resolve(done)
  }

  query(): Promise<MediaResult<MediaStatistics>> {
    this.commands.push('query')

    return Promise.resolve({ value: this.statistics })
  }

  close(): Promise<MediaResult<MediaStatistics>> {
    this.isClosed = true

    return Promise.resolve({ value: this.statistics })
  }

  #describe(command: string, sdp: string): Promise<MediaResult<string>> {
    this.commands.push(command)
    const { problem } = this

    return Promise.resolve(problem === undefined ? { value: `${sdp}a=by:${this.server}\r\n` } : { problem })
  }
}

/** A media port whose servers, by name, fail as `problems` says. */
export function scriptedMedia(
  servers: readonly string[],
  { fallback = 'refuse', problems = {} }: { fallback?: MediaPort['fallback']; problems?: Record<string, string> } = {},
): MediaPort & { readonly sessions: ScriptedSession[] } {
  const sessions: ScriptedSession[] = []

  return {
    kind: 'rtpengine',
    fallback,
    servers: servers.map((name) => ({ name, isUp: true, sessions: 0, problem: undefined })),
    problem: undefined,
    counts: new Map(),
    sessions,
    open() {
      const server = servers[sessions.length % servers.length]
      if (server === undefined) return undefined
      const session = new ScriptedSession(server, problems[server])
      sessions.push(session)

      return session
    },
    start: () => Promise.resolve(),
    close: () => Promise.resolve(),
  }
}
