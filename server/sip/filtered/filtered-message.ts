import { sessionOf, withSession } from '../body-part.ts'
import type { FilteredSession, SendOptions, SipAddress, SipHeader, SipRequest, SipResponse } from '../stack.ts'

/** A received message with another session in the place of its own. */
abstract class FilteredMessage<M extends SipRequest | SipResponse> {
  readonly body: string
  protected readonly message: M

  constructor(message: M, session: string) {
    this.message = message
    this.body = withSession(message.body, sessionOf(message), session)
  }

  get callId(): string {
    return this.message.callId
  }

  header(name: string): string | undefined {
    return this.message.header(name)
  }

  headers(name: string): readonly string[] {
    return this.message.headers(name)
  }

  entries(isWanted?: (name: string) => boolean): readonly SipHeader[] {
    return this.message.entries(isWanted)
  }

  get passedOver(): readonly string[] {
    return this.message.passedOver ?? []
  }
}

export class FilteredRequest extends FilteredMessage<SipRequest> implements SipRequest {
  get method(): string {
    return this.message.method
  }

  get uri(): string {
    return this.message.uri
  }

  get source(): SipAddress {
    return this.message.source
  }
}

export class FilteredResponse extends FilteredMessage<SipResponse> implements SipResponse {
  get status(): number {
    return this.message.status
  }

  get reason(): string {
    return this.message.reason
  }

  get local(): boolean {
    return this.message.local
  }
}

/** The session of a message to send; '' without one. */
export function sessionToSend({ body = '', headers = [] }: SendOptions): string {
  return sessionOf({
    body,
    header: (name) => headers.find(([each]) => each.toLowerCase() === name.toLowerCase())?.[1],
  })
}

/** The message to send with another session in the place of its own. */
export function sendingSession<O extends SendOptions>(options: O, session: string): O {
  return { ...options, body: withSession(options.body ?? '', sessionToSend(options), session) }
}

/** Goes on with the filtered session: at once where the filter had it at once. */
export function whenFiltered(
  session: FilteredSession,
  proceed: (session: string | undefined) => void,
): void | Promise<void> {
  if (!(session instanceof Promise)) proceed(session)
  else return session.then(proceed)
}
