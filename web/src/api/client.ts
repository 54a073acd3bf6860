import createClient, { type Middleware } from 'openapi-fetch'
import { texts } from '../texts'
import type { components, paths } from './schema'

type Schemas = components['schemas']
export type Problem = Schemas['Problem']
export type Environment = Schemas['Environment']
export type Change = Schemas['Change']
export type Finding = Schemas['Finding']
export type HistoryEntry = Schemas['HistoryEntry']
export type Explanation = Schemas['Explanation']
export type Rehearsal = Schemas['Rehearsal']
export type Call = Schemas['Call']
export type CallQuery = NonNullable<paths['/v1/calls']['get']['parameters']['query']>
export type Transfer = Schemas['Transfer']
export type TransferCounts = paths['/v1/analytics/transfers']['get']['responses'][200]['content']['application/json']
export type Table = Schemas['Table']
export type Handoff = Schemas['Handoff']
export type Schedule = Schemas['Schedule']
export type Openings = Schemas['Openings']
export type ActiveSwitch = Schemas['SwitchOfEnvironment']
export type Ladder = Schemas['Ladder']
export type Context = Schemas['Context']
export type Media = Schemas['Media']
export type Trunk = NonNullable<
  paths['/v1/trunks']['get']['responses'][200]['content']['application/json']['trunks']
>[number]
export type TwilioStatus = Schemas['TwilioConnection']
export type TwilioPlan = paths['/v1/twilio/plan']['post']['responses'][200]['content']['application/json']
export type TwilioRequest = NonNullable<
  paths['/v1/twilio/connect']['post']['requestBody']
>['content']['application/json']
export type Release = Schemas['Release']
export type Target = Schemas['Target']
export type Principal = Schemas['Principal']
export type Person = Schemas['Person']
export type Token = Schemas['Token']
export type AuditEntry = Schemas['AuditEntry']

/** The environments, in the order in which a version passes through them. */
export const environmentNames = ['sandbox', 'pre-release', 'live'] as const
export type EnvironmentName = (typeof environmentNames)[number]

/** An answer that is not 2xx: RFC 9457 problem details, with a pointer to each field that is wrong. */
export class ApiError extends Error {
  readonly problem: Problem

  constructor(problem: Problem) {
    super(problem.detail)
    this.problem = problem
  }
}

let unauthorized: () => void = () => undefined

/** Calls `listener` at every answer that asks for a sign-in. Returns a function that removes the listener. */
export function whenUnauthorized(listener: () => void): () => void {
  unauthorized = listener

  return () => {
    unauthorized = () => undefined
  }
}

const throwProblems: Middleware = {
  async onResponse({ response }) {
    if (response.ok) return
    const problem: unknown = await response.json().catch(() => undefined)
    const error = new ApiError(isProblem(problem) ? problem : unreadable(response))
    if (error.problem.type === 'urn:baton:problem:unauthorized') unauthorized()
    throw error
  },
  onError({ error }) {
    // fetch tells a connection that failed by TypeError, and a request that was dropped by another error.
    return error instanceof TypeError ? new Error(texts.shell.unreachable, { cause: error }) : undefined
  },
}

function isProblem(value: unknown): value is Problem {
  return typeof value === 'object' && value !== null && 'detail' in value && 'status' in value
}

function unreadable({ status, statusText }: Response): Problem {
  return { type: 'about:blank', title: statusText, status, detail: `The server answered ${status} ${statusText}.` }
}

export const api = createClient<paths>({ baseUrl: '/' })
api.use(throwProblems)
