/**
 * The project file, as operators write it. Every description is shown as the hint of a mistake, and by editors that
 * complete the file, so it says what would be right.
 */
import { Type, type Static } from 'typebox'
import { choiceFields, LimitSchema } from '../../base/choice-schema.ts'
import { mediaDefaults, mediaFields, recordingFields } from './handoff-media.ts'
import { exampleHandoff, exampleProject, exampleSettings, exampleTable } from './examples.ts'
import { closed, name, names, probe, seconds, text, texts, values } from './field-shapes.ts'
import { ResolverSchema } from './resolver-schema.ts'
import { ScheduleSchema } from './schedule-schema.ts'

export const environmentNames = ['sandbox', 'pre-release', 'live'] as const
const methods = ['refer', 'invite', 'bye'] as const
const headerPlaces = ['request', 'refer_to', 'both'] as const
const fallbacks = ['invite', 'none'] as const
const numberFormats = ['e164', 'without_plus', 'national', 'prefix_00', 'as_written'] as const
const transports = ['udp', 'tcp', 'tls'] as const
const encryptions = ['none', 'preferred', 'required'] as const
const redirectPolicies = ['follow', 'refuse'] as const
const earlyMediaPolicies = ['hold', 'pass'] as const
const receiverProfiles = ['genesys', 'avaya', 'five9', 'nice', 'twilio', 'teams'] as const
const userToUserForms = ['genesys', 'avaya', 'cisco', 'text'] as const

/** The values of a handoff for the fields that it leaves out. Times are seconds. */
export const handoffDefaults = {
  active: true,
  default: false,
  method: 'refer',
  headers_in: 'request',
  fallback: 'invite',
  ring_timeout: 30,
  notify_timeout: 30,
  deadline: 120,
} as const

/** The settings of an environment for the fields that they leave out. Times are seconds. */
export const settingsDefaults = {
  progress_timeout: 3,
  adhoc: false,
  consult: true,
  recording: mediaDefaults.recording,
} as const

const CallerIdPolicySchema = closed(
  {
    from: Type.Optional(text('From: `as_is` (the caller), `dialled` (the number that was called), a number or a URI')),
    p_asserted_identity: Type.Optional(
      text('P-Asserted-Identity (RFC 3325): `as_is`, `dialled`, `none`, a number or a URI'),
    ),
    diversion: Type.Optional(text('Diversion (RFC 5806): `as_is`, `dialled`, `none`, a number or a URI')),
    history_info: Type.Optional(text('History-Info (RFC 7044): `as_is`, `dialled`, `none`, a number or a URI')),
    privacy: Type.Optional(text('Privacy (RFC 3323): `as_is`, `none`, or values such as `id`')),
  },
  'who the destination sees as the caller, for method invite',
)

/** Time for which a number of a pool stays reserved when its transfer is over, in seconds. */
export const poolHoldSeconds = 60

const UserToUserSchema = closed(
  {
    value: text('the readable value; a template such as "account=$account"', 4096),
    form: Type.Optional(
      Type.Enum(userToUserForms, {
        description: `how it is written: ${userToUserForms.join(', ')}; the profile decides otherwise`,
      }),
    ),
  },
  'User-to-User data (RFC 7433)',
)

const NumberPoolSchema = closed(
  {
    numbers: Type.Array(text('an E.164 number such as "+14155550100", or a tel:, sip: or sips: URI', 256), {
      minItems: 1,
      maxItems: 1000,
      description: 'a list of numbers that all lead to the destination',
    }),
    hold: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 3600,
        default: poolHoldSeconds,
        description: 'seconds for which a number stays reserved when its transfer is over, 0 to 3600',
      }),
    ),
  },
  'numbers of which each transfer reserves one, for a destination that takes no headers; in the place of a route',
)
export type NumberPool = Static<typeof NumberPoolSchema>

