import { defined } from '../../base/defined.ts'
import type { Settings, Trunk } from '../../config/index.ts'
import { headerNameProblem, headerValueProblem, plan, type PinnedTable, type Routing } from '../../routes/index.ts'
import { Trunks } from '../legs/trunks.ts'
import type { HeadersToSend, SipAddress, SipStack } from '../sip/stack.ts'
import type { RehearsalRequest } from './rehearsal-views.ts'

/** A rehearsal with every choice made. */
export interface RehearsalScript {
  handoff: string
  /** The handoff that should take the call: another one where the first is closed. */
  expected: string
  pinned: PinnedTable
  /** The time that schedules and rules see, in milliseconds since the epoch; now when left out. */
  at: number | undefined
  /** The environment's number, which the caller calls. */
  number: string
  /** From: a name-addr. */
  from: string
  headers: HeadersToSend
  destination: 'synthetic' | 'real'
  /** Where Baton listens, as it is reached from this machine. */
  baton: SipAddress
  /** The address and transport that the parties listen on. */
  parties: Pick<SipAddress, 'address' | 'transport'>
  trunk: Trunk
  /** Seconds from the agent's answer until it asks for the handoff. */
  talk: number
  /** The rehearsal is broken off after so many seconds. */
  limit: number
}

/** A synthetic rehearsal takes less than a second. */
const syntheticLimitSeconds = 15
const realLimitSeconds = 60
const defaultTalkSeconds = 0.1

/** A number that no subscriber has (NANP 555-01XX). */
const defaultCaller = '+14155550123'

/** @throws TrialRefused when the request cannot be rehearsed with this table */
export function scriptOf(
  request: RehearsalRequest,
  pinned: PinnedTable,
  { stack, settings }: { stack: SipStack; settings: Settings },
): RehearsalScript {
  const { handoff, destination = 'real', at, talk = defaultTalkSeconds } = request
  const number = numberOf(pinned, handoff)
  const { listen } = settings.sip
  const baton = reachable(stack.addresses, stack.kind === 'embedded' ? listen : [])
  const trunk = baton && (new Trunks(settings.trunks).of(baton.address) ?? settings.trunks[0])
  if (!baton || !trunk) throw new TrialRefused('not_listening', 'Baton does not listen for SIP yet.')
  const real = destination === 'real'
  const now = at === undefined ? undefined : Date.parse(at)
  // With a time, schedules and rules are rehearsed, too; without one, the handoff itself, also while it is closed.
  const tried = now === undefined ? pinned.opened(handoff) : pinned
  const [step] = plan(tried, { handoff }, { callId: 'rehearsal' }, { now }).steps

  return {
    handoff,
    expected: step?.handoff ?? handoff,
    pinned: tried,
    at: now,
    number,
    from: callerFrom(request.caller),
    headers: checkedHeaders(request.headers),
    destination,
    baton,
    parties: real ? ownAddress(baton, listen) : baton,
    trunk,
    talk,
    limit: talk + (real ? realLimit(pinned, handoff) : syntheticLimitSeconds),
  }
}

function realLimit(pinned: PinnedTable, handoff: string): number {
  return Math.min(realLimitSeconds, pinned.handoff(handoff)?.deadline ?? realLimitSeconds)
}

/** The number to call, of an environment that has the handoff. */
function numberOf(pinned: PinnedTable, handoff: string): string {
  const { project, environment, version, handoffs, numbers } = pinned
  if (!pinned.handoff(handoff)) {
    const names = handoffs.map(({ name }) => name).join(', ')
    throw new TrialRefused(
      'unknown_handoff',
      `Version ${version} of ${project}, for ${environment}, has no handoff "${handoff}", but ${names}.`,
    )
  }
  const [number] = numbers
  if (number === undefined) {
    throw new TrialRefused('no_number', `${environment} of ${project} has no number that could be called.`)
  }

  return number
}

/** From, for the number or name of the caller. */
function callerFrom(caller = defaultCaller): string {
  // RFC 3261 25.1: a user part holds few characters as they are; all others are percent-encoded.
  const user = encodeURIComponent(Buffer.from(caller).toString()).replaceAll('%2B', '+')

  return `"Rehearsal" <sip:${user}@localhost>`
}

