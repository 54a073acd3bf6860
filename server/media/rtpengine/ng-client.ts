import { createSocket, type Socket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import type { Clock, Timer } from '../../../engine/index.ts'
import { bdecode, bencode, dictionaryOf, textOf, type NgDictionary } from './bencode.ts'

/** The answer to a command, or why there is none. */
export type NgAnswer =
  | { readonly result: 'ok'; readonly answer: NgDictionary }
  | { readonly result: 'refused' | 'timeout' | 'unreachable'; readonly problem: string }

export interface NgAddress {
  host: string
  port: number
}

export interface NgClientOptions {
  address: NgAddress
  clock: Clock
  /** Milliseconds after which a command without an answer ends as `timeout`. */
  timeoutMs: number
}

interface PendingCommand {
  datagram: Buffer
  timer: Timer
  end: (answer: NgAnswer) => void
}

/** The number of times that a command is sent within its time-out: UDP may lose a datagram. */
const maxSends = 3
let lastCookie = 0

/**
 * Sends commands to one rtpengine by its ng protocol over UDP. A repeated datagram has the cookie of the first, by which
 * rtpengine answers it without acting on it again. A command always ends within its time-out, and nothing rejects.
 */
export class NgClient {
  readonly #options: NgClientOptions
  readonly #pending = new Map<string, PendingCommand>()
  #socket: Socket | undefined
  #isOpen = false
  #closed = false

  constructor(options: NgClientOptions) {
    this.#options = options
  }

  command(fields: NgDictionary): Promise<NgAnswer> {
    if (this.#closed) return Promise.resolve({ result: 'unreachable', problem: 'the client is closed' })
    const cookie = `${process.pid}_${++lastCookie}`
    const datagram = Buffer.from(`${cookie} ${bencode(fields)}`, 'latin1')

    return new Promise((resolve) => {
      const command = { datagram, timer: noTimer, end: resolve }
      this.#pending.set(cookie, command)
      this.#repeat(cookie, command, 1)
      this.#send(datagram)
    })
  }

  /** Idempotent. Every pending command ends as `unreachable`. */
  close(): void {
    this.#closed = true
    this.#reset('the client is closed')
  }

  #repeat(cookie: string, command: PendingCommand, sends: number): void {
    const { clock, timeoutMs } = this.#options
    command.timer = clock.after(timeoutMs / maxSends, () => {
      if (sends >= maxSends) this.#end(cookie, { result: 'timeout', problem: `no answer within ${timeoutMs} ms` })
      else {
        this.#repeat(cookie, command, sends + 1)
        this.#send(command.datagram)
      }
    })
  }

  #end(cookie: string, answer: NgAnswer): void {
    const command = this.#pending.get(cookie)
    if (!command) return
    this.#pending.delete(cookie)
    command.timer.cancel()
    command.end(answer)
  }

  /** A connected socket takes datagrams of the server alone, and learns from ICMP that nothing listens there. */
  #send(datagram: Buffer): void {
    if (this.#isOpen) {
      this.#socket?.send(datagram)

      return
    }
    if (this.#socket) return
    const { host, port } = this.#options.address
    const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4')
    this.#socket = socket
    socket.on('error', ({ message }) => {
      if (socket === this.#socket) this.#reset(message)
    })
    socket.on('message', (bytes) => {
      this.#receive(bytes.toString('latin1'))
    })
    socket.on('connect', () => {
      if (socket !== this.#socket) return
      this.#isOpen = true
      for (const { datagram: waiting } of this.#pending.values()) socket.send(waiting)
    })
    socket.connect(port, host)
  }

  #receive(text: string): void {
    const space = text.indexOf(' ')
    const answer = dictionaryOf(bdecode(text.slice(space + 1)))
    const cookie = text.slice(0, space)
    const result = textOf(answer.result)
    if (result === '') return
    if (result === 'error') this.#end(cookie, { result: 'refused', problem: textOf(answer['error-reason']) })
    else this.#end(cookie, { result: 'ok', answer })
  }

  #reset(problem: string): void {
    const socket = this.#socket
    this.#socket = undefined
    this.#isOpen = false
    try {
      socket?.close()
    } catch {
      // The socket has closed itself after its error.
    }
    for (const cookie of [...this.#pending.keys()]) this.#end(cookie, { result: 'unreachable', problem })
  }
}

const noTimer: Timer = { cancel: () => undefined }
