/** A routing table made ready for calls: defaults filled in, templates parsed, names resolved. */
import { profiles } from './profiles.ts'
import { parseTemplate, Template } from './template.ts'
import type {
  CallerIdPolicy,
  Fallback,
  HandoffRecord,
  HeaderPlace,
  Method,
  NumberFormat,
  ReceiverProfileName,
  RuleRecord,
  ScheduleRecord,
  Table,
  UserToUserForm,
} from '../schema/project-file.ts'

/** A handoff, ready for calls. Times are in seconds. */
export interface Handoff {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly active: boolean
  readonly default: boolean
  readonly method: Method
  /** A number or a URI; undefined for method `bye`. */
  readonly route: string | undefined
  readonly headers: readonly (readonly [name: string, value: Template])[]
  readonly headersIn: HeaderPlace
  readonly onFailure: readonly string[]
  readonly fallback: Fallback
  readonly ringTimeout: number
  /** Undefined: as the trunk has it. */
  readonly progressTimeout: number | undefined
  readonly notifyTimeout: number
  readonly deadline: number
  readonly callerId: CallerIdPolicy
  readonly numberFormat: NumberFormat | undefined
  readonly trunk: string | undefined
  readonly transport: HandoffRecord['transport']
  readonly encryption: HandoffRecord['encryption']
  readonly earlyMedia: HandoffRecord['early_media']
  readonly redirects: HandoffRecord['redirects']
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
}

/** Compiles a table that has been checked. */
export function compileTable(table: Table): CompiledTable {
  const handoffs = table.handoffs.map(compileHandoff)
  const byDefault = handoffs.find((handoff) => handoff.default)
  if (!byDefault) throw new TypeError('the table has no default handoff: it has not been checked')

  return {
    handoffs,
    byName: new Map(handoffs.map((handoff) => [handoff.name, handoff])),
    default: byDefault,
    schedules: new Map((table.schedules ?? []).map((schedule) => [schedule.name, schedule])),
    rules: table.rules ?? [],
  }
}

/** Fills in what a handoff leaves out. */
export function compileHandoff(record: HandoffRecord): Handoff {
  const profile = record.profile && profiles[record.profile]

  return {
    id: record.id ?? record.name,
    name: record.name,
    description: record.description ?? '',
    active: record.active ?? true,
    default: record.default ?? false,
    method: record.method ?? 'refer',
    route: record.route,
    headers: Object.entries(record.headers ?? {}).map(([name, value]) => [name, template(value)] as const),
    headersIn: record.headers_in ?? profile?.headersIn ?? 'request',
    onFailure: record.on_failure ?? [],
    fallback: record.fallback ?? 'invite',
    ringTimeout: record.ring_timeout ?? 30,
    progressTimeout: record.progress_timeout,
    notifyTimeout: record.notify_timeout ?? 30,
    deadline: record.deadline ?? 120,
    callerId: record.caller_id ?? {},
    numberFormat: record.number_format,
    trunk: record.trunk,
    transport: record.transport,
    encryption: record.encryption,
    earlyMedia: record.early_media,
    redirects: record.redirects,
    userToUser: record.user_to_user && {
      value: template(record.user_to_user.value),
      form: record.user_to_user.form ?? profile?.userToUser ?? 'text',
    },
    profile: record.profile,
    schedule: record.schedule,
    whenClosed: record.when_closed ?? [],
    labels: record.labels ?? {},
  }
}

function template(text: string): Template {
  const parsed = parseTemplate(text)
  if (parsed instanceof Template) return parsed
  throw new TypeError(`${parsed.problem}: the table has not been checked`)
}
