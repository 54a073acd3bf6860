import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { RawParty } from '../harness/raw-party.ts'

/** Journals as releases have left them; the ports of their parties are filled in. */
const journals = new URL('../server/recovery/journals/', import.meta.url)

/** The names of these journals. */
export const olderJournals = readdirSync(journals)

/** The parties of the call that is up in an older release's journal. */
export class OlderCall {
  readonly caller: RawParty
  readonly agent: RawParty
  readonly #port: number
  readonly #callId: string
  readonly #tag: string

  /**
   * @param folder the DATA_DIR in which the journal is left
   * @param port of the Baton that takes the call up
   */
  static async open(name: string, folder: string, port: number): Promise<OlderCall> {
    const [caller, agent] = [await RawParty.open(`127.0.0.1:${port}`), await RawParty.open(`127.0.0.1:${port}`)]
    const ports = { 10001: String(port), 10002: portOf(caller), 10003: portOf(agent) }
    let text = readFileSync(new URL(name, journals), 'utf8')
    for (const [written, real] of Object.entries(ports)) text = text.replaceAll(written, real)
    mkdirSync(join(folder, 'calls'), { recursive: true })
    writeFileSync(join(folder, 'calls', 'calls-000001.jsonl'), text)
    const [, callId = '', tag = ''] = /"callId":"(olsjanskw7)","localTag":"(\w+)"/.exec(text) ?? []

    return new OlderCall({ caller, agent }, port, { callId, tag })
  }

  private constructor(
    { caller, agent }: { caller: RawParty; agent: RawParty },
    port: number,
    { callId, tag }: { callId: string; tag: string },
  ) {
    this.caller = caller
    this.agent = agent
    this.#port = port
    this.#callId = callId
    this.#tag = tag
  }

  /** Both are asked whether they are still there; then the caller hangs up, and the agent is released. */
  async end(): Promise<void> {
    const { caller, agent } = this
    caller.respond(await caller.next(/^OPTIONS /), '200 OK')
    agent.respond(await agent.next(/^OPTIONS /), '200 OK')
    caller.send([
      `BYE sip:127.0.0.1:${this.#port} SIP/2.0`,
      `Via: SIP/2.0/UDP ${caller.address};branch=z9hG4bKbye;rport`,
      `From: <sip:+14155550123@${caller.address}>;tag=${this.#callId}`,
      `To: <sip:+14155550177@127.0.0.1:${this.#port}>;tag=${this.#tag}`,
      ...[`Call-ID: ${this.#callId}`, 'CSeq: 2 BYE', 'Max-Forwards: 70'],
    ])
    await caller.next(/^SIP\/2\.0 200 /)
    agent.respond(await agent.next(/^BYE /), '200 OK')
  }

  close(): void {
    this.caller.close()
    this.agent.close()
  }
}

const portOf = ({ address }: RawParty): string => address.split(':').at(-1) ?? ''
