import type { PrincipalLookup, Accounts } from '../access/index.ts'
import type { AudioStore } from '../audio/index.ts'
import type { Audit } from '../audit/index.ts'
import type { Contexts } from '../context/index.ts'
import type { CallBook } from './call-book.ts'
import type { Actor, Routing } from '../../routes/index.ts'
import type { Events } from '../calls/events.ts'
import type { Explainer } from '../explain/explainer.ts'
import type { CheckFinding } from '../checkup/index.ts'
import type { Health } from '../health.ts'
import type { CallHistory } from '../history/index.ts'
import type { KeptCaps, Limits } from '../limits/index.ts'
import type { TrunkBook } from '../calls/trunk-book.ts'
import type { TwilioVoice } from '../../config/index.ts'
import type { TwilioConnection, VoiceAnswer } from '../twilio/index.ts'
import type { TargetWatch } from '../targets/index.ts'
import type { PeerBatons } from './peer-batons.ts'
import type { DeadLetters, Webhooks } from '../webhooks/index.ts'
import type { SignInResult } from './auth.ts'
import type { HttpLimits, HttpObserver } from './http-limits.ts'
import type { AllRehearsalsRequest, AllRehearsalsView, RehearsalRequest, RehearsalView } from '../rehearsal/index.ts'

/** What the API is built from, by `server/app.ts` or, without a running Baton, by `server/cli/offline.ts`. */
export interface ApiParts {
  /** Baton's version, for the OpenAPI document. */
  version: string
  routing: Routing
  calls: CallBook
  /** Ended calls beyond those in memory. Without it, none are kept. */
  history?: Pick<CallHistory, 'search' | 'find' | 'summaries'>
  events: Events
  health: () => Health
  /** Without it, `doctor` finds nothing. */
  doctor?: (asksTargets: boolean, hasProject: (project: string) => boolean) => Promise<CheckFinding[]>
  log: ApiLog
  httpLimits?: HttpLimits
  /** The folder of the operators' pages; that of the build when left out. */
  pages?: string
  observer?: HttpObserver & {
    signIn(result: SignInResult): void
    twilioWebhook?(request: VoiceAnswer, result: 'answered' | 'refused' | 'wrong_signature' | 'limited'): void
  }
  /** Decides who may use the API; made of `adminToken` and `tokens` when left out. */
  access?: PrincipalLookup
  /** People, tokens and sessions. Without them, there are none. */
  accounts?: Accounts
  /** The URL at which browsers reach the pages; by the request's Host when left out. */
  publicUrl?: string
  /** Addresses, as CIDR ranges, of proxies that say in X-Forwarded-For and X-Forwarded-Host whom a request is from and to. */
  proxies?: readonly string[]
  /** The history of every change. Without it, none is kept. */
  audit?: Audit
  /** When set, all but health and the schema of the project file needs `Authorization: Bearer <token>`. */
  adminToken?: string
  /** More tokens with the same rights; the history has their names. */
  tokens?: readonly { name: string; token: string }[]
  /** Runs transfers without a network, for `explain`. */
  explainer: Pick<Explainer, 'explain' | 'trunkNamed'>
  /** Places a rehearsal call. Without it, rehearsals are answered 501. */
  rehearsals?: {
    rehearse(request: RehearsalRequest, actor: Actor): Promise<RehearsalView>
    rehearseAll(request: AllRehearsalsRequest, actor: Actor): Promise<AllRehearsalsView>
  }
  /** Opens, once the API listens, the way to the other Batons of one Redis. Without it, this one knows of no other. */
  peers?: (port: number) => Promise<PeerBatons | undefined>
  /** Without it, there are no trunks to list. */
  trunks?: Pick<TrunkBook, 'list' | 'forget' | 'addresses'>
  /** What agents gave along with transfers. Without it, none is found. */
  contexts?: Pick<Contexts, 'get' | 'byCaller' | 'byDialled'>
  /** The audio files of all versions. Without it, none are kept. */
  audio?: AudioStore
  /** Starts the day of a trunk's caps again. Without it, no trunk has a cap. */
  caps?: Pick<KeptCaps, 'reset'>
  /** Left out without SECRETS_KEY. */
  twilio?: TwilioConnection
  /** Left out without TWILIO_AUTH_TOKEN. */
  twilioVoice?: TwilioVoice
  /** Without it, there are no targets to list. */
  targets?: Pick<TargetWatch, 'list' | 'command' | 'closedOf'>
  /** What is used of the limits. Without it, no target shows what is used of its limit. */
  limits?: Pick<Limits, 'usedOf'>
  /** Without it, no webhook is set and there are no dead letters. */
  webhooks?: {
    letters: Pick<DeadLetters, 'all' | 'get' | 'delete' | 'refresh'>
    delivery: Pick<Webhooks, 'replay' | 'isReplaying'>
  }
}

/** The part of a winston logger that the API uses. */
export interface ApiLog {
  info(message: string, fields?: object): unknown
  warn(message: string, fields?: object): unknown
  error(message: string, fields?: object): unknown
}
