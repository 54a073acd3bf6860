import { Type, type Static } from 'typebox'
import { defined } from '../../base/defined.ts'
import type { Principal } from '../access/index.ts'
import { noValue, type CallFilter } from '../history/index.ts'
import { CallView, AttemptView } from '../legs/views.ts'
import { ApiRefusal } from './problems.ts'

const Time = (description: string) =>
  Type.Optional(Type.String({ description, examples: ['2026-03-01T09:00:00Z'], maxLength: 40 }))

/** The filters of calls, in the query of an address. */
export const callQuery = {
  state: Type.Optional(
    Type.Enum([...CallView.properties.state.enum, 'live'], {
      description: 'live: every state but ended',
      examples: ['live'],
    }),
  ),
  project: Type.Optional(Type.String({ examples: ['demo'] })),
  environment: Type.Optional(Type.String({ examples: ['live'] })),
  number: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 100,
      description: 'A part of the caller’s number or URI, or of the called number; blanks and dashes count for nothing',
      examples: ['+1 415 555-0123'],
    }),
  ),
  result: Type.Optional(Type.String({ description: 'Of the call, or of one of its transfers', examples: ['failed'] })),
  reason: Type.Optional(
    Type.String({
      description: 'Of the call, or of the transfer that has the result; `none`: it has no reason',
      examples: ['busy'],
    }),
  ),
  handoff: Type.Optional(
    Type.String({ description: 'One of its transfers was to this handoff, or tried it', examples: ['front-desk'] }),
  ),
  method: Type.Optional(
    Type.Enum([...AttemptView.properties.method.enum, noValue], {
      description: 'Of such a transfer; `none`: nothing was tried',
      examples: ['refer'],
    }),
  ),
  agent: Type.Optional(
    Type.String({ description: 'The agent’s URI; `none`: no agent was found', examples: ['sip:agent@192.0.2.20'] }),
  ),
  trunk: Type.Optional(Type.String({ description: 'The trunk’s name; `none`: no trunk', examples: ['carrier'] })),
  version: Type.Optional(Type.Integer({ minimum: 0, description: 'The version of the routing table', examples: [7] })),
  rehearsals: Type.Optional(
    Type.Boolean({ description: 'false: calls of rehearsals are left out', examples: [false] }),
  ),
  from: Time('Began then or later'),
  to: Time('Began before'),
}
type CallQuery = Static<Type.TObject<typeof callQuery>>

/**
 * The calls that a query asks for, of those that the principal may see.
 * @throws ApiRefusal (400) when a time cannot be read
 */
export function filterOf(query: CallQuery, principal: Principal): CallFilter {
  const {
    from,
    to,
    state,
    project,
    environment,
    number,
    result,
    reason,
    handoff,
    method,
    agent,
    trunk,
    version,
    rehearsals,
  } = query

  return defined({
    isShown: (one: string) => principal.sees(one),
    showsCallersOf: (one: string) => principal.seesNumbersOf(one),
    ...{ state, project, environment, number, result, reason, handoff, method, agent, trunk, version, rehearsals },
    from: readTime('from', from),
    to: readTime('to', to),
  })
}

/** Milliseconds since 1970. @throws ApiRefusal (400) when the text is no time */
export function readTime(field: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  // A plus that was not percent-encoded in an address has become a blank.
  const time = Date.parse(text.replace(/ (\d\d:\d\d)$/, '+$1'))
  if (Number.isNaN(time)) {
    throw new ApiRefusal(
      'malformed_request',
      `In the querystring: /${field}: "${text}" is no time; write it as 2026-03-01T09:00:00Z.`,
    )
  }

  return time
}
