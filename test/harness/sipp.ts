import { spawn, type ChildProcess } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

import type { Baton } from './baton.ts'
import { programPath } from './needs.ts'
import { freePort, listening } from './ports.ts'
import { parseTrace, Trace, type TracedMessage } from './sip-trace.ts'

/** A party that SIPp plays. */
export interface Part {
  /** A file of sipp-scenarios/, without its ending. */
  scenario: string
  /** Milliseconds that its pauses take (-d). */
  pause?: number
  /** It goes on after its last pause, such as to hang up, when this resolves; as the first caller or the destination, over UDP. */
  until?: (call: { id: string; baton: Baton }) => Promise<unknown>
  /** Values of [name] in the scenario (-key). */
  keys?: Record<string, string>
  /** What it answers a challenge with (-au, -ap). */
  login?: { username: string; password: string }
  transport?: 'udp' | 'tcp'
  /** Where it calls from or listens; 127.0.0.1. */
  address?: string
  /** The port that it listens on, where a test must know it beforehand; any free port otherwise. */
  port?: number
  /** Its messages cross those of the other side: what comes while it cannot take it may stay unanswered. */
  lenient?: boolean
  /** It also takes calls, as that scenario says, while its own one is played; both know each other's global variables. */
  takes?: string
  /** How many calls it plays, ten beginning each second; 1. */
  calls?: number
  /** Seconds after which it gives up; 30. It counts from its start, also when it waits for calls. */
  timeoutSeconds?: number
}

/** One SIPp process that plays one call, or as many as its part says. */
export class Sipp {
  readonly part: Part
  readonly port: number
  /** Resolves when the scenario went as written; otherwise rejects with what did not. */
  readonly done: Promise<void>
  readonly #child: ChildProcess
  readonly #folder: string

  /** A party that waits for a call; it listens when this resolves. */
  static async answering(part: Part): Promise<Sipp> {
    const sipp = new Sipp(part, part.port ?? (await freePort(part.address)), [])
    const failed = sipp.done.then(() => Promise.reject(new Error(`${part.scenario} ended before it began`)))
    await listening(part.transport ?? 'udp', sipp.port, failed)

    return sipp
  }

  /** An agent that takes a call and then makes one of its own, to `user` at `target`; it listens when this resolves. */
  static async consulting(part: Part, user: string, target: string): Promise<Sipp> {
    const sipp = await Sipp.calling(part, user, target)
    const failed = sipp.done.then(() => Promise.reject(new Error(`${part.scenario} ended before it began`)))
    await listening(part.transport ?? 'udp', sipp.port, failed)

    return sipp
  }

  /** A party that calls a number at `target` (`address:port`). */
  static async calling(part: Part, number: string, target: string): Promise<Sipp> {
    return new Sipp(part, await freePort(part.address), ['-s', number, target])
  }

  private constructor(part: Part, port: number, args: readonly string[]) {
    this.part = part
    this.port = port
    this.#folder = mkdtempSync(join(tmpdir(), 'baton-sipp-'))
    this.#child = spawn(programPath('sipp') ?? 'sipp', [...this.#options(), ...args], {
      cwd: this.#folder,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    this.done = this.#ended()
    // A test that awaits it gets the error; a test need not await it.
    this.done.catch(() => undefined)
  }

  get uri(): string {
    const transport = this.part.transport === 'tcp' ? ';transport=tcp' : ''

    return `sip:${this.part.address ?? '127.0.0.1'}:${this.port}${transport}`
  }

