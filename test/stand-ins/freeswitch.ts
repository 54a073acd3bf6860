import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { type Dialog, type InitialInvite, UserAgent } from '../../engine/index.ts'
import { fastTimers } from '../engine/user-agent/two-agents.ts'

const sdp =
  'v=0\r\no=FreeSWITCH 1 1 IN IP4 127.0.0.1\r\ns=FreeSWITCH\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 16384 RTP/AVP 0 101\r\n'

/**
 * A stand-in for FreeSWITCH: its event socket (being asked in, `api sofia status`, events, and the connection that it
 * makes for each channel) and the SIP side of its profile `drachtio_mrf`. It plays nothing and hears no digits; it says
 * that it did.
 */
export class StandInFreeSwitch {
  /** Applications that were executed, as `playback ivr/welcome.wav`. */
  readonly executed: string[] = []
  /** What callers press when they are asked. */
  digits = ''
  /** Whether applications end; otherwise they go on until the channel is gone. */
  answers = true
  readonly #password: string
  readonly #agent = new UserAgent({
    listen: [{ transport: 'udp', address: '127.0.0.1', port: 0 }],
    timers: fastTimers,
  })
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #dialogs: Dialog[] = []

  static async start(password = 'ClueCon'): Promise<StandInFreeSwitch> {
    const standIn = new StandInFreeSwitch(password)
    await standIn.#agent.start({
      invite: (invite) => {
        standIn.#invited(invite)
      },
      request: (request) => void request.respond(405),
    })
    standIn.#server.listen(0, '127.0.0.1')
    await once(standIn.#server, 'listening')

    return standIn
  }

  private constructor(password: string) {
    this.#password = password
    this.#server = createServer((socket) => {
      this.#keep(socket)
      say(socket, 'Content-Type: auth/request')
      onCommands(socket, (command) => {
        this.#control(socket, command)
      })
    })
  }

  /** Of the event socket. */
  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  get channels(): number {
    return this.#dialogs.filter(({ ended }) => !ended).length
  }

  /** Hangs up every call. */
  hangUp(): void {
    for (const dialog of this.#dialogs) if (!dialog.ended) dialog.send('BYE', {}, noop)
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise((resolve) => this.#server.close(resolve))
    await this.#agent.close()
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => this.#sockets.delete(socket))
  }

  /** What comes on the connection that was made to us. */
  #control(socket: Socket, command: string): void {
    const profile = `drachtio_mrf\tprofile\tsip:mod_sofia@127.0.0.1:${this.#agent.listeners[0]!.local.port}\tRUNNING (0)`
    if (command.startsWith('auth ')) {
      say(socket, ...reply(command === `auth ${this.#password}` ? '+OK accepted' : '-ERR invalid'))
    } else if (command.startsWith('api ')) {
      const body = command === 'api sofia status' ? `  ${profile}\n` : '+OK\n'
      socket.write(`Content-Type: api/response\nContent-Length: ${body.length}\n\n${body}`)
    } else say(socket, ...reply('+OK'))
  }

  /** The dial plan: answer, and connect to whom the INVITE names. */
  #invited(invite: InitialInvite): void {
    const [host = '', port] = (invite.request.header('X-esl-outbound') ?? '').split(':')
    const uuid = randomUUID()
    const socket = connect(Number(port), host)
    this.#keep(socket)
    const { request } = invite
    invite.dialogUser = {
      request: (each) => void each.respond(200),
      invite: (each) => void each.respond(488),
      ended: () => socket.end(),
    }
    invite.respond(200, { body: sdp })
    const { dialog } = invite
    if (!dialog) throw new Error('the INVITE made no dialog')
    this.#dialogs.push(dialog)
    onCommands(socket, (command) => {
      if (command === 'connect') {
        say(
          socket,
          'Content-Type: command/reply',
          'Reply-Text: +OK',
          'Event-Name: CHANNEL_DATA',
          `Unique-ID: ${uuid}`,
          `Channel-Unique-ID: ${uuid}`,
          `variable_sip_user_agent: ${encodeURIComponent(request.header('User-Agent') ?? '')}`,
          `variable_rtp_local_sdp_str: ${encodeURIComponent(sdp)}`,
          `variable_switch_r_sdp: ${encodeURIComponent(request.body)}`,
        )
      } else {
        say(socket, ...reply('+OK'))
        if (command.startsWith('sendmsg')) this.#execute(socket, dialog, uuid, command)
      }
    })
  }

  #execute(socket: Socket, dialog: Dialog, uuid: string, command: string): void {
    const field = (name: string): string => new RegExp(`^${name}: (.*)$`, 'm').exec(command)?.[1] ?? ''
    const application = field('execute-app-name')
    const argument = field('execute-app-arg')
    this.executed.push(`${application} ${argument}`.trim())
    if (application === 'hangup') dialog.send('BYE', {}, noop)
    if (!this.answers) return
    const isMissing = application === 'playback' && argument.startsWith('missing')
    const event = JSON.stringify({
      'Event-Name': 'CHANNEL_EXECUTE_COMPLETE',
      'Unique-ID': uuid,
      'Application-UUID': field('Event-UUID'),
      Application: application,
      'Application-Response': isMissing ? 'FILE NOT FOUND' : 'FILE PLAYED',
      variable_myDigitBuffer: this.digits,
    })
    socket.write(`Content-Type: text/event-json\nContent-Length: ${event.length}\n\n${event}`)
  }
}

const noop = { response: () => undefined, unanswered: () => undefined }

const reply = (text: string): string[] => ['Content-Type: command/reply', `Reply-Text: ${text}`]

function say(socket: Socket, ...lines: string[]): void {
  socket.write(`${lines.join('\n')}\n\n`)
}

/** Commands are lines up to an empty one. */
function onCommands(socket: Socket, take: (command: string) => void): void {
  let read = ''
  socket.setEncoding('utf8').on('data', (chunk) => {
    read += String(chunk)
    for (let end = read.indexOf('\n\n'); end >= 0; end = read.indexOf('\n\n')) {
      const command = read.slice(0, end)
      read = read.slice(end + 2)
      take(command)
    }
  })
}
