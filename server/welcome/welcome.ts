import type { App } from '../app.ts'
import { ladderText, type LadderStyle } from '../calls/ladder-text.ts'
import { suggestRehearsal } from '../rehearsal/index.ts'
import type { RehearsalRequest, RehearsalView } from '../api/index.ts'
import { outcome } from './outcome.ts'
import { paintFor } from './paint.ts'
import { trials, whereabouts } from './whereabouts.ts'

/** Where a welcome is printed. */
export interface Output {
  write(text: string): void
  terminal: boolean
  /** Width in characters. */
  columns: number
  env: Readonly<Record<string, string | undefined>>
}

/** Greets a newcomer: one call through this Baton, what became of it and why, where things are, and what to try. */
export async function welcome(app: App, out: Output): Promise<void> {
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

  const project = routing.projects().find(({ project }) => project === suggested?.project)
  const handoffs = namesOf(app, suggested)
  print(whereabouts(addresses, settings, paint), paint.strong('Try next, in another terminal:'))
  for (const { what, command } of trials(addresses, settings, project, suggested, handoffs)) {
    print(paint.faint(`  # ${what}`), `  ${command}`, '')
  }
}

/** The rehearsal, or why it could not be placed. */
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

/** Four parties and the time fit into the width; there is no room for more. */
function styleFor(columns: number): LadderStyle {
  const laneWidth = Math.max(16, Math.min(24, Math.floor((columns - 9) / 4)))

  return { laneWidth, noteWidth: 0, rung: '│', shaft: '─', heads: ['◀', '▶'] }
}
