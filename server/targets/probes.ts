import type { Clock } from '../../engine/index.ts'
import { causeOf } from '../sip/local-response.ts'
import type { SipResponse, SipStack } from '../sip/stack.ts'
import type { WatchedTarget } from './target.ts'
import { hopUri } from './target-id.ts'

/** How long OPTIONS waits for its response. */
const timeoutMs = 2000

interface ProbesOptions {
  stack: Pick<SipStack, 'request'>
  clock: Clock
}

/** Asks targets by OPTIONS whether they answer (RFC 3261 11). */
export class Probes {
  readonly #options: ProbesOptions

  constructor(options: ProbesOptions) {
    this.#options = options
  }

  /** Sends one OPTIONS. Resolves once the target has noted its response, or that none came in time. */
  async probe(target: WatchedTarget): Promise<void> {
    const { stack, clock } = this.#options
    const sentAt = clock.now()
    const response = await this.#withinTimeout(stack.request('OPTIONS', hopUri(target.uri)))
    const ok = response !== undefined && !response.local && response.status !== 503
    if (ok) target.rtt = (clock.now() - sentAt) / 1000
    target.noteProbe(ok, resultText(response))
  }

  #withinTimeout(response: Promise<SipResponse>): Promise<SipResponse | undefined> {
    return new Promise((resolve) => {
      const timer = this.#options.clock.after(timeoutMs, () => {
        resolve(undefined)
      })
      void response.then((final) => {
        timer.cancel()
        resolve(final)
      })
    })
  }
}

function resultText(response: SipResponse | undefined): string {
  if (!response || (response.local && response.status === 408)) return 'no answer to OPTIONS'
  if (response.local) return `OPTIONS could not be sent: ${causeOf(response) ?? response.reason}`

  return `${response.status} ${response.reason} to OPTIONS`
}