export const HandoffSchema = closed(
  {
    id: Type.Optional(name('an identifier that stays when the handoff is renamed')),
    name: name('a name of letters, digits, ".", "_" and "-", at most 64 characters'),
    display_name: Type.Optional(text('what people call it, such as "VIP host desk"', 100)),
    description: Type.Optional(text('what the destination is, in words')),
    active: Type.Optional(
      Type.Boolean({ default: handoffDefaults.active, description: 'false takes it out of use; `true` or `false`' }),
    ),
    default: Type.Optional(
      Type.Boolean({
        default: handoffDefaults.default,
        description: 'true for the one handoff that unknown names get; `true` or `false`',
      }),
    ),
    method: Type.Optional(
      Type.Enum(methods, {
        default: handoffDefaults.method,
        description: 'how the caller is moved: refer, invite or bye',
      }),
    ),
    route: Type.Optional(
      text(
        'an E.164 number such as "+14155550100", or a tel:, sip: or sips: URI, whose user part may be a template such as sip:${queue}@pbx.example; not with method bye',
      ),
    ),
    headers: Type.Optional(values('header names with their values; values are templates such as "acct-${account}"')),
    headers_in: Type.Optional(
      Type.Enum(headerPlaces, {
        default: handoffDefaults.headers_in,
        description: 'where headers go: request, refer_to or both',
      }),
    ),
    on_failure: Type.Optional(names('names of the handoffs to try next, in order')),
    fallback: Type.Optional(
      Type.Enum(fallbacks, {
        default: handoffDefaults.fallback,
        description: 'when REFER is refused: invite (bridge) or none',
      }),
    ),
    ring_timeout: Type.Optional(
      seconds(handoffDefaults.ring_timeout, 600, 'seconds that a destination may ring, 0.1 to 600'),
    ),
    progress_timeout: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 60,
        description:
          'seconds in which a destination must send a response to an INVITE, 100 included, 0 (no limit) to 60; the trunk decides otherwise',
      }),
    ),
    probe: Type.Optional(probe),
    notify_timeout: Type.Optional(
      seconds(handoffDefaults.notify_timeout, 600, 'seconds without a sign of life of a REFER, 0.1 to 600'),
    ),
    deadline: Type.Optional(seconds(handoffDefaults.deadline, 3600, 'seconds for the whole transfer, 0.1 to 3600')),
    caller_id: Type.Optional(CallerIdPolicySchema),
    number_format: Type.Optional(
      Type.Enum(numberFormats, {
        description: `how a number is written: ${numberFormats.join(', ')}; the trunk decides otherwise`,
      }),
    ),
    trunk: Type.Optional(text('the name of the trunk to use')),
    transport: Type.Optional(Type.Enum(transports, { description: 'the transport wished: udp, tcp or tls' })),
    encryption: Type.Optional(
      Type.Enum(encryptions, {
        description:
          'SRTP, for method invite: required, preferred (plain RTP to a destination that refuses it) or none; as the caller has it otherwise',
      }),
    ),
    early_media: Type.Optional(
      Type.Enum(earlyMediaPolicies, {
        description:
          'whether the caller hears the destination before it answers, for method invite: hold (it stays with the agent) or pass; the trunk decides otherwise',
      }),
    ),
    redirects: Type.Optional(
      Type.Enum(redirectPolicies, {
        description:
          'when a destination answers 300, 301 or 302, for method invite: follow or refuse; the trunk decides otherwise',
      }),
    ),
    ...mediaFields,
    user_to_user: Type.Optional(UserToUserSchema),
    profile: Type.Optional(
      Type.Enum(receiverProfiles, { description: `what receives the call: ${receiverProfiles.join(', ')}` }),
    ),
    schedule: Type.Optional(name('the name of a schedule of this table; always open without one')),
    when_closed: Type.Optional(names('names of the handoffs where callers go while the schedule is closed')),
    limit: Type.Optional(LimitSchema),
    pool: Type.Optional(NumberPoolSchema),
    resolver: Type.Optional(ResolverSchema),
    labels: Type.Optional(values('free labels, name and value')),
  },
  'a handoff',
  'Handoff',
  [exampleHandoff],
)