/** Headers for the caller's INVITE. @throws TrialRefused naming the header that cannot be sent */
function checkedHeaders(headers: Readonly<Record<string, string>> = {}): HeadersToSend {
  const list = Object.entries(headers)
  for (const [name, value] of list) {
    const mistake = headerNameProblem(name) ?? headerValueProblem(value)
    if (mistake) {
      const pointer = `/headers/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
      throw new TrialRefused('invalid', `${pointer}: ${mistake.problem}; ${mistake.hint}.`, pointer)
    }
  }

  return list
}

/** Real destinations may be anywhere: the caller that is referred to one listens on Baton's address. */
function ownAddress(baton: SipAddress, listen: Settings['sip']['listen']): SipAddress {
  const found = listen.find(({ transport }) => transport === baton.transport)

  return { ...baton, ...defined({ address: found?.address }) }
}

const wildcards = new Set(['0.0.0.0', '::'])

/**
 * Where a program on this machine reaches Baton: by UDP where Baton listens on that. Undefined when Baton does not listen.
 * @param addresses as peers see them, with real ports
 * @param listen the configured listeners, in the same order; their addresses may differ from those that peers see
 */
export function reachable(
  addresses: readonly SipAddress[],
  listen: readonly Pick<SipAddress, 'address'>[] = [],
): SipAddress | undefined {
  const own = addresses.map((known, at) => ({ ...known, ...listen[at], port: known.port }))
  const address = own.find(({ transport }) => transport === 'udp') ?? own[0]
  if (!address || !wildcards.has(address.address)) return address

  return { ...address, address: address.address === '::' ? '::1' : '127.0.0.1' }
}

/** A trial of a handoff (`explain`, a rehearsal) that cannot begin, in the form that the API answers as problem details. */
export class TrialRefused extends Error {
  /** HTTP status. */
  readonly status: number
  readonly slug: string
  readonly title: string
  readonly detail: string
  readonly errors?: readonly { pointer: string; problem: string; hint?: string }[]

  constructor(slug: keyof typeof refusals, detail: string, pointer?: string) {
    super(detail)
    ;[this.status, this.title] = refusals[slug]
    this.slug = slug
    this.detail = detail
    if (pointer !== undefined) this.errors = [{ pointer, problem: detail }]
  }
}

const refusals = {
  unknown_environment: [404, 'No such environment'],
  unknown_handoff: [404, 'No such handoff'],
  no_number: [409, 'The environment has no number'],
  no_version: [409, 'Nothing has been promoted'],
  invalid: [422, 'The body is not valid'],
  not_listening: [503, 'Baton does not listen'],
  too_many_rehearsals: [503, 'Too many rehearsals'],
} as const satisfies Record<string, readonly [status: number, title: string]>

/** Which table is tried; without `version` and `draft`, the one that the environment runs. */
export interface TriedTable {
  project: string
  environment: string
  version?: number
  draft?: boolean
}

/**
 * The table of a trial, as the environment runs it or would run it.
 * @param caller chooses between a canary and the release that it would replace
 * @throws TrialRefused, or RoutesError for a project or version that does not exist
 */
export async function trialTable(
  routing: Routing,
  { project, environment, version, draft = false }: TriedTable,
  trial: 'explain' | 'rehearse',
  caller = '',
): Promise<PinnedTable> {
  if (draft || version !== undefined) return routing.environments.candidate(project, environment, version ?? 'draft')

  const pinned = routing.current(project, environment, caller)
  if (pinned === 'unknown') {
    const names = Object.keys(routing.project(project).environments).join(', ')
    throw new TrialRefused(
      'unknown_environment',
      `Project ${project} has no environment "${environment}", but ${names}.`,
    )
  }
  if (!pinned) {
    throw new TrialRefused(
      'no_version',
      `${environment} of ${project} runs no version yet: publish one and promote it, or ${trial} the draft.`,
    )
  }

  return pinned
}
