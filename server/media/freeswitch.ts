import { defined } from '../../base/defined.ts'
import Mrf from 'drachtio-fsmrf'
import type Srf from 'drachtio-srf'
import { connect } from 'node:net'
import { isLoopback } from '../../base/address.ts'

export interface FreeSwitchOptions {
  host: string
  port: number
  secret: string
}

/** A prompt that asks the caller for digits. */
export interface DigitPrompt {
  /** What FreeSWITCH plays, such as `ivr/ivr-enter_ext.wav` or `silence_stream://250`. */
  prompt: string
  minDigits: number
  maxDigits: number
  timeoutSeconds: number
  /** Keys that end the input. */
  terminators?: string
}

/** FreeSWITCH as the far end of a call: the caller is answered with its session. */
export class RtpEndpoint {
  readonly #endpoint: Mrf.LibraryEndpoint
  readonly #gone: Promise<never>

  constructor(endpoint: Mrf.LibraryEndpoint) {
    this.#endpoint = endpoint
    // The library's promises never settle when the channel has gone.
    this.#gone = new Promise((_, reject) => {
      const gone = (): void => {
        reject(new Error('the FreeSWITCH endpoint is gone'))
      }
      endpoint.once('destroy', gone)
      endpoint.dialog?.once('destroy', gone)
    })
    this.#gone.catch(() => undefined)
  }

  get sdp(): string {
    return this.#endpoint.local.sdp
  }

  /** Resolves when the whole file has been played; rejects when there is no such file, or the call ends. */
  async play(file: string): Promise<void> {
    await Promise.race([this.#endpoint.play(file), this.#gone])
  }

  /** Plays a prompt and resolves with the digits pressed, '' when there were too few; rejects when the call ends. */
  async collect({ prompt, minDigits, maxDigits, timeoutSeconds, terminators = '#' }: DigitPrompt): Promise<string> {
    const asked = this.#endpoint.playCollect({
      ...{ file: prompt, min: minDigits, max: maxDigits, timeout: timeoutSeconds * 1000, terminators },
    })
    const { digits } = await Promise.race([asked, this.#gone])

    return digits ?? ''
  }

  /** Resolves when FreeSWITCH has hung up, or had before. */
  async hangUp(): Promise<void> {
    await Promise.race([this.#endpoint.destroy(), this.#gone.catch(() => undefined)])
  }
}

/** A FreeSWITCH, driven over its event socket and Baton's drachtio server. */
export class FreeSwitch {
  readonly #server: Mrf.MediaServer

  private constructor(server: Mrf.MediaServer) {
    this.#server = server
  }

  /** Rejects with the name of the wrong setting when FreeSWITCH cannot be connected to. */
  static async connect({ host, port, secret }: FreeSwitchOptions, srf: Srf): Promise<FreeSwitch> {
    await greetFreeSwitch({ host, port, secret })
    const mrf = new Mrf(srf)
    const server = await mrf.connect({
      ...{ address: host, port, secret },
      // FreeSWITCH connects back to Baton for each endpoint.
      ...defined({ listenAddress: isLoopback(host) ? '127.0.0.1' : undefined }),
    })
    // The library connects again by itself; without a listener the first error would end the process.
    server.on('error', () => undefined)

    return new FreeSwitch(server)
  }

  /** An endpoint that answers this offer. Rejects when FreeSWITCH refuses the offer. */
  async answer(offer: string): Promise<RtpEndpoint> {
    return new RtpEndpoint(await this.#server.createEndpoint({ remoteSdp: offer }))
  }

  close(): void {
    this.#server.disconnect()
  }
}

const greetingTimeoutMs = 3000

/**
 * Logs in to FreeSWITCH's event socket once, before the library does, which would try for ever without a word about a wrong
 * password. Rejects with the name of the setting to change.
 */
function greetFreeSwitch({ host, port, secret }: { host: string; port: number; secret: string }): Promise<void> {
  const name = `FreeSWITCH's event socket at ${host}:${port}`

  return new Promise((resolve, reject) => {
    const socket = connect(port, host)
    let said = ''
    const end = (problem?: string): void => {
      socket.destroy()
      if (problem === undefined) resolve()
      else reject(new Error(problem))
    }
    socket.setTimeout(greetingTimeoutMs, () => {
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
