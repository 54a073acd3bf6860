import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { until } from './until.ts'
import { rawSession } from './raw-call.ts'

const session = rawSession(4000)
/** How often what has had no response is sent again. */
const repeatMs = 500
/** How often calls of a stream begin that are due. */
const tickMs = 10

/** Calls that begin at an even pace and hang up by themselves. */
interface Stream {
  perSecond: number
  stop: AbortSignal
  /** The longest call; others take from half of it. */
  holdMs: number
}

/** Where a crowd is. */
interface Place {
  /** The address of its socket. */
  address: string
  /** The address of the Baton that its messages go to. */
  baton: string
}

const loopback: Place = { address: '127.0.0.1', baton: '127.0.0.1' }

/** Many callers, or many agents, on one UDP socket: they answer INVITE and BYE, and acknowledge. */
export class Crowd {
  /** Call-IDs of dialogs that were answered, by either side. */
  readonly answered = new Set<string>()
  /** Call-IDs of dialogs that had a BYE, which has been answered. */
  readonly released = new Set<string>()
  /** Statuses of final responses beyond 2xx, by Call-ID. */
  readonly refused = new Map<string, number>()
  /** BYEs that came again. */
  repeated = 0
  /** BYEs of a dialog that had had one, each a request of its own and no repetition (RFC 3261 17.1.2). */
  releasedAgain = 0
  /** The most calls that were up at once. */
  peak = 0
  /** When calls were answered, by `performance.now()`. */
  readonly answeredAt: number[] = []
  /** Requests that have had no response, by Call-ID. */
  readonly #open = new Map<string, { method: string; text: string; port: number }>()
  /** Calls of streams that are still to hang up: how long each takes, by Call-ID. */
  readonly #holds = new Map<string, number>()
  /** Calls that it made and that are up: where their BYE goes, by Call-ID. */
  readonly #up = new Map<string, { uri: string; to: string; port: number }>()
  readonly #byeStatuses = new Map<string, number>()
  readonly #socket: Socket
  /** The Via of each dialog's BYE, by Call-ID. */
  readonly #byes = new Map<string, string>()
  readonly #timers = new Set<NodeJS.Timeout>()
  #called = 0
  /** How many of the calls that it made have a final response. */
  #settled = 0
  #isClosed = false
  readonly #losesByeOf: (nth: number) => boolean
  readonly #place: Place

  /** @param losesByeOf which of the BYEs, by their number, are lost when they come first */
  static async open(losesByeOf: (nth: number) => boolean = () => false, place = loopback): Promise<Crowd> {
    const socket = createSocket({ type: 'udp4', recvBufferSize: 4 * 1024 * 1024 })
    socket.bind(0, place.address)
    await once(socket, 'listening')
    // One that a failed test has not closed does not keep the process.
    socket.unref()

    return new Crowd(socket, losesByeOf, place)
  }

