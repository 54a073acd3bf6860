import { type RawMessage, RawParty } from './raw-party.ts'

/** A session description of audio at a port of the loopback. */
export const rawSession = (port: number, direction = 'sendrecv') =>
  `v=0\r\no=- ${port} 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio ${port} RTP/AVP 0\r\na=${direction}\r\n`

interface Dialog {
  callId: string
  local: string
  remote: string
  target: string
  cseq: number
}

/** A party on a bare socket with one dialog, in which it sends what the test says and answers what the test lets it answer. */
export class RawPhone {
  readonly party: RawParty
  readonly port: number
  #dialog: Dialog | undefined

  /**
   * @param target `address:port` that it sends to
   * @param port its own; any when left out
   * @param host its own address; that of the loopback when left out
   */
  static async open(target: string, port?: number, host?: string): Promise<RawPhone> {
    return new RawPhone(await RawParty.open(target, port, host))
  }

  private constructor(party: RawParty) {
    this.party = party
    this.port = Number(party.address.split(':').at(-1))
  }

  get uri(): string {
    return `sip:raw@${this.party.address}`
  }

  get session(): string {
    return rawSession(this.port)
  }

  get callId(): string {
    return this.#open.callId
  }

  /** What a Replaces that names its dialog has (RFC 3891 6.1). */
  get dialog(): { callId: string; localTag: string; remoteTag: string } {
    const { callId, local, remote } = this.#open

    return { callId, localTag: tagIn(local), remoteTag: tagIn(remote) }
  }

  next(startLine: RegExp): Promise<RawMessage> {
    return this.party.next(startLine)
  }

  /** Calls a number; `answered` goes on. */
  call(number: string, headers: readonly string[] = []): void {
    this.party.invite(number, ['Max-Forwards: 70', 'Content-Type: application/sdp', ...headers], this.session)
  }

  /** The 200 to its INVITE, acknowledged. */
  async answered(): Promise<RawMessage> {
    const ok = await this.next(/^SIP\/2\.0 200 /)
    this.acknowledge(ok)

    return ok
  }

  /** Acknowledges the 200 to its INVITE, whose dialog it has from now on. */
  acknowledge(ok: RawMessage): void {
    this.#dialog = {
      callId: ok.header('Call-ID'),
      local: ok.header('From'),
      remote: ok.header('To'),
      target: uriIn(ok.header('Contact')),
      cseq: 1,
    }
    this.send('ACK', { cseq: 1 })
  }

  /** An INVITE that begins a call with this party. */
  async invited(): Promise<RawMessage> {
    const invite = await this.next(/^INVITE /)
    this.#dialog = {
      callId: invite.header('Call-ID'),
      local: `${invite.header('To')};tag=raw`,
      remote: invite.header('From'),
      target: uriIn(invite.header('Contact')),
      cseq: 100,
    }

    return invite
  }

  /** Answers an INVITE with 200 and its session, and hears the ACK. */
  async answer(invite: RawMessage): Promise<void> {
    this.respond(invite, '200 OK', { body: this.session })
    await this.next(/^ACK /)
  }

  respond(request: RawMessage, status: string, { headers = [], body = '' }: Sent = {}): void {
    this.party.respond(request, status, [...headers, ...typeOf(headers, body)], body)
  }

  /** Sends a request in its dialog and returns its CSeq. */
  send(method: string, { headers = [], body = '', cseq = ++this.#open.cseq }: Sent & { cseq?: number } = {}): number {
    const { callId, local, remote, target } = this.#open
    this.party.send(
      [
        `${method} ${target} SIP/2.0`,
        `Via: SIP/2.0/UDP ${this.party.address};branch=z9hG4bK${Math.random().toString(36).slice(2)};rport`,
        ...[`From: ${local}`, `To: ${remote}`, `Call-ID: ${callId}`, `CSeq: ${cseq} ${method}`, 'Max-Forwards: 70'],
        `Contact: <sip:${this.party.address}>`,
        ...headers,
        ...typeOf(headers, body),
      ],
      body,
    )

    return cseq
  }

  /** Sends a request in its dialog and returns the final response; that of a re-INVITE is acknowledged. */
  async ask(method: string, sent: Sent = {}): Promise<RawMessage> {
    const cseq = this.send(method, sent)
    for (;;) {
      const response = await this.next(/^SIP\/2\.0 [2-6]/)
      if (response.header('CSeq') !== `${cseq} ${method}`) continue
      if (method === 'INVITE' && response.startLine.startsWith('SIP/2.0 2')) this.send('ACK', { cseq })

      return response
    }
  }

  /** A NOTIFY of the REFER that it was sent. */
  notify(frag: string, { state = 'terminated;reason=noresource', event = 'refer', cseq }: Notify = {}): number {
    const headers = [`Event: ${event}`, `Subscription-State: ${state}`, 'Content-Type: message/sipfrag']

    return this.send('NOTIFY', { headers, body: frag, ...(cseq !== undefined && { cseq }) })
  }

  /** The next request that matches, answered 200. */
  async takes(method: string): Promise<RawMessage> {
    const request = await this.next(new RegExp(`^${method} `))
    this.respond(request, '200 OK')

    return request
  }

  /** Answers each NOTIFY and the BYE. */
  async released(): Promise<void> {
    for (;;) {
      const request = await this.takes('(?:NOTIFY|BYE)')
      if (request.startLine.startsWith('BYE ')) return
    }
  }

  /** Answers each NOTIFY until the one that has this sipfrag. */
  async hears(sipfrag: string): Promise<void> {
    for (;;) if ((await this.takes('NOTIFY')).body.startsWith(sipfrag)) return
  }

  close(): void {
    this.party.close()
  }

  get #open(): Dialog {
    if (!this.#dialog) throw new Error('this party has no dialog')

    return this.#dialog
  }
}

interface Sent {
  headers?: readonly string[]
  body?: string
}

interface Notify {
  state?: string
  event?: string
  cseq?: number
}

function typeOf(headers: readonly string[], body: string): string[] {
  const isTyped = headers.some((line) => /^content-type:/i.test(line))

  return body === '' || isTyped ? [] : ['Content-Type: application/sdp']
}

const uriIn = (header: string) => /<([^>]+)>/.exec(header)?.[1] ?? ''
const tagIn = (header: string) => /;tag=([^;]+)/.exec(header)?.[1] ?? ''
