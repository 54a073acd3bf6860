import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { until } from './until.ts'
import { rawSession } from './raw-call.ts'

const session = rawSession(4000)

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
  readonly #socket: Socket
  readonly #byes = new Set<string>()
  #called = 0
  readonly #losesByeOf: (nth: number) => boolean

  /** @param losesByeOf which of the BYEs, by their number, are lost when they come first */
  static async open(losesByeOf: (nth: number) => boolean = () => false): Promise<Crowd> {
    const socket = createSocket({ type: 'udp4', recvBufferSize: 4 * 1024 * 1024 })
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')

    return new Crowd(socket, losesByeOf)
  }

  private constructor(socket: Socket, losesByeOf: (nth: number) => boolean) {
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
    for (let nth = 0; nth < count; nth++) {
      const callId = `crowd-${this.#address}-${this.#called++}`
      const invite = this.#request('INVITE', `sip:${number}@${target}`, callId, `<sip:${number}@${target}>`, {
        body: session,
      })
      const settled = this.#settled + 1
      this.#send(invite, Number(port))
      // A few at a time are on their way.
      if (nth % 20 === 19) await until('the calls so far are settled', () => this.#isSettled(settled))
    }
    await until('the calls so far are settled', () => this.#isSettled(before + count))
  }

  close(): void {
    this.#socket.close()
  }

  get #address(): string {
    return `127.0.0.1:${this.#socket.address().port}`
  }

  get #settled(): number {
    return this.answered.size + this.refused.size
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
      if (method === 'INVITE') this.#final(text, callId, Number(status), port)
    } else if (method === 'INVITE') {
      this.answered.add(callId)
      this.#respond(text, port, session)
    } else if (method === 'BYE') this.#bye(text, callId, port)
  }

  #final(text: string, callId: string, status: number, port: number): void {
    if (status < 200) return
    if (status < 300) this.answered.add(callId)
    else this.refused.set(callId, status)
    const [, uri = `sip:127.0.0.1:${port}`] = /<([^>]*)>/.exec(header(text, 'Contact')) ?? []
    // RFC 3261 17.1.1.3: the ACK of a refusal is of the INVITE's transaction, and has its branch.
    const branch = status < 300 ? `${callId}-ack` : callId
    this.#send(this.#request('ACK', uri, callId, header(text, 'To'), { branch }), port)
  }

  #bye(text: string, callId: string, port: number): void {
    if (!this.#byes.has(callId)) {
      this.#byes.add(callId)
      if (this.#losesByeOf(this.#byes.size)) return
    } else this.repeated += 1
    this.released.add(callId)
    this.#respond(text, port)
  }

  #request(method: string, uri: string, callId: string, to: string, { body = '', branch = callId } = {}): string {
    const lines = [
      `${method} ${uri} SIP/2.0`,
      `Via: SIP/2.0/UDP ${this.#address};branch=z9hG4bK${branch};rport`,
      `From: <sip:+14155550123@${this.#address}>;tag=crowd`,
      ...[`To: ${to}`, `Call-ID: ${callId}`, `CSeq: 1 ${method}`, 'Max-Forwards: 70'],
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
    this.#socket.send(text, port, '127.0.0.1')
  }
}

function header(text: string, name: string): string {
  return new RegExp(`^${name}: *(.*)$`, 'im').exec(text)?.[1]?.trim() ?? ''
}
