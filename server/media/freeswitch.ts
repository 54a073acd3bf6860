import Mrf from 'drachtio-fsmrf'
import type Srf from 'drachtio-srf'
import { connect } from 'node:net'

export interface FreeSwitchOptions {
  host: string
  port: number
  secret: string
}

/** How digits are asked for. */
export interface DigitPrompt {
  /** What FreeSWITCH plays, such as `ivr/ivr-enter_ext.wav` or `silence_stream://250`. */
  prompt: string
  least: number
  most: number
  /** Seconds until it gives up. */
  seconds: number
  /** Keys that end the answer. */
  terminators?: string
}

/** FreeSWITCH as the far end of a call: its session is what the caller is answered with. */
export class RtpEndpoint {
  readonly #endpoint: Mrf.LibraryEndpoint
  readonly #gone: Promise<never>

  constructor(endpoint: Mrf.LibraryEndpoint) {
    this.#endpoint = endpoint
    // What waits for FreeSWITCH would wait for ever: the library does not tell it when the channel is gone.
    this.#gone = new Promise((_, reject) => {
      const gone = (): void => {
        reject(new Error('the FreeSWITCH endpoint is gone'))
      }
      endpoint.once('destroy', gone)
      endpoint.dialog?.once('destroy', gone)
    })
    this.#gone.catch(() => undefined)
  }

  /** FreeSWITCH's session description. */
  get sdp(): string {
    return this.#endpoint.local.sdp
  }

  /** Resolves when all of it has been played; rejects when there is no such file, or the call ends. */
  async play(file: string): Promise<void> {
    await Promise.race([this.#endpoint.play(file), this.#gone])
  }

  /** Plays a prompt and resolves with the digits pressed, '' when there were too few; rejects when the call ends. */
  async collect({ prompt, least, most, seconds, terminators = '#' }: DigitPrompt): Promise<string> {
    const asked = this.#endpoint.playCollect({
      ...{ file: prompt, min: least, max: most, timeout: seconds * 1000, terminators },
    })
    const { digits } = await Promise.race([asked, this.#gone])

    return digits ?? ''
  }

  /** Resolves when FreeSWITCH has hung up; at once when it had. */
  async hangUp(): Promise<void> {
    await Promise.race([this.#endpoint.destroy(), this.#gone.catch(() => undefined)])
  }
}

/** A FreeSWITCH, over its event socket and the SIP stack that Baton runs on. */
export class FreeSwitch {
  readonly #server: Mrf.MediaServer

  private constructor(server: Mrf.MediaServer) {
    this.#server = server
  }

  /** Rejects, naming the setting, when it cannot be had. */
  static async connect({ host, port, secret }: FreeSwitchOptions, srf: Srf): Promise<FreeSwitch> {
    await greetFreeSwitch({ host, port, secret })
    const isLoopback = host === 'localhost' || host.startsWith('127.')
    const mrf = new Mrf(srf)
    const server = await mrf.connect({
      ...{ address: host, port, secret },
      // It connects back to us for each endpoint.
      ...(isLoopback && { listenAddress: '127.0.0.1' }),
    })
    // Its connection comes back by itself; without a listener the first error would end the process.
    server.on('error', () => undefined)

    return new FreeSwitch(server)
  }

  get isConnected(): boolean {
    return this.#server.connected()
  }

  /** An endpoint for somebody who offers this session. Rejects when FreeSWITCH does not take it. */
  async answer(offer: string): Promise<RtpEndpoint> {
    return new RtpEndpoint(await this.#server.createEndpoint({ remoteSdp: offer }))
  }

  close(): void {
    this.#server.disconnect()
  }
}

/** Milliseconds that FreeSWITCH may take to say anything. */
const patience = 3000

/**
 * Asks FreeSWITCH's event socket in, once. The library itself would try for ever, and say nothing of a wrong password.
 * Rejects, naming the setting to change.
 */
export function greetFreeSwitch({ host, port, secret }: { host: string; port: number; secret: string }): Promise<void> {
  const name = `FreeSWITCH's event socket at ${host}:${port}`

  return new Promise((resolve, reject) => {
    const socket = connect(port, host)
    let said = ''
    const end = (problem?: string): void => {
      socket.destroy()
      if (problem === undefined) resolve()
      else reject(new Error(problem))
    }
    socket.setTimeout(patience, () => {
      end(`FREESWITCH: ${name} does not answer`)
    })
    socket.on('error', (error) => {
      end(`FREESWITCH: ${name} cannot be reached (${error.message})`)
    })
    socket.on('close', () => {
      end(`FREESWITCH: ${name} closed the connection; does its access list have us?`)
    })
    socket.setEncoding('utf8').on('data', (chunk) => {
      const before = said
      said += String(chunk)
      if (!before.includes('auth/request') && said.includes('auth/request')) socket.write(`auth ${secret}\n\n`)
      if (said.includes('+OK accepted')) end()
      else if (said.includes('-ERR')) end(`FREESWITCH_SECRET: ${name} refuses it`)
      else if (said.includes('rude-rejection')) end(`FREESWITCH: ${name} has no access list that lets us in`)
    })
  })
}
