import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { frame, FrameReader } from '../../engine/drachtio/protocol/frames.ts'
import { Happenings } from '../engine/user-agent/two-agents.ts'

/** What an application wants sent. */
export interface Wanted {
  id: string
  transactionId: string
  dialogId: string
  /** A binary string. */
  text: string
}

/**
 * A stand-in for a drachtio server that says what a test wants it to say, and forgets what the original one forgets. It
 * confirms what it is to send and has no SIP side.
 */
export class StandInServer {
  /** `INVITE`, `200 INVITE` …: each is a `Wanted`. */
  readonly log = new Happenings()
  /** Whether requests and responses are confirmed. */
  confirms = true
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #socket: Socket | undefined

  static async start(port = 0): Promise<StandInServer> {
    const standIn = new StandInServer()
    standIn.#server.listen(port, '127.0.0.1')
    await once(standIn.#server, 'listening')

    return standIn
  }

  private constructor() {
    this.#server = createServer((socket) => {
      this.#sockets.add(socket)
      this.#socket = socket
      const reader = new FrameReader(1_000_000, (payload) => this.#receive(payload))
      socket.on('data', (chunk) => void reader.push(chunk))
      socket.on('error', () => undefined)
    })
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** Sends these frames in one piece, as a busy server does. */
  send(...payloads: string[]): void {
    this.#socket?.write(Buffer.from(payloads.map(frame).join(''), 'latin1'))
  }

  /** Confirms that a request was sent. Returns its transaction id. */
  confirm({ id, text }: Wanted): string {
    const transactionId = randomUUID()
    const [head = '', body = ''] = text.split(/\r\n\r\n([^]*)/)
    const method = /^\S+/.exec(text)?.[0] ?? ''
    const lines = head.split('\r\n')
    const has = (name: string): boolean => lines.some((line) => line.toLowerCase().startsWith(`${name}:`))
    const more = [
      'Via: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bK1',
      ...(has('from') ? [] : ['From: <sip:us@127.0.0.1:5060>;tag=ours']),
      ...(has('to') ? [] : ['To: <sip:them@127.0.0.1:5070>;tag=theirs']),
      ...(has('call-id') ? [] : ['Call-ID: call']),
      ...(has('cseq') ? [] : [`CSeq: 7 ${method}`]),
    ]
    const echo = [lines[0], ...more, ...lines.slice(1)].join('\r\n')
    this.send(
      `${randomUUID()}|response|${id}|OK|application|${text.length}|udp|127.0.0.1|5060|00:00:00.000000|${transactionId}|Msg sent:|\r\n${echo}\r\n\r\n${body}`,
    )

    return transactionId
  }

  /** Cuts the connection. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  async close(): Promise<void> {
    this.cut()
    if (!this.#server.listening) return
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #receive(payload: string): void {
    const end = payload.indexOf('\r\n')
    const [id = '', type, first = '', dialogId = ''] = (end < 0 ? payload : payload.slice(0, end)).split('|')
    const text = end < 0 ? '' : payload.slice(end + 2)
    if (type === 'authenticate') this.#authenticate(id, first)
    else if (type !== 'sip') this.send(`${randomUUID()}|response|${id}|OK`)
    else this.#wanted({ id, transactionId: first, dialogId, text })
  }

  #authenticate(id: string, secret: string): void {
    if (secret === 'wrong') this.send(`${randomUUID()}|response|${id}|NO|incorrect secret`)
    else this.send(`${randomUUID()}|response|${id}|OK|udp/127.0.0.1:5060|v0.9.10|udp/127.0.0.1:5060`)
  }

  #wanted(wanted: Wanted): void {
    const { id, transactionId, text } = wanted
    const status = /^SIP\/2\.0 (\d+)/.exec(text)?.[1]
    const method = status === undefined ? /^\S+/.exec(text)?.[0] : /^cseq: *\d+ (\S+)/im.exec(text)?.[1]
    if (this.confirms && status !== undefined) {
      this.send(
        // The original names no transport in a dialog, and where the response has gone, not where from.
        `${randomUUID()}|response|${id}|OK|application|${text.length}||127.0.0.1|5070|00:00:00.000000|${transactionId}|||Msg sent:|\r\n${text.replace('\r\n', `\r\n${viaOfThem}\r\n`)}`,
      )
    }
    this.log.add(status === undefined ? (method ?? '') : `${status} ${method ?? ''}`, wanted)
  }
}

const viaOfThem = 'Via: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK2;rport=5070'

interface Message {
  transactionId?: string
  dialogId?: string
  startLine: string
  cseq: string
  callId?: string
  headers?: string[]
  body?: string
}

/** A frame with a message from the network, of a call between `them` and us. */
export function fromNetwork(message: Message): string {
  const {
    transactionId = randomUUID(),
    dialogId = '',
    startLine,
    cseq,
    callId = 'call',
    headers = [],
    body = '',
  } = message
  const isNew = dialogId === '' && !startLine.startsWith('SIP')
  const text = [
    startLine,
    viaOfThem,
    ...(headers.some((line) => line.startsWith('From:')) ? [] : ['From: <sip:them@127.0.0.1:5070>;tag=theirs']),
    ...(headers.some((line) => line.startsWith('To:'))
      ? []
      : [`To: <sip:us@127.0.0.1:5060>${isNew ? '' : ';tag=ours'}`]),
    `Call-ID: ${callId}`,
    `CSeq: ${cseq}`,
    'Contact: <sip:them@127.0.0.1:5070>',
    ...(body === '' ? [] : ['Content-Type: application/sdp']),
    ...headers,
    `Content-Length: ${body.length}`,
  ].join('\r\n')
  const tail = isNew ? '|127.0.0.1|5060|' : '|'

  return `${randomUUID()}|sip|network|${text.length}|udp|127.0.0.1|5070|00:00:00.000000|${transactionId}|${dialogId}${tail}\r\n${text}\r\n\r\n${body}`
}