const RuleSchema = closed(
  {
    name: name('a name of letters, digits, ".", "_" and "-", at most 64 characters'),
    description: Type.Optional(text('why the rule is there')),
    asked: Type.Optional(names('names of handoffs that the rule diverts; without it, transfers that name none')),
    when: Type.Optional(
      closed(
        {
          called: Type.Optional(texts('called numbers, E.164')),
          caller_prefix: Type.Optional(texts('beginnings of the caller number, such as "+1415"')),
          headers: Type.Optional(values('inbound X- headers and the value each must have')),
          variables: Type.Optional(values('variables and the value each must have')),
          schedule: Type.Optional(name('the name of a schedule of this table')),
          schedule_is: Type.Optional(Type.Enum(['open', 'closed'], { default: 'open', description: 'open or closed' })),
          share: Type.Optional(
            Type.Number({
              minimum: 0,
              maximum: 100,
              description: 'percentage of callers, 0 to 100; a caller stays on the same side',
            }),
          ),
        },
        'conditions, all of which must hold',
      ),
    ),
    handoff: name('the name of the handoff to use'),
  },
  'a rule',
  'Rule',
)

export const TableSchema = closed(
  {
    handoffs: Type.Array(HandoffSchema, { minItems: 1, maxItems: 1000, description: 'a list of at least one handoff' }),
    schedules: Type.Optional(Type.Array(ScheduleSchema, { maxItems: 1000, description: 'a list of schedules' })),
    audio: Type.Optional(
      Type.Record(
        Type.String(),
        Type.String({ pattern: '^sha256:[0-9a-f]{64}$', description: 'sha256: and 64 digits' }),
        {
          description:
            'the audio files of handoffs and the digest of each, as an upload writes them; an import without it keeps those of the draft',
        },
      ),
    ),
    rules: Type.Optional(
      Type.Array(RuleSchema, { maxItems: 1000, description: 'a list of rules; the first that matches wins' }),
    ),
  },
  'a routing table',
  'Table',
  [exampleTable],
)

const agentUri = text('a SIP URI such as "sip:agent@127.0.0.1:5090"')

export const EnvironmentSchema = closed(
  {
    numbers: Type.Optional(texts('a list of E.164 numbers in quotes, such as ["+14155550100"]')),
    agents: Type.Optional(
      Type.Array(
        Type.Union(
          [agentUri, closed({ uri: agentUri, ...choiceFields }, 'an agent: { uri, priority, weight, limit }')],
          {
            description: 'a SIP URI such as "sip:agent@127.0.0.1:5090", or { uri, priority, weight, limit }',
          },
        ),
        { description: 'a list of SIP URIs of agents, such as ["sip:agent@127.0.0.1:5090"]' },
      ),
    ),
    agent_down: Type.Optional(
      name('the name of the handoff that callers get when no agent answers; that of the project otherwise'),
    ),
    progress_timeout: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 60,
        default: settingsDefaults.progress_timeout,
        description:
          'seconds in which an agent must send a response to the INVITE, 100 included, before the next is tried, 0 (no limit) to 60',
      }),
    ),
    probe: Type.Optional(probe),
    limit: Type.Optional(LimitSchema),
    variables: Type.Optional(values('variables of this environment, name and value')),
  },
  'the settings of an environment: its numbers, agents, agent_down, progress_timeout, probe, limit and variables',
  'EnvironmentSettings',
  [exampleSettings],
)

