import { createBaton, type components, type paths } from '../../../clients/typescript/src/index.ts'
import { texts } from '../texts'

export { BatonError as ApiError } from '../../../clients/typescript/src/index.ts'

type Schemas = components['schemas']
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
export type TwilioDrift = paths['/v1/twilio/plan']['get']['responses'][200]['content']['application/json']
export type TwilioRequest = NonNullable<
  paths['/v1/twilio/connect']['post']['requestBody']
>['content']['application/json']
export type AudioFile =
  paths['/v1/projects/{project}/audio']['get']['responses'][200]['content']['application/json']['audio'][number]
export type Release = Schemas['Release']
export type Target = Schemas['Target']
export type Principal = Schemas['Principal']
export type Person = Schemas['Person']
export type Token = Schemas['Token']
export type AuditEntry = Schemas['AuditEntry']

/** The environments, in the order in which a version passes through them. */
export const environmentNames = ['sandbox', 'pre-release', 'live'] as const
export type EnvironmentName = (typeof environmentNames)[number]

let askForSignIn: () => Promise<void> = () => Promise.resolve()

/**
 * Calls `listener` at every answer that asks for a sign-in; what it returns resolves once there is a session. Returns a function
 * that removes the listener.
 */
export function whenUnauthorized(listener: () => Promise<void>): () => void {
  askForSignIn = listener

  return () => {
    askForSignIn = () => Promise.resolve()
  }
}

export const api = createBaton({
  url: '/',
  onError: ({ problem }) => {
    if (problem.type === 'urn:baton:problem:unauthorized') void askForSignIn()
  },
})
api.use({
  onError({ error }) {
    // fetch tells a connection that failed by TypeError, and a request that was dropped by another error.
    return error instanceof TypeError ? new Error(texts.shell.unreachable, { cause: error }) : undefined
  },
  // A page that needs a sign-in waits for it, wherever its loading was. A change is not sent twice: another person may sign in.
  async onResponse({ request, response }) {
    const isReadBySession = request.method === 'GET' && !request.headers.has('authorization')
    if (response.status !== 401 || !isReadBySession) return undefined
    await askForSignIn()

    return fetch(request)
  },
})