  /** What it sent and received so far. */
  trace(): Trace {
    return new Trace(parseTrace(this.#read('messages')).filter(({ name }) => name !== 'CUE'))
  }

  /** Has it go on after its last pause: see `Part.until`. */
  async cue(callId: string): Promise<void> {
    const socket = createSocket('udp4')
    const isOver = Promise.race([this.done, once(this.#child, 'exit')]).catch(() => undefined)
    for (let cseq = 1; this.#child.exitCode === null && this.#child.signalCode === null; cseq++) {
      const cue = cueLines(this.uri, callId, cseq).join('\r\n')
      socket.send(cue, this.port, this.part.address ?? '127.0.0.1')
      // It may have something to do before that pause.
      await Promise.race([isOver, delay(100)])
    }
    socket.close()
  }

  /** Ends the process if it still runs and removes what it wrote. Idempotent. */
  async close(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.done.catch(() => undefined)
    rmSync(this.#folder, { recursive: true, force: true })
  }

  /** Its scenario's file; with a cue in the place of the last pause, one of its own. */
  #scenario(): string {
    const file = resolve('sipp-scenarios', `${this.part.scenario}.xml`)
    if (!this.part.until) return file
    const text = readFileSync(file, 'utf8')
    const at = text.lastIndexOf('<pause/>')
    const cued = join(this.#folder, 'scenario.xml')
    writeFileSync(cued, `${text.slice(0, at)}<recv request="CUE"/>${text.slice(at + '<pause/>'.length)}`)

    return cued
  }

  #options(): string[] {
    const { pause = 0, keys = {}, transport, address = '127.0.0.1', calls = 1, login, takes } = this.part

    return [
      ...['-sf', this.#scenario(), '-m', `${calls}`, '-r', '10', '-d', `${pause}`],
      ...['-i', address, '-bind_local', '-p', `${this.port}`, '-t', transport === 'tcp' ? 't1' : 'u1'],
      // One message at a time, or it calls a second one unexpected while it has still to answer the first.
      ...['-max_recv_loops', '1'],
      // Without `@`, a Call-ID can stand in a URI as it is.
      ...(takes === undefined ? [] : ['-oocsf', resolve('sipp-scenarios', `${takes}.xml`), '-cid_str', '%u-%p']),
      ...['-nostdin', '-timeout', `${this.part.timeoutSeconds ?? 30}`, '-timeout_error'],
      ...['-trace_msg', '-message_file', 'messages', '-trace_err', '-error_file', 'errors'],
      // It knows the last message when that comes again, but gives up at an older one: see #unexpected().
      ...['-default_behaviors', 'all,-abortunexp'],
      ...(login ? ['-au', login.username, '-ap', login.password] : []),
      ...Object.entries(keys).flatMap(([name, value]) => ['-key', name, value]),
    ]
  }

  #ended(): Promise<void> {
    let output = ''
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => (output += text))

    return new Promise((done, reject) => {
      this.#child.once('error', reject)
      this.#child.once('exit', (code, signal) => {
        const [unexpected] = code === 0 && !this.part.lenient ? this.#unexpected() : []
        if (code === 0 && !unexpected) done()
        else reject(new Error(this.#failure(unexpected ?? signal ?? `exit code ${code}`, output)))
      })
    })
  }

  /**
   * What it did not expect, but for what came twice: a busy machine repeats any message, and what is repeated comes once
   * more, or takes the place of the next one of its method or status.
   */
  #unexpected(): string[] {
    const received = this.trace().all.filter(({ direction }) => direction === 'received')
    const kindOf = ({ name }: TracedMessage) => name.split(' ')[0]
    const texts = new Set<string>()
    const repeated = new Set<string | undefined>()
    for (const message of received) {
      const text = message.text.trim()
      if (texts.has(text)) repeated.add(kindOf(message))
      texts.add(text)
    }
    // SIPp has ways of its own with a BYE or CANCEL that it did not expect.
    const named = [...this.#read('errors').matchAll(/on an unexpected (BYE|CANCEL) /g)].map(([, method]) => method)

    return received
      .filter(({ name, isUnexpected }) => isUnexpected || named.includes(name))
      .filter((message) => !repeated.has(kindOf(message)))
      .map(({ startLine }) => `did not expect ${startLine}`)
  }

  #failure(how: string, output: string): string {
    const said = this.trace()
      .lines.map((line) => `    ${line}`)
      .join('\n')

    return `SIPp ${this.part.scenario}: ${how}\n${this.#read('errors') || output}\n  It saw:\n${said}`
  }

  #read(name: string): string {
    const path = join(this.#folder, name)

    return existsSync(path) ? readFileSync(path, 'utf8') : ''
  }
}

/** What no SIP program sends: that it is time to go on. */
const cueLines = (uri: string, callId: string, cseq: number): string[] => [
  `CUE ${uri} SIP/2.0`,
  `Via: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKcue${cseq}`,
  'From: <sip:test@127.0.0.1>;tag=test',
  `To: <${uri}>;tag=party`,
  `Call-ID: ${callId}`,
  `CSeq: ${cseq} CUE`,
  'Content-Length: 0',
  '',
  '',
]
