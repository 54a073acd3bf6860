import { uriOfChoice } from '../../base/choice.ts'
import type { App, Addresses } from '../app.ts'
import { ladderText, type LadderStyle } from '../calls/ladder-text.ts'
import type { RehearsalRequest, RehearsalView } from '../rehearsal/index.ts'
import type { Routing, ProjectView } from '../../routes/index.ts'
import type { AttemptView, Evidence, TransferView } from '../legs/views.ts'
import type { Settings } from '../../config/index.ts'
import type { SipAddress } from '../sip/stack.ts'

/** The output that the welcome is printed to. */
export interface WelcomeOutput {
  write(text: string): void
  terminal: boolean
  /** Width in characters. */
  columns: number
  env: Readonly<Record<string, string | undefined>>
}

/** Prints a rehearsal call through this Baton with its outcome, the addresses, and commands to try. */
export async function welcome(app: App, out: WelcomeOutput): Promise<void> {
  const { routing, settings, addresses } = app
  if (!addresses) throw new Error('welcome: Baton has not started')
  const paint = paintFor(out.terminal, out.env)
  const print = (...lines: string[]): void => {
    out.write(`${lines.join('\n')}\n`)
  }
  const suggested = suggestRehearsal(routing)
  const rehearsal = suggested && (await rehearse(app, suggested))

  if (suggested && rehearsal) {
    const { project, environment, handoff } = suggested
    print(
      `A rehearsal call over real SIP: a caller, an agent and a destination of Baton's own, in ${project} ${environment}.`,
      `The agent asks for ${paint.strong(handoff)}.`,
      '',
      typeof rehearsal === 'string' ? rehearsal : ladderText(rehearsal.ladder, styleFor(out.columns)),
      ...(typeof rehearsal === 'string' ? [] : [outcome(rehearsal, paint)]),
    )
  } else {
    print('No project can take a call yet, so there is nothing to rehearse.', '')
  }

  const project = routing.projects().find((one) => one.project === suggested?.project)
  const handoffs = namesOf(app, suggested)
  print(addressesText(addresses, settings, paint), paint.strong('Try next, in another terminal:'))
  for (const { what, command } of trials(addresses, settings, project, suggested, handoffs)) {
    print(paint.faint(`  # ${what}`), `  ${command}`, '')
  }
}

/** The rehearsal, or the reason why it could not be placed. */
async function rehearse(app: App, request: RehearsalRequest): Promise<RehearsalView | string> {
  try {
    return await app.rehearsals.rehearse(request)
  } catch (error) {
    return `It could not be placed: ${error instanceof Error ? error.message : String(error)}\n`
  }
}

function namesOf({ routing }: App, suggested: RehearsalRequest | undefined): readonly string[] {
  const pinned = suggested && routing.current(suggested.project, suggested.environment)

  return typeof pinned === 'object' ? pinned.handoffs.map(({ name }) => name) : []
}

/** Four columns and the time fit into the width. */
function styleFor(columns: number): LadderStyle {
  const columnWidth = Math.max(16, Math.min(24, Math.floor((columns - 9) / 4)))

  return { columnWidth, noteWidth: 0, lifeline: '│', shaft: '─', heads: ['◀', '▶'] }
}

/** The environment where a trial disturbs least comes first. */
const environments = ['sandbox', 'pre-release', 'live'] as const

/** The default handoff of the first project that can take a call, with a synthetic destination. */
function suggestRehearsal(routing: Routing): RehearsalRequest | undefined {
  for (const { project, environments: known } of routing.projects()) {
    for (const environment of environments) {
      const pinned = routing.current(project, environment)
      const callable = (known[environment]?.numbers ?? []).length > 0
      if (callable && typeof pinned === 'object') {
        return { project, environment, handoff: pinned.default.name, destination: 'synthetic' }
      }
    }
  }

  return undefined
}

/** The outcome of a rehearsal with its evidence; ends with a line feed. */
function outcome(rehearsal: RehearsalView, paint: TerminalColors): string {
  const { verdict, cause, call, headersReceived } = rehearsal
  const transfer = call?.transfers.at(-1)
  const headers = Object.entries(headersReceived)
  const mark = verdict === 'passed' ? paint.good(paint.strong('PASSED')) : paint.bad(paint.strong('FAILED'))

  return [
    `${mark}  ${cause}`,
    ...(transfer ? ['', ...evidenceOf(transfer, paint)] : []),
    ...(headers.length === 0
      ? []
      : ['', 'What the destination was told about the caller:', ...aligned(headers, paint)]),
    '',
  ].join('\n')
}

function evidenceOf({ attempts, startedAt, result, reason }: TransferView, paint: TerminalColors): string[] {
  const began = Date.parse(startedAt)
  const words = reason === undefined ? '' : ` (${reason.replaceAll('_', ' ')})`

  return [
    `The transfer ${result ?? 'still runs'}${words}. The evidence, in seconds from when it was asked for:`,
    ...attempts.flatMap((attempt) => attempt.evidence.map((heard) => line(heard, began, attempt, paint))),
  ]
}

