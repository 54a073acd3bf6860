/** A routing table compiled for calls: defaults filled in, templates parsed, names resolved. */
import { noProbe, probeOf, type Probe } from '../../base/probe.ts'
import { inSlices } from '../../base/slices.ts'
import type { Limit } from '../../base/choice.ts'
import { compileMedia, plainMedia, type HandoffMedia } from './handoff-media.ts'
import { profiles } from './profiles.ts'
import { parseTemplate, Template, routeTemplateOf, sampleRoute } from './template.ts'
import {
  handoffDefaults,
  type CallerIdPolicy,
  type Fallback,
  type HandoffRecord,
  type HeaderPlace,
  type Method,
  type NumberFormat,
  type ReceiverProfileName,
  type RuleRecord,
  type Table,
  type UserToUserForm,
  type NumberPool,
} from '../schema/project-file.ts'
import type { ResolverRecord } from '../schema/resolver-schema.ts'
import type { ScheduleRecord } from '../schema/schedule-schema.ts'

/** A compiled handoff. Times are seconds. */
export interface Handoff {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly active: boolean
  readonly default: boolean
  readonly method: Method
  /** A number or a URI; undefined for method `bye`. */
  /** With samples in the place of its variables: host, port and parameters are those of every call. */
  readonly route: string | undefined
  /** The route as written, where it has variables. */
  readonly routeTemplate: { readonly text: string; readonly template: Template } | undefined
  readonly headers: readonly (readonly [name: string, value: Template])[]
  readonly headersIn: HeaderPlace
  readonly onFailure: readonly string[]
  readonly fallback: Fallback
  readonly ringTimeout: number
  /** Undefined leaves it to the trunk. */
  readonly progressTimeout: number | undefined
  /** How its host is asked by OPTIONS whether it is well. */
  readonly probe: Probe
  /** The calls that the destination may have. */
  readonly limit: Limit | undefined
  readonly pool: NumberPool | undefined
  readonly resolver: ResolverRecord | undefined
  readonly notifyTimeout: number
  readonly deadline: number
  readonly callerId: CallerIdPolicy
  readonly numberFormat: NumberFormat | undefined
  readonly trunk: string | undefined
  readonly transport: HandoffRecord['transport']
  readonly encryption: HandoffRecord['encryption']
  readonly earlyMedia: HandoffRecord['early_media']
  readonly redirects: HandoffRecord['redirects']
  readonly media: HandoffMedia
  readonly userToUser: { readonly value: Template; readonly form: UserToUserForm } | undefined
  readonly profile: ReceiverProfileName | undefined
  readonly schedule: string | undefined
  readonly whenClosed: readonly string[]
  readonly labels: Readonly<Record<string, string>>
}

export interface CompiledTable {
  readonly handoffs: readonly Handoff[]
  readonly byName: ReadonlyMap<string, Handoff>
  readonly default: Handoff
  readonly schedules: ReadonlyMap<string, ScheduleRecord>
  readonly rules: readonly RuleRecord[]
  /** The digests of the audio files that handoffs name. */
  readonly audio: Readonly<Record<string, string>>
  /** Whether any handoff has hold music, or silence, in the place of the agent. */
  readonly hasHoldMusic: boolean
}

/** Compiles a table that `checkTable` has accepted. */
export function compileTable(table: Table): CompiledTable {
  return withHandoffs(table, table.handoffs.map(compileHandoff))
}

/** As compileTable, in turns of the event loop. */
export async function compileTableInSlices(table: Table): Promise<CompiledTable> {
  const handoffs: Handoff[] = []
  await inSlices(table.handoffs, (record) => handoffs.push(compileHandoff(record)))

  return withHandoffs(table, handoffs)
}

function withHandoffs(table: Table, handoffs: readonly Handoff[]): CompiledTable {
  const byDefault = handoffs.find((handoff) => handoff.default)
  if (!byDefault) throw new TypeError('the table has no default handoff: it has not been checked')

  return {
    handoffs,
    byName: new Map(handoffs.map((handoff) => [handoff.name, handoff])),
    default: byDefault,
    schedules: new Map((table.schedules ?? []).map((schedule) => [schedule.name, schedule])),
    rules: table.rules ?? [],
    audio: table.audio ?? {},
    hasHoldMusic: handoffs.some(({ media }) => media.holdMusic !== plainMedia.holdMusic),
  }
}

/** Fills in the fields that a handoff leaves out. */
export function compileHandoff(written: HandoffRecord): Handoff {
  const record = { ...handoffDefaults, id: written.name, description: '', ...written }
  const profile = record.profile && profiles[record.profile]
  const { headers = {}, user_to_user: userToUser } = record

  return {
    id: record.id,
    name: record.name,
    description: record.description,
    active: record.active,
    default: record.default,
    method: record.method,
    ...compiledRoute(record),
    headers: Object.entries(headers).map(([name, value]) => [name, template(value)] as const),
    headersIn: written.headers_in ?? profile?.headersIn ?? record.headers_in,
    onFailure: record.on_failure ?? [],
    fallback: record.fallback,
    ringTimeout: record.ring_timeout,
    progressTimeout: record.progress_timeout,
    probe: record.probe ? probeOf(record.probe) : noProbe,
    limit: record.limit,
    pool: record.pool,
    resolver: record.resolver,
    notifyTimeout: record.notify_timeout,
    deadline: record.deadline,
    callerId: record.caller_id ?? {},
    numberFormat: record.number_format,
    trunk: record.trunk,
    transport: record.transport,
    encryption: record.encryption,
    earlyMedia: record.early_media,
    redirects: record.redirects,
    media: compileMedia(written),
    userToUser: userToUser && {
      value: template(userToUser.value),
      form: userToUser.form ?? profile?.userToUser ?? 'text',
    },
    profile: record.profile,
    schedule: record.schedule,
    whenClosed: record.when_closed ?? [],
    labels: record.labels ?? {},
  }
}

/** Of a pool, the first number stands for all of them. */
function compiledRoute({ route: written, pool }: HandoffRecord): Pick<Handoff, 'route' | 'routeTemplate'> {
  const text = written ?? pool?.numbers[0]
  const route = routeTemplateOf(text)

  return { route: text && sampleRoute(text), routeTemplate: route && { text: text ?? '', template: route } }
}

function template(text: string): Template {
  const parsed = parseTemplate(text)
  if (parsed instanceof Template) return parsed
  throw new TypeError(`${parsed.problem}: the table has not been checked`)
}
