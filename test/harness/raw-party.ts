import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'

/** A SIP message as it came. */
export interface RawMessage {
  text: string
  startLine: string
  body: string
  /** The first value of a header; '' without one. */
  header(name: string): string
}

/** A party on a bare socket, for what SIPp cannot say: it sends what it is told to, and nothing of its own. */
export class RawParty {
  readonly #socket: Socket
  readonly #target: string
  readonly #got: RawMessage[] = []
  readonly #seen = new Set<string>()
  #wake: (() => void) | undefined

  /**
   * @param target `address:port` that it sends to
   * @param port its own; any when left out
   * @param host its own address
   */
  static async open(target: string, port = 0, host = '127.0.0.1'): Promise<RawParty> {
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4')
    socket.bind(port, host)
    await once(socket, 'listening')
    // One that a failed test has not closed does not keep the process.
    socket.unref()

    return new RawParty(socket, target)
  }

  private constructor(socket: Socket, target: string) {
    this.#socket = socket
    this.#target = target
    socket.on('message', (data) => {
      const message = read(data.toString('latin1'))
      const key = `${message.startLine} ${message.header('Via')} ${message.header('CSeq')}`
      if (this.#seen.has(key)) return
      this.#seen.add(key)
      this.#got.push(message)
      this.#wake?.()
    })
  }

  get address(): string {
    const { address, port } = this.#socket.address()

    return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
  }

  close(): void {
    this.#socket.close()
  }

  send(lines: readonly string[], body = '', target = this.#target): void {
    const [, address, port] = /^\[?(.+?)\]?:(\d+)$/.exec(target) ?? []
    this.#socket.send([...lines, `Content-Length: ${body.length}`, '', body].join('\r\n'), Number(port), address)
  }

  /** An INVITE of a call of its own. */
  invite(number: string, headers: readonly string[] = [], body = ''): void {
    const id = Math.random().toString(36).slice(2)
    this.send(
      [
        `INVITE sip:${number}@${this.#target} SIP/2.0`,
        `Via: SIP/2.0/UDP ${this.address};branch=z9hG4bK${id};rport`,
        `From: <sip:+14155550123@${this.address}>;tag=${id}`,
        `To: <sip:${number}@${this.#target}>`,
        `Call-ID: ${id}`,
        'CSeq: 1 INVITE',
        `Contact: <sip:${this.address}>`,
        ...headers,
      ],
      body,
    )
  }

  /** Acknowledges a refusal. */
  ack(refusal: RawMessage, number: string): void {
    const copied = ['Via', 'From', 'To', 'Call-ID'].map((name) => `${name}: ${refusal.header(name)}`)
    this.send([`ACK sip:${number}@${this.#target} SIP/2.0`, ...copied, 'CSeq: 1 ACK', 'Max-Forwards: 70'])
  }

  /** Responds to a request at the address in its Via, whichever that is. */
  respondTo(request: RawMessage, status: string, headers: readonly string[] = []): void {
    const [, host = '', port = '5060'] = /^SIP\/2\.0\/UDP ([\d.]+):(\d+)/.exec(request.header('Via')) ?? []
    this.respond(request, status, headers, '', `${host}:${port}`)
  }

  /** Responds to a request. */
  respond(
    request: RawMessage,
    status: string,
    headers: readonly string[] = [],
    body = '',
    target = this.#target,
  ): void {
    const copied = ['Via', 'From', 'Call-ID', 'CSeq'].map((name) => `${name}: ${request.header(name)}`)
    const to = request.header('To')
    this.send(
      [
        `SIP/2.0 ${status}`,
        ...copied,
        `To: ${to}${to.includes(';tag=') ? '' : ';tag=raw'}`,
        ...(headers.some((line) => line.startsWith('Contact:')) ? [] : [`Contact: <sip:${this.address}>`]),
        ...headers,
      ],
      body,
      target,
    )
  }

  /** Sends a request in the dialog that a 2xx to our INVITE has made. */
  inDialog(success: RawMessage, method: string, cseq: number, headers: readonly string[] = [], body = ''): void {
    const contact = success.header('Contact')
    const target = /<([^>]+)>/.exec(contact)?.[1] ?? contact
    const copied = ['From', 'To', 'Call-ID'].map((name) => `${name}: ${success.header(name)}`)
    const via = `Via: SIP/2.0/UDP ${this.address};branch=z9hG4bK${Math.random().toString(36).slice(2)};rport`
    this.send([`${method} ${target} SIP/2.0`, via, ...copied, `CSeq: ${cseq} ${method}`, ...headers], body)
  }

  /** The next message that matches; it is given ten seconds. */
  async next(startLine: RegExp): Promise<RawMessage> {
    const until = Date.now() + 10_000
    for (;;) {
      const at = this.#got.findIndex((message) => startLine.test(message.startLine))
      const [found] = at === -1 ? [] : this.#got.splice(at, 1)
      if (found) return found
      const left = until - Date.now()
      if (left <= 0) throw new Error(`nothing came that matches ${String(startLine)}`)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left)
        this.#wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
  }
}

function read(text: string): RawMessage {
  const end = text.indexOf('\r\n\r\n')
  const [startLine = '', ...lines] = text.slice(0, end).split('\r\n')

  return {
    text,
    startLine,
    body: text.slice(end + 4),
    header: (name) => {
      const line = lines.find((each) => each.toLowerCase().startsWith(`${name.toLowerCase()}:`)) ?? ''

      return line.slice(line.indexOf(':') + 1).trim()
    },
  }
}
