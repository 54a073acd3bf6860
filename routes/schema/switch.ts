/** What an operator changes at once, outside versions, for a time: a handoff or a schedule closed, opened or diverted. */
import { Type, type Static } from 'typebox'

export const switchActions = ['close', 'open', 'divert'] as const
export type SwitchAction = (typeof switchActions)[number]

const Time = Type.String({ format: 'date-time' })

/** A switch as it is stored: either `handoff` or `schedule` names what it is for. */
export const SwitchSchema = Type.Object({
  id: Type.String(),
  handoff: Type.Optional(Type.String()),
  schedule: Type.Optional(Type.String()),
  action: Type.Enum(switchActions),
  to: Type.Optional(Type.String({ description: 'Of a divert: the handoff that callers are sent to' })),
  until: Type.Optional(
    Type.String({ format: 'date-time', description: 'When it expires; without it, it stays until it is removed' }),
  ),
  nextOpening: Type.Optional(
    Type.Literal(true, { description: '`until` is the next opening of the schedule, as it was when this was set' }),
  ),
  reason: Type.String(),
  by: Type.String(),
  from: Type.String({ description: 'Where it was set from, such as `api 127.0.0.1`' }),
  at: Time,
})

/** One switch. Times are ISO 8601. */
export type SwitchRecord = Static<typeof SwitchSchema>

/** The text that stands for "until the next opening of the schedule". */
export const nextOpeningWord = 'next_opening'

/** What a switch is for, in words: `front-desk`, or `schedule office`. */
function subjectOf({ handoff, schedule }: Pick<SwitchRecord, 'handoff' | 'schedule'>): string {
  return handoff ?? `schedule ${schedule ?? ''}`
}

/** A switch in words: what it does, who set it, until when, and why. */
export function describeSwitch(one: SwitchRecord): string {
  const { action, to = '', until, by, reason } = one
  const done = { close: 'closed', open: 'opened', divert: `diverted to ${to}` }[action]
  const end = until === undefined ? 'until the switch is removed' : `until ${until}`

  return `${subjectOf(one)} is ${done} by ${by} ${end}${reason === '' ? '' : ` (${reason})`}`
}
