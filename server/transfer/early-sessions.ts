import { sessionOf } from '../sip/body-part.ts'
import type { SipResponse } from '../sip/stack.ts'

/** The provisional responses to one INVITE, which may come from several user agents, each with its To tag (RFC 3261 12.1). */
export class EarlySessions {
  readonly #byTag = new Map<string, string>()
  /** By status and To tag. */
  readonly #noted = new Set<string>()

  /** RFC 3261 13.3.1.1: a peer repeats its provisional response each minute; each is new once. */
  isNew(response: SipResponse): boolean {
    const key = `${response.status} ${tagOf(response.header('To'))}`
    if (this.#noted.has(key)) return false
    this.#noted.add(key)

    return true
  }

  /** Keeps the session of a response. Returns it when no response before had one. */
  firstIn(response: SipResponse): string | undefined {
    const session = sessionOf(response)
    if (session === '') return undefined
    const isFirst = this.#byTag.size === 0
    this.#byTag.set(tagOf(response.header('To')), session)

    return isFirst ? session : undefined
  }

  /** The last session of a To tag, whose 200 may have none then (RFC 3262 5); '' without one. */
  of(tag: string): string {
    return this.#byTag.get(tag) ?? ''
  }
}

function tagOf(to = ''): string {
  return /;\s*tag\s*=\s*([^;\s]+)/i.exec(to)?.[1] ?? ''
}
