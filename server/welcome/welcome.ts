import type { App } from '../app.ts'
import { ladderText, type LadderStyle } from '../calls/ladder-text.ts'
import type { RehearsalRequest, RehearsalView } from '../rehearsal/index.ts'
import { outcome, trials, addressesText, paintFor } from './welcome-text.ts'
import type { Routing } from '../../routes/index.ts'

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

/** Four lanes and the time fit into the width. */
function styleFor(columns: number): LadderStyle {
  const laneWidth = Math.max(16, Math.min(24, Math.floor((columns - 9) / 4)))

  return { laneWidth, noteWidth: 0, rung: '│', shaft: '─', heads: ['◀', '▶'] }
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
