import { Type, type Static } from 'typebox'
import type { Call } from '../calls/call.ts'
import { callView } from '../calls/call-view.ts'
import type { Calls } from '../calls/calls.ts'
import type { CallView, LadderView } from '../legs/views.ts'

/** What `POST /v1/calls/{call}/transfer` takes. */
export const TransferBody = Type.Object(
  {
    handoff: Type.String({
      minLength: 1,
      maxLength: 256,
      description: 'A name in the call’s table; the default handoff is taken for one it does not have',
    }),
    headers: Type.Optional(
      Type.Record(Type.String(), Type.String(), { description: 'X- headers, merged over the handoff’s' }),
    ),
    variables: Type.Optional(Type.Record(Type.String(), Type.String(), { description: 'Values for header templates' })),
    reason: Type.Optional(Type.String({ maxLength: 1000, description: 'Why, in the agent’s words: $reason' })),
  },
  { additionalProperties: false },
)
export type TransferBody = Static<typeof TransferBody>

/** Live and recent calls. */
export interface CallBook {
  /** Newest first, at most `limit`. */
  list(filter: CallFilter): CallHandle[]
  get(id: string): CallHandle | undefined
}

interface CallFilter {
  state?: CallView['state']
  project?: string
  environment?: string
  /** Only calls of these. */
  projects?: readonly string[]
  limit: number
}

export interface CallHandle {
  readonly project: string
  view(): CallView
  ladder(): LadderView
  /** `joined`: the same handoff was already under way. Throws an error that the API answers as problem details. */
  transfer(request: TransferBody): { id: string; joined: boolean }
  /** Cancels the transfer that runs. Throws likewise when none does. */
  cancelTransfer(): { id: string }
  /** Idempotent. */
  hangup(): void
}

/** The calls of this Baton for the API. */
export function callBook(calls: Calls): CallBook {
  return {
    list: ({ state, project, environment, projects, limit }) =>
      calls
        .list()
        .filter(
          (call) =>
            (state === undefined || call.state === state) &&
            (project === undefined || call.project === project) &&
            (environment === undefined || call.environment === environment) &&
            (projects === undefined || projects.includes(call.project)),
        )
        .slice(0, limit)
        .map(handle),
    get: (id) => {
      const call = calls.get(id)

      return call && handle(call)
    },
  }
}

function handle(call: Call): CallHandle {
  return {
    project: call.project,
    view: () => callView(call),
    ladder: () => call.legs.ladder.view(),
    transfer: (request) => {
      const { transfer, joined } = call.transfer({ ...request, requestedBy: 'api' })

      return { id: transfer.id, joined }
    },
    cancelTransfer: () => ({ id: call.cancelTransfer().id }),
    hangup: () => call.hangUp('hung_up_by_api'),
  }
}
