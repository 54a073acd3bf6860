import type { Actor, Routing } from '../../routes/index.ts'
import type { Events } from '../calls/events.ts'
import type { Explainer } from '../calls/explainer.ts'
import type { Finding } from '../checkup/index.ts'
import type { Health } from '../health.ts'
import type { TrunkBook } from '../calls/trunk-book.ts'
import type { CallView, LadderView } from '../legs/views.ts'
import type { DeadLetters, Webhooks } from '../webhooks/index.ts'
import type { SignInResult } from './auth.ts'
import type { HttpLimits, HttpObserver } from './http-door.ts'
import type { Mistake } from './problems.ts'
import type { AllRehearsalsRequest, AllRehearsalsView, RehearsalRequest, RehearsalView } from './shapes/rehearsal.ts'

/** What the API is built from; `server/app.ts` wires it. Nothing else of the server is known to it. */
export interface ApiParts {
  /** Baton's version, for the OpenAPI document. */
  version: string
  routing: Routing
  calls: CallBook
  events: Events
  health: () => Health
  /** Without it, there is nothing to find. */
  doctor?: () => Promise<Finding[]>
  log: ApiLog
  httpLimits?: HttpLimits
  observer?: HttpObserver & { signIn(result: SignInResult): void }
  /** Once set, every call but health and the schema of the project file wants `Authorization: Bearer <token>`. */
  adminToken?: string
  /** More tokens, for the same; their names stand in the history. */
  tokens?: readonly { name: string; token: string }[]
  /** Makes transfers without a network, for `explain`. */
  explainer: Pick<Explainer, 'explain' | 'trunkNamed'>
  /** Places a rehearsal call. Without it, rehearsals are answered 501. */
  rehearsals?: {
    rehearse(request: RehearsalRequest, actor: Actor): Promise<RehearsalView>
    rehearseAll(request: AllRehearsalsRequest, actor: Actor): Promise<AllRehearsalsView>
  }
  /** Without it, there is nothing to tell of trunks. */
  trunks?: Pick<TrunkBook, 'list' | 'forget'>
  /** Without it, no webhook is set and there are no dead letters. */
  webhooks?: {
    letters: Pick<DeadLetters, 'all' | 'get' | 'delete' | 'refresh'>
    delivery: Pick<Webhooks, 'replay' | 'isReplaying'>
  }
}

/** Live and recent calls. */
export interface CallBook {
  /** Newest first, at most `limit`. */
  list(filter: CallFilter): CallHandle[]
  get(id: string): CallHandle | undefined
}

export interface CallFilter {
  state?: CallView['state']
  project?: string
  environment?: string
  limit: number
}

export interface CallHandle {
  view(): CallView
  ladder(): LadderView
  /** `joined`: the same handoff was already under way. Throws an error shaped like `Refusal`. */
  transfer(request: TransferRequest): { id: string; joined: boolean }
  /** Call off the transfer that runs. Throws an error shaped like `Refusal` when none does. */
  cancelTransfer(): { id: string }
  /** Idempotent. */
  hangup(): void
}

export interface TransferRequest {
  handoff: string
  headers?: Record<string, string>
  variables?: Record<string, string>
  reason?: string
}

/** Any error with these fields is answered as problem details (RFC 9457), whoever threw it. */
export interface Refusal {
  /** HTTP status, 400 to 599. */
  status: number
  /** Words joined by `_` or `-` that name the kind of problem; they become its `type`. */
  slug: string
  title: string
  detail: string
  errors?: readonly Mistake[]
}

/** The part of a winston logger that the API uses. */
export interface ApiLog {
  info(message: string, fields?: object): unknown
  warn(message: string, fields?: object): unknown
  error(message: string, fields?: object): unknown
}