function line({ at, from, what }: Evidence, began: number, { method }: AttemptView, paint: TerminalColors): string {
  const seconds = ((Date.parse(at) - began) / 1000).toFixed(3)
  const who = from === 'baton' ? 'Baton' : from
  const meaning = meaningOf(method, what)

  return `  ${paint.faint(seconds)}  ${who.padEnd(11)} ${what}${meaning === '' ? '' : paint.faint(`   ${meaning}`)}`
}

/** Explains a line of evidence. */
function meaningOf(method: AttemptView['method'], what: string): string {
  if (method === 'refer' && what.startsWith('REFER')) return 'please call them yourself'
  if (method === 'refer' && what.startsWith('202')) return 'it will try; that alone proves nothing'
  if (/^NOTIFY SIP\/2\.0 2\d\d/.test(what)) return 'the destination has answered: that is the proof'

  return ''
}

function aligned(pairs: readonly [string, string][], paint: TerminalColors): string[] {
  const width = Math.max(...pairs.map(([name]) => name.length))

  return pairs.map(([name, value]) => `  ${paint.name(name.padEnd(width))}  ${value}`)
}

/** The addresses of a running Baton; ends with a line feed. */
export function addressesText({ sip, http, metrics }: Addresses, { dataDir }: Settings, paint: TerminalColors): string {
  const places = [
    ['SIP', sip.map(({ transport, address, port }) => `${transport}:${host(address)}:${port}`).join(', ')],
    ['API', `${http}/v1`],
    ['Pages', `${http}/`],
    ['API docs', `${http}/docs`],
    ['Metrics', metrics],
    ['Data', dataDir],
  ] as const

  return [
    paint.strong('Baton is serving. Ctrl-C stops it.'),
    ...places.map(([name, at]) => `  ${name.padEnd(10)} ${paint.name(at)}`),
    '',
  ].join('\n')
}

/** A command to try. */
export interface SuggestedCommand {
  what: string
  command: string
}

/** Commands that can be copied into another terminal. */
export function trials(
  { sip, http }: Addresses,
  settings: Settings,
  project: ProjectView | undefined,
  rehearsed: RehearsalRequest | undefined,
  handoffs: readonly string[],
): SuggestedCommand[] {
  const token = settings.http.adminToken === undefined ? '' : ` -H "Authorization: Bearer $ADMIN_TOKEN"`
  const found: SuggestedCommand[] = [
    { what: 'every call, with its transfers and their evidence', command: `curl${token} ${http}/v1/calls` },
  ]
  if (!project || !rehearsed) {
    return [...found, { what: 'a project of your own', command: 'npx baton routes import config/projects/demo.yaml' }]
  }

  const { environment } = rehearsed
  const other = handoffs.find((name) => name !== rehearsed.handoff) ?? rehearsed.handoff
  const url = http === 'http://127.0.0.1:8080' ? '' : ` --url ${http}`
  found.push({
    what: 'a rehearsal of another handoff',
    command: `npx baton rehearse ${project.project} ${other} --env ${environment} --synthetic${url}`,
  })
  const served = Object.entries(project.environments).find(([name]) => name === environment)?.[1]
  const call = sippCall(sip, rehearsed.handoff, served?.numbers?.[0], served?.agents?.map(uriOfChoice)[0])

  return call === undefined
    ? found
    : [...found, { what: 'a call of your own, with SIPp as the agent and as the caller', command: call }]
}

/** SIPp as the agent, in the background, and as the caller; undefined when SIPp cannot be the agent or reach Baton. */
function sippCall(
  sip: readonly SipAddress[],
  handoff: string,
  number: string | undefined,
  agent: string | undefined,
): string | undefined {
  const udp = sip.find(({ transport }) => transport === 'udp')
  const [, agentHost, agentPort] = /^sip:(?:[^@]*@)?([\d.]+):(\d+)$/.exec(agent ?? '') ?? []
  if (!udp || number === undefined || agentHost === undefined || agentPort === undefined) return undefined
  const play = (scenario: string): string => `sipp -sf sipp-scenarios/${scenario}.xml -i ${agentHost} -m 1`

  return [
    `${play('uas-asks-transfer-released')} -p ${agentPort} -d 500 -key refer_to sip:${handoff}@baton -bg;`,
    `${play('uac-refer-accepted-succeeded')} -s ${number} ${host(udp.address)}:${udp.port}`,
  ].join(' ')
}

function host(address: string): string {
  return address.includes(':') ? `[${address}]` : address
}

/** Colours text for a terminal. */
export interface TerminalColors {
  strong(text: string): string
  faint(text: string): string
  good(text: string): string
  bad(text: string): string
  name(text: string): string
}

const codes = { strong: [1, 22], faint: [2, 22], good: [32, 39], bad: [31, 39], name: [36, 39] } as const

/** Colours on a terminal, unless NO_COLOR is set (https://no-color.org); else plain text. */
export function paintFor(terminal: boolean, env: Readonly<Record<string, string | undefined>>): TerminalColors {
  const coloured = terminal && !env.NO_COLOR && env.TERM !== 'dumb'
  const painter = (style: keyof typeof codes) => {
    const [on, off] = codes[style]

    return (text: string): string => (coloured ? `\u001b[${on}m${text}\u001b[${off}m` : text)
  }

  return {
    strong: painter('strong'),
    faint: painter('faint'),
    good: painter('good'),
    bad: painter('bad'),
    name: painter('name'),
  }
}