  private constructor(socket: Socket, losesByeOf: (nth: number) => boolean, place: Place) {
    this.#place = place
    this.#socket = socket
    this.#losesByeOf = losesByeOf
    socket.on('message', (data, { port }) => this.#receive(data.toString('latin1'), port))
  }

  get uri(): string {
    return `sip:crowd@${this.#address}`
  }

  /**
   * Calls a number so often, each call once the one before has been answered or refused.
   * @param target `address:port`
   */
  async call(count: number, number: string, target: string): Promise<void> {
    const [, port = ''] = target.split(':')
    const before = this.#settled
    const repeats = this.#repeat()
    for (let nth = 0; nth < count; nth++) {
      const callId = `crowd-${this.#address}-${this.#called++}`
      const invite = this.#request('INVITE', `sip:${number}@${target}`, callId, `<sip:${number}@${target}>`, {
        body: session,
      })
      const settled = this.#settled + 1
      this.#ask(invite, callId, Number(port))
      // A few at a time are on their way.
      if (nth % 20 === 19) await until('the calls so far are settled', () => this.#isSettled(settled))
    }
    await until('the calls so far are settled', () => this.#isSettled(before + count))
    clearInterval(repeats)
  }

  /**
   * Calls the numbers in turn until it is told to stop. Resolves with the number of calls when each has been refused, or has
   * been answered and has hung up.
   * @param target the `address:port` of the next call
   */
  async stream(numbers: readonly string[], target: () => string, { perSecond, holdMs, stop }: Stream): Promise<number> {
    const from = performance.now()
    let begun = 0
    const begin = (): void => {
      const due = Math.floor(((performance.now() - from) * perSecond) / 1000)
      for (; begun < due; begun++) {
        const number = numbers[begun % numbers.length] ?? ''
        const at = target()
        const callId = `crowd-${this.#address}-${this.#called++}`
        this.#holds.set(callId, holdMs * (0.5 + (begun % 11) / 20))
        const to = `<sip:${number}@${at}>`
        const invite = this.#request('INVITE', `sip:${number}@${at}`, callId, to, { body: session })
        this.#ask(invite, callId, Number(at.split(':')[1]))
      }
    }
    const ticks = this.#every(tickMs, begin)
    const repeats = this.#repeat()
    await new Promise((resolve) => {
      stop.addEventListener('abort', resolve, { once: true })
    })
    clearInterval(ticks)
    await until('all calls have ended', () => {
      if (this.#open.size + this.#holds.size === 0) return true
      throw new Error(`${this.#open.size} requests have no response, and ${this.#holds.size} calls no end`)
    })
    clearInterval(repeats)

    return begun
  }

  /** The statuses of its BYEs, by Call-ID. */
  get byeStatuses(): ReadonlyMap<string, number> {
    return this.#byeStatuses
  }

  /** Hangs up every call that it made and that is up. Resolves with the status of each BYE, by Call-ID. */
  async hangUp(): Promise<ReadonlyMap<string, number>> {
    const calls = [...this.#up]
    this.#up.clear()
    const repeats = this.#repeat()
    for (const [nth, [callId, { uri, to, port }]] of calls.entries()) {
      this.#ask(this.#request('BYE', uri, callId, to, { branch: `${callId}-bye`, cseq: 2 }), callId, port)
      if (nth % 50 === 49) await new Promise((resolve) => setTimeout(resolve, 5))
    }
    await until('every BYE is answered', () => calls.every(([callId]) => this.#byeStatuses.has(callId)), 30)
    clearInterval(repeats)

    return this.#byeStatuses
  }

  /** Idempotent. */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    for (const timer of this.#timers) clearTimeout(timer)
    this.#socket.close()
  }

  get #address(): string {
    return `${this.#place.address}:${this.#socket.address().port}`
  }

  #isSettled(count: number): void {
    if (this.#settled < count) throw new Error(`${this.#settled} of ${count} calls have a final response`)
  }

  #receive(text: string, port: number): void {
    const [startLine = ''] = text.split('\r\n', 1)
    const callId = header(text, 'Call-ID')
    const [, method = ''] = header(text, 'CSeq').split(' ')
    const [, status] = /^SIP\/2\.0 (\d+)/.exec(startLine) ?? []
    if (status !== undefined) {
      if (this.#open.get(callId)?.method === method) this.#open.delete(callId)
      if (method === 'INVITE') this.#final(text, callId, Number(status), port)
      else if (method === 'BYE' && Number(status) >= 200) this.#byeStatuses.set(callId, Number(status))
    } else if (method === 'INVITE') {
      if (!this.answered.has(callId)) this.answeredAt.push(performance.now())
      this.answered.add(callId)
      this.peak = Math.max(this.peak, this.answered.size - this.released.size)
      this.#respond(text, port, session)
    } else if (method === 'BYE') this.#bye(text, callId, port)
    else if (method === 'OPTIONS') this.#respond(text, port)
  }

  #final(text: string, callId: string, status: number, port: number): void {
    if (status < 200) return
    const isFirst = !this.answered.has(callId) && !this.refused.has(callId)
    if (isFirst) this.#settled += 1
    if (status < 300) {
      this.answered.add(callId)
      this.#up.set(callId, { uri: contactOf(text) ?? `sip:${this.#place.baton}:${port}`, to: header(text, 'To'), port })
    } else this.refused.set(callId, status)
    const uri = contactOf(text) ?? `sip:${this.#place.baton}:${port}`
    // RFC 3261 17.1.1.3: the ACK of a refusal is of the INVITE's transaction, and has its branch.
    const branch = status < 300 ? `${callId}-ack` : callId
    this.#send(this.#request('ACK', uri, callId, header(text, 'To'), { branch }), port)
    const hold = this.#holds.get(callId)
    if (status >= 300) this.#holds.delete(callId)
    else if (isFirst && hold !== undefined) {
      const timer = setTimeout(() => {
        this.#timers.delete(timer)
        this.#holds.delete(callId)
        const how = { branch: `${callId}-bye`, cseq: 2 }
        this.#ask(this.#request('BYE', uri, callId, header(text, 'To'), how), callId, port)
      }, hold)
      this.#timers.add(timer)
    }
  }

  /** Sends again what has had no response, until the timer is cleared (RFC 3261 17.1.1.2). */
  #repeat(): NodeJS.Timeout {
    return this.#every(repeatMs, () => {
      for (const { text, port } of this.#open.values()) this.#send(text, port)
    })
  }

  #every(ms: number, act: () => void): NodeJS.Timeout {
    const timer = setInterval(act, ms)
    this.#timers.add(timer)

    return timer
  }