/** Fields of a project file that apply to all of its environments; a release keeps them with the settings of one. */
const policies = {
  agent_down: Type.Optional(name('the name of the handoff that callers get when no agent answers')),
  adhoc: Type.Optional(
    Type.Boolean({
      default: settingsDefaults.adhoc,
      description: 'may an agent ask for a raw number or URI; `true` or `false`',
    }),
  ),
  adhoc_deny: Type.Optional(texts('beginnings of numbers and URIs that an agent may never ask for, such as "+1900"')),
  adhoc_allow: Type.Optional(
    texts(
      'beginnings of numbers that an agent may ask for though they are premium, satellite or a fraud range, such as "+8816"',
    ),
  ),
  adhoc_hosts: Type.Optional(
    texts(
      'private hosts that an agent may ask for, such as "10.0.0.9", or "10.0.0.9:5070" for one port; those of handoffs and gateways it may',
    ),
  ),
  consult: Type.Optional(
    Type.Boolean({
      default: settingsDefaults.consult,
      description: 'may an agent call a handoff itself, to ask first; `true` or `false`',
    }),
  ),
  ...recordingFields,
}

/** The settings of a release: those of its environment, and the policies of the project file. */
export const ReleaseSettingsSchema = closed(
  { ...policies, project_limit: Type.Optional(LimitSchema), ...EnvironmentSchema.properties },
  'the settings that an environment runs',
  'ReleaseSettings',
)

const environmentList = Type.Array(Type.Enum(environmentNames), {
  description: `a list of environments: ${environmentNames.join(', ')}`,
})

export const ProjectSchema = closed(
  {
    project: name('a name of letters, digits, ".", "_" and "-", at most 64 characters'),
    description: Type.Optional(text('what the project is')),
    environments: closed(
      {
        sandbox: Type.Optional(EnvironmentSchema),
        'pre-release': Type.Optional(EnvironmentSchema),
        live: Type.Optional(EnvironmentSchema),
      },
      `environments by name: ${environmentNames.join(', ')}`,
    ),
    table: TableSchema,
    ...policies,
    limit: Type.Optional(LimitSchema),
    request_variables: Type.Optional(
      texts('the variables that transfer requests bring; with this list, any other is a mistake in a template'),
    ),
    require_rehearsal: Type.Optional(
      Type.Array(Type.Enum(environmentNames), {
        description: 'environments that take only rehearsed versions, such as ["live"]',
      }),
    ),
    promote_after: Type.Optional(
      closed(
        {
          sandbox: Type.Optional(environmentList),
          'pre-release': Type.Optional(environmentList),
          live: Type.Optional(environmentList),
        },
        'the environments that must have run a version before another may: { live: [sandbox] }',
      ),
    ),
  },
  'a project file',
  'ProjectFile',
  [exampleProject],
)

/** The text as the name of an environment; undefined when there is no such environment. */
export function environmentNamed(given: string): EnvironmentName | undefined {
  return environmentNames.find((environment) => environment === given)
}

export type EnvironmentName = (typeof environmentNames)[number]
export type Method = (typeof methods)[number]
export type HeaderPlace = (typeof headerPlaces)[number]
export type Fallback = (typeof fallbacks)[number]
export type NumberFormat = (typeof numberFormats)[number]
export type ReceiverProfileName = (typeof receiverProfiles)[number]
export type UserToUserForm = (typeof userToUserForms)[number]

/** A project file, as written. */
export type ProjectFile = Static<typeof ProjectSchema>
export type EnvironmentRecord = Static<typeof EnvironmentSchema>
/** A routing table, as written. */
export type Table = Static<typeof TableSchema>
/** A handoff, as written: a field that is left out has its default. */
export type HandoffRecord = Static<typeof HandoffSchema>
export type RuleRecord = Static<typeof RuleSchema>
export type CallerIdPolicy = Static<typeof CallerIdPolicySchema>
/** The settings of a release: a field that is left out has its default. */
export type ReleaseSettings = Static<typeof ReleaseSettingsSchema>
/** The content of a project file beside its environments and its table. */
export type ProjectSettings = Omit<ProjectFile, 'project' | 'environments' | 'table'>

/** The JSON Schema of a project file: `/v1/schema`, and `routes/project.schema.json` for editors. */
export function projectJsonSchema(): Record<string, unknown> {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Baton project file',
    ...(JSON.parse(JSON.stringify(ProjectSchema)) as Record<string, unknown>),
  }
}
