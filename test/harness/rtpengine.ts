import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createSocket } from 'node:dgram'
import { readFileSync } from 'node:fs'
import { bdecode, bencode, dictionaryOf, type NgDictionary } from '../../server/media/rtpengine/bencode.ts'
import { programPath } from './needs.ts'
import { freePort, listening } from './ports.ts'
import { until } from './until.ts'

/** The ports of RTP and RTCP that one rtpengine has. */
const mediaPorts = 32
let lastCookie = 0

/** A real rtpengine in user space, on the loopback, on ports of its own. */
export class Rtpengine {
  /** `host:port` of its ng listener. */
  readonly address: string
  readonly port: number
  readonly #firstMediaPort: number
  readonly #digitsPort: number | undefined
  readonly #recordings: string | undefined
  #child: ChildProcess | undefined

  /**
   * @param digitsPort where the digits that it hears go
   * @param recordings the folder that it records into
   */
  static async start(digitsPort?: number, recordings?: string): Promise<Rtpengine> {
    const [port, firstMediaPort] = [await freePort(), await freePort('127.0.0.1', mediaPorts)]
    const rtpengine = new Rtpengine(port, firstMediaPort, digitsPort, recordings)
    await rtpengine.run()

    return rtpengine
  }

  private constructor(port: number, firstMediaPort: number, digitsPort?: number, recordings?: string) {
    this.#recordings = recordings
    this.port = port
    this.address = `127.0.0.1:${port}`
    this.#firstMediaPort = firstMediaPort
    this.#digitsPort = digitsPort
  }

  /** Starts it, again after `kill`. */
  async run(): Promise<void> {
    const child = spawn(
      programPath('rtpengine') ?? 'rtpengine',
      [
        ...[
          '--config-file=none',
          '--foreground',
          '--log-stderr',
          '--log-level=3',
          '--table=-1',
          '--interface=127.0.0.1',
        ],
        ...[`--listen-ng=${this.address}`, '--delete-delay=0', '--num-threads=2', '--media-num-threads=1'],
        ...[`--port-min=${this.#firstMediaPort}`, `--port-max=${this.#firstMediaPort + mediaPorts - 1}`],
        ...(this.#recordings === undefined ? [] : [`--recording-dir=${this.#recordings}`]),
        ...(this.#digitsPort === undefined ? [] : [`--dtmf-log-dest=127.0.0.1:${this.#digitsPort}`]),
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    )
    this.#child = child
    let stderr = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr = (stderr + text).slice(-2000)))
    const ended = once(child, 'exit').then(() => {
      throw new Error(`rtpengine has ended: ${stderr}`)
    })
    await listening('udp', this.port, ended)
    ended.catch(() => undefined)
  }

  /** Stops its process as a debugger would: its ports stay, and it answers nothing. */
  async hang(): Promise<void> {
    const { pid = 0 } = this.#child ?? {}
    this.#child?.kill('SIGSTOP')
    await until('it is stopped', () => statOf(pid).includes(') T '))
  }

  goOn(): void {
    this.#child?.kill('SIGCONT')
  }

  async kill(): Promise<void> {
    const child = this.#child
    if (child?.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  }

  /** Its answer to a command of the test's own. */
  async ask(fields: NgDictionary): Promise<NgDictionary> {
    const socket = createSocket('udp4')
    try {
      // rtpengine repeats its answer to a cookie that it has seen.
      const cookie = `test_${++lastCookie}`
      socket.send(Buffer.from(`${cookie} ${bencode(fields)}`, 'latin1'), this.port, '127.0.0.1')
      const [bytes] = (await once(socket, 'message')) as [Buffer]

      return dictionaryOf(bdecode(bytes.toString('latin1').slice(cookie.length + 1)))
    } finally {
      socket.close()
    }
  }

  /** The Call-IDs of the sessions that it has. */
  async sessions(): Promise<string[]> {
    const { calls } = await this.ask({ command: 'list', limit: '100000' })

    return [...(calls as string[])].sort()
  }
}

const statOf = (pid: number): string => readFileSync(`/proc/${pid}/stat`, 'utf8')