  /** Sends a request again and again until it has a response. */
  #ask(text: string, callId: string, port: number): void {
    const [method = ''] = text.split(' ', 1)
    this.#open.set(callId, { method, text, port })
    this.#send(text, port)
  }

  #bye(text: string, callId: string, port: number): void {
    const via = header(text, 'Via')
    const first = this.#byes.get(callId)
    if (first === undefined) {
      this.#byes.set(callId, via)
      if (this.#losesByeOf(this.#byes.size)) return
    } else {
      this.repeated += 1
      if (via !== first) this.releasedAgain += 1
    }
    this.released.add(callId)
    this.#respond(text, port)
  }

  #request(
    method: string,
    uri: string,
    callId: string,
    to: string,
    { body = '', branch = callId, cseq = 1 } = {},
  ): string {
    const lines = [
      `${method} ${uri} SIP/2.0`,
      `Via: SIP/2.0/UDP ${this.#address};branch=z9hG4bK${branch};rport`,
      `From: <sip:+14155550123@${this.#address}>;tag=crowd`,
      ...[`To: ${to}`, `Call-ID: ${callId}`, `CSeq: ${cseq} ${method}`, 'Max-Forwards: 70'],
      `Contact: <${this.uri}>`,
      ...(body === '' ? [] : ['Content-Type: application/sdp']),
    ]

    return [...lines, `Content-Length: ${body.length}`, '', body].join('\r\n')
  }

  #respond(request: string, port: number, body = ''): void {
    const to = header(request, 'To')
    const lines = [
      'SIP/2.0 200 OK',
      ...request.split('\r\n').filter((line) => /^(?:Via|From|Call-ID|CSeq|Record-Route):/i.test(line)),
      `To: ${to.includes(';tag=') ? to : `${to};tag=crowd`}`,
      `Contact: <${this.uri}>`,
      ...(body === '' ? [] : ['Content-Type: application/sdp']),
    ]
    this.#send([...lines, `Content-Length: ${body.length}`, '', body].join('\r\n'), port)
  }

  #send(text: string, port: number): void {
    this.#socket.send(text, port, this.#place.baton)
  }
}

const contactOf = (text: string): string | undefined => /<([^>]*)>/.exec(header(text, 'Contact'))?.[1]

function header(text: string, name: string): string {
  return new RegExp(`^${name}: *(.*)$`, 'im').exec(text)?.[1]?.trim() ?? ''
}
