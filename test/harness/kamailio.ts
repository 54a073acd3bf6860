import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { programPath } from './needs.ts'
import { freePort, listening } from './ports.ts'

/** A Kamailio that stays in the route of every call: a proxy of our peers. */
export class Kamailio {
  /** `127.0.0.1:port` */
  readonly at: string
  readonly #folder: string
  readonly #child: ChildProcess
  #said = ''

  /**
   * `aliases`: what calls to its own address and this user part are sent on to, `127.0.0.1:port`. `router`: whether it records itself as the
   * loose router that every proxy is today, or as a strict one (RFC 2543).
   */
  static async start(aliases: Readonly<Record<string, string>>, router: 'loose' | 'strict'): Promise<Kamailio> {
    const port = await freePort()

    return Kamailio.#listening(new Kamailio(port, config(`127.0.0.1:${port}`, aliases, router)))
  }

  /** A registrar, and a proxy for its phones: it sends calls to other numbers to Baton. `port`: its own. */
  static registrar(port: number, baton: string): Promise<Kamailio> {
    return Kamailio.#listening(new Kamailio(port, registrarConfig(baton)))
  }

  static async #listening(proxy: Kamailio): Promise<Kamailio> {
    const ended = once(proxy.#child, 'exit').then(() => {
      throw new Error(`Kamailio ended:\n${proxy.#said}`)
    })
    await listening('udp', Number(proxy.at.split(':')[1]), ended)

    return proxy
  }

  private constructor(port: number, configuration: string) {
    this.at = `127.0.0.1:${port}`
    this.#folder = mkdtempSync(join(tmpdir(), 'baton-kamailio-'))
    const file = join(this.#folder, 'kamailio.cfg')
    writeFileSync(file, configuration)
    const args = ['-f', file, '-l', `udp:${this.at}`, '-DD', '-E', '-n', '1', '-m', '64', '-M', '8', '-Y', this.#folder]
    this.#child = spawn(programPath('kamailio') ?? 'kamailio', args, { stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => (this.#said += text))
    }
  }

  /** Idempotent. */
  async close(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const exited = once(this.#child, 'exit')
      this.#child.kill('SIGTERM')
      await exited
    }
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

const modules = `#!KAMAILIO
debug=-1
log_stderror=yes
disable_tcp=yes
auto_aliases=no
dns=no
rev_dns=no
use_dns_cache=off
children=1

loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "siputils.so"
loadmodule "textops.so"
`

/** Requests in dialogs, and CANCEL. */
const inDialogs = `  if (has_totag()) {
    if (loose_route()) {
      t_relay();
    } else if (method != "ACK") {
      sl_send_reply("404", "Not Found");
    } else if (t_check_trans()) {
      t_relay();
    }
    exit;
  }
  if (method == "CANCEL") {
    if (t_check_trans()) t_relay();
    exit;
  }
`

const config = (
  at: string,
  aliases: Readonly<Record<string, string>>,
  router: 'loose' | 'strict',
): string => `${modules}
request_route {
${inDialogs}
  if (method == "INVITE") {
    ${router === 'loose' ? 'record_route();' : `insert_hf("Record-Route: <sip:${at}>\\r\\n", "Via");`}
  }
  # A preloaded Route is this proxy's own.
  loose_route();
${Object.entries(aliases)
  .map(([user, to]) => `  if ($rU == "${user}" && $rd + ":" + $rp == "${at}") $rp = "${to}";`)
  .join('\n')}
  t_relay();
}
`

const registrarConfig = (baton: string): string => `${modules}
loadmodule "usrloc.so"
loadmodule "registrar.so"

request_route {
${inDialogs}
  if (method == "REGISTER") {
    save("location");
    exit;
  }
  record_route();
  loose_route();
  if (!lookup("location")) $ru = "sip:" + $rU + "@${baton}";
  t_relay();
}
`
