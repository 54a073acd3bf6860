import { Type, type Static } from 'typebox'
import { defined } from '../../base/defined.ts'
import { mediaFields, type MediaFields } from '../../routes/index.ts'
import type { Call } from '../calls/call.ts'
import type { RecordingAction } from '../calls/call-recording.ts'
import { callView } from '../calls/call-view.ts'
import type { Calls } from '../calls/calls.ts'
import type { CallView, LadderView, RecordingView } from '../legs/views.ts'
import type { TransferRequest } from '../transfer/transfer-request.ts'

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
    ...mediaFields,
    context: Type.Optional(
      Type.Unknown({
        description:
          'Any JSON of at most 64 KB for the person who takes the caller over. It is kept with `variables` and `reason`; ' +
          'the destination gets its id, for GET /v1/context/{id}',
      }),
    ),
  },
  {
    additionalProperties: false,
    examples: [
      {
        handoff: 'front-desk',
        variables: { account: '1001' },
        reason: 'wants to change a booking',
        context: { booking: 'H-4711', nights: 2 },
      },
    ],
  },
)
export type TransferBody = Static<typeof TransferBody>

/** Live and recent calls, in memory. */
export interface CallBook {
  all(): readonly CallHandle[]
  get(id: string): CallHandle | undefined
}

export interface CallHandle {
  readonly id: string
  /** Milliseconds since 1970. */
  readonly startedAt: number
  readonly project: string
  readonly environment: string
  readonly state: CallView['state']
  view(): CallView
  ladder(): LadderView
  /** `joined`: the same handoff was already under way. Throws an error that the API answers as problem details. */
  transfer(request: TransferBody): { id: string; joined: boolean; contextId?: string | undefined }
  /** Notes a state that the agent's platform sets. */
  setState(state: string, detail?: string): void
  /** Cancels the transfer that runs. Throws likewise when none does. */
  cancelTransfer(): { id: string }
  /** Accepts or declines the caller in the place of the person who has answered. Throws likewise when none is asked. */
  decideTransfer(decision: 'accepted' | 'declined'): { id: string }
  /** Starts, pauses, resumes or stops its recording. Rejects likewise when that cannot be done. */
  record(action: RecordingAction): Promise<RecordingView>
  /** Idempotent. */
  hangup(): void
}

const mediaNames = Object.keys(mediaFields) as (keyof MediaFields)[]

/** The request of a call's transfer: the media fields stand in `media`, and are left out where the body has none. */
function transferRequestOf({ handoff, headers, variables, reason, context, ...fields }: TransferBody): TransferRequest {
  const media = mediaNames.some((name) => fields[name] !== undefined) ? fields : undefined

  return { handoff, requestedBy: 'api', ...defined({ headers, variables, reason, context, media }) }
}

/** The calls of this Baton for the API. */
export function callBook(calls: Calls): CallBook {
  return {
    all: () => calls.list().map((call) => new OwnCall(call)),
    get: (id) => {
      const call = calls.get(id)

      return call && new OwnCall(call)
    },
  }
}

/** A call of this Baton. One is made for each call of every list that is asked for, so it holds its call and no more. */
class OwnCall implements CallHandle {
  readonly #call: Call

  constructor(call: Call) {
    this.#call = call
  }

  get id(): string {
    return this.#call.id
  }

  get startedAt(): number {
    return this.#call.startedAt
  }

  get project(): string {
    return this.#call.project
  }

  get environment(): string {
    return this.#call.environment
  }

  get state(): CallView['state'] {
    return this.#call.state
  }

  view(): CallView {
    return callView(this.#call)
  }

  ladder(): LadderView {
    return this.#call.legs.ladder.view()
  }

  transfer(request: TransferBody): { id: string; joined: boolean; contextId: string | undefined } {
    const { transfer, joined } = this.#call.transfer(transferRequestOf(request))

    return { id: transfer.id, joined, contextId: transfer.request.contextId }
  }

  setState(name: string, detail?: string): void {
    this.#call.setState(name, detail)
  }

  cancelTransfer(): { id: string } {
    return { id: this.#call.transferControl.cancel().id }
  }

  decideTransfer(decision: 'accepted' | 'declined'): { id: string } {
    return { id: this.#call.transferControl.decide(decision).id }
  }

  record(action: RecordingAction): Promise<RecordingView> {
    return this.#call.recording.act(action)
  }

  hangup(): void {
    this.#call.hangUp('hung_up_by_api')
  }
}
