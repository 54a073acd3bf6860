import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

import { programPath } from './needs.ts'
import { freePort } from './ports.ts'

/** An event of baresip's ctrl_tcp. */
export interface BaresipEvent {
  type: string
  /** The Call-ID. */
  id?: string
  peeruri?: string
  param?: string
}

export interface BaresipOptions {
  /** The user part of its URI. */
  name: string
  transport?: 'udp' | 'tcp'
  /** `host:port` of the proxy that its requests go by. */
  outbound?: string
  /** `host:port` of the registrar that it registers at; its calls go by it, too. */
  registrar?: string
}

/** A baresip, a SIP phone with a stack of its own; without audio devices, driven by its control port. */
export class Baresip {
  readonly uri: string
  readonly events: BaresipEvent[] = []
  readonly #name: string
  readonly #folder: string
  readonly #child: ChildProcess
  readonly #control: number
  #socket: Socket | undefined
  #said = ''
  #unread = ''
  #waiting: { what: string; matches: (event: BaresipEvent) => boolean; resolve(event: BaresipEvent): void }[] = []

  static async start(options: BaresipOptions): Promise<Baresip> {
    // It listens for TLS on the port after that of UDP and TCP.
    const phone = new Baresip(options, await freePort('127.0.0.1', 2), await freePort())
    try {
      await phone.#ready()
    } catch (error) {
      await phone.close()
      throw error
    }

    return phone
  }

  private constructor(
    { name, transport = 'udp', registrar, outbound = registrar }: BaresipOptions,
    port: number,
    control: number,
  ) {
    this.#name = name
    this.#control = control
    this.#folder = mkdtempSync(join(tmpdir(), 'baton-baresip-'))
    this.uri = `sip:${name}@${registrar ?? `127.0.0.1:${port}`}${transport === 'tcp' ? ';transport=tcp' : ''}`
    const by = outbound === undefined ? '' : `;outbound="sip:${outbound};transport=${transport}"`
    const files: Record<string, string> = {
      config: config(port, control, this.#folder),
      accounts: `<${this.uri}>;regint=${registrar === undefined ? 0 : 60}${by}\n`,
      contacts: '',
    }
    mkdirSync(this.#folder, { recursive: true })
    for (const [file, text] of Object.entries(files)) writeFileSync(join(this.#folder, file), text)
    this.#child = spawn(programPath('baresip') ?? 'baresip', ['-4', '-s', '-f', this.#folder], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  }

  /** Calls a URI. */
  dial(uri: string): void {
    this.#command('dial', uri)
  }

  hold(): void {
    this.#command('hold')
  }

  resume(): void {
    this.#command('resume')
  }

  /** Sends a REFER in the call that it has. */
  transfer(uri: string): void {
    this.#command('transfer', uri)
  }

  hangUp(): void {
    this.#command('hangup')
  }

  /** The first event of that type that has not been waited for yet, past or to come. */
  async next(type: string, matches: (event: BaresipEvent) => boolean = () => true): Promise<BaresipEvent> {
    const fits = (event: BaresipEvent): boolean => event.type === type && matches(event)
    const at = this.events.findIndex(fits)
    if (at >= 0) return this.events.splice(at, 1)[0]!

    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new Error(`${this.#name}: no ${type} in 20 s. It said:\n${this.#said.slice(-6000)}`))
      }, 20_000)
      this.#waiting.push({
        what: type,
        matches: fits,
        resolve: (event) => {
          clearTimeout(timer)
          resolve(event)
        },
      })
    })
  }

  /** All that it has said, its SIP messages among it. */
  get said(): string {
    return this.#said
  }

  /** Idempotent. */
  async close(): Promise<void> {
    this.#socket?.destroy()
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const exited = once(this.#child, 'exit')
      this.#child.kill('SIGKILL')
      await exited
    }
    rmSync(this.#folder, { recursive: true, force: true })
  }

  async #ready(): Promise<void> {
    const { stdout, stderr } = this.#child
    if (!stdout || !stderr) throw new Error('baresip has no output')
    stderr.setEncoding('utf8').on('data', (text: string) => (this.#said += text))
    await new Promise<void>((resolve, reject) => {
      createInterface({ input: stdout }).on('line', (line) => {
        this.#said += `${line}\n`
        if (line.includes('baresip is ready')) resolve()
      })
      this.#child.once('error', reject)
      this.#child.once('exit', (code) => {
        reject(new Error(`baresip ended with ${code}:\n${this.#said}`))
      })
    })
    const socket = connect(this.#control, '127.0.0.1')
    this.#socket = socket
    socket.setEncoding('utf8').on('data', (text: string) => {
      this.#read(text)
    })
    socket.on('error', () => undefined)
    await once(socket, 'connect')
  }

  /** Commands and events are netstrings of JSON: `12:{"a":"b"},`. */
  #command(command: string, params = ''): void {
    const json = JSON.stringify({ command, params })
    this.#socket?.write(`${json.length}:${json},`)
  }

  #read(text: string): void {
    this.#unread += text
    for (;;) {
      const [prefix, digits] = /^(\d+):/.exec(this.#unread) ?? []
      if (prefix === undefined) return
      const end = prefix.length + Number(digits)
      if (this.#unread.length <= end) return
      const event = JSON.parse(this.#unread.slice(prefix.length, end)) as BaresipEvent | { response: true }
      this.#unread = this.#unread.slice(end + 1)
      if ('type' in event) this.#take(event)
    }
  }

  #take(event: BaresipEvent): void {
    // It answers every call.
    if (event.type === 'CALL_INCOMING') this.#command('accept')
    const at = this.#waiting.findIndex(({ matches }) => matches(event))
    if (at < 0) this.events.push(event)
    else this.#waiting.splice(at, 1)[0]?.resolve(event)
  }
}

/** Where Debian and most others have them. */
const modulePath = ['/usr/lib/baresip/modules', '/usr/local/lib/baresip/modules'].find(existsSync) ?? '.'

/** A sine tone is its microphone, a file its loudspeaker. */
const config = (port: number, control: number, folder: string): string => `
poll_method epoll
net_interface 127.0.0.1
sip_listen 127.0.0.1:${port}
call_max_calls 4
audio_source ausine,440
ausrc_srate 48000
ausrc_channels 2
audio_player aufile,${join(folder, 'heard.wav')}
audio_alert aufile,${join(folder, 'alert.wav')}
rtp_ports 30000-31999
module_path ${modulePath}
module g711.so
module ausine.so
module aufile.so
module_tmp account.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen 127.0.0.1:${control}
`
