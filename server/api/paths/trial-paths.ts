import { Type, type Static } from 'typebox'
import { defined } from '../../../base/defined.ts'

import {
  noSwitches,
  normaliseNumber,
  requestHeaders,
  type HandoffChanges,
  type HandoffCommand,
  type PinnedTable,
  type Routing,
  type Step,
} from '../../../routes/index.ts'
import { actorOf } from '../auth.ts'
import type { ApiParts } from '../parts.ts'
import { ApiRefusal } from '../problems.ts'
import { AllRehearsalsView, RehearsalBody, RehearsalView, trialTable } from '../../rehearsal/index.ts'
import { answers, OneProject, type Api } from '../path-parts.ts'

/** Trials of a handoff without a caller: without a network (`explain`), and over real SIP (`rehearsals`). */
export function trialPaths(api: Api, { routing, explainer, rehearsals }: ApiParts): void {
  api.post(
    '/v1/projects/:project/explain',
    {
      config: { access: 'viewer', changesNothing: true },
      schema: {
        tags: ['try'],
        summary: 'What a transfer would do: the plan, the rendered headers, the bytes on the wire, warnings',
        description:
          'The transfer is made as every transfer is, without a network: its agent answers, and each REFER and INVITE is refused, so that every attempt has its turn.',
        params: OneProject,
        body: ExplainBody,
        response: answers({ 200: ExplainView }, 401, 403, 404, 409, 415, 422),
      },
    },
    async (request) => {
      const {
        environment,
        handoff = '',
        version,
        draft = false,
        edit,
        call = {},
        headers,
        variables,
        reason,
        at,
      } = request.body
      const { project } = request.params
      refuseVersionAndDraft(request.body)
      const pinned = edit
        ? await editedTable(routing, project, request.body)
        : await trialTable(
            routing,
            { project, environment, draft, ...defined({ version }) },
            'explain',
            call.caller && (normaliseNumber(call.caller) ?? call.caller),
          )
      const trunk = explainer.trunkNamed(call.trunk)
      if (!trunk) throw new ApiRefusal('unknown_trunk', `There is no trunk ${call.trunk ?? ''} in the configuration.`)

      const { caller, callerName, called, headers: inbound, from, contact, sdp } = call
      const asked = { handoff, variables: { ...call.variables, ...variables }, ...defined({ headers }) }
      const {
        plan,
        messages,
        headerBytes,
        headerLimits,
        variables: values,
        agentInvite,
        warnings,
      } = await explainer.explain({
        ...{ pinned, trunk, caller: { caller, callerName, called, headers: inbound, from, contact, session: sdp } },
        request: { ...asked, ...defined({ reason }) },
        at: at === undefined ? Date.now() : Date.parse(at),
        // An edit is explained for its own sake, whatever is closed just now.
        switches: edit ? noSwitches : routing.switches.of(project, pinned.environment),
      })
      const { requested, matched, rule, handoff: found, deadline, steps } = plan

      return {
        ...{ project, environment, release: pinned.release, version: pinned.version, draft, trunk: trunk.name },
        ...{ requested, matched, handoff: found, deadline },
        ...defined({ rule }),
        attempts: steps.map((step, index) => ({
          ...attemptOf(step),
          headerBytes: headerBytes[index] ?? 0,
          headerLimits: defined(headerLimits[index] ?? {}),
          messages: messages.filter((message) => message.handoff === step.handoff),
        })),
        variables: { ...values },
        agentInvite,
        warnings: [...warnings],
      }
    },
  )

  api.post(
    '/v1/projects/:project/rehearsals',
    {
      config: { access: 'operator' },
      schema: {
        tags: ['try'],
        summary: 'Place a rehearsal call, and tell how it went',
        params: OneProject,
        body: RehearsalBody,
        response: answers({ 200: Type.Union([RehearsalView, AllRehearsalsView]) }, 401, 404, 409, 415, 422, 501, 503),
      },
    },
    async (request) => {
      if (!rehearsals) {
        throw new ApiRefusal('not_available', 'Rehearsals need a Baton that serves; start one with "npx baton serve".')
      }

      const { all = false, handoff, environment = 'sandbox', ...asked } = request.body
      if (all === (handoff !== undefined)) throw new ApiRefusal('invalid', 'Name a handoff, or ask for all of them.')
      refuseVersionAndDraft(asked)
      const { project } = request.params
      const actor = actorOf(request)

      return handoff === undefined
        ? rehearsals.rehearseAll({ ...asked, environment, project }, actor)
        : rehearsals.rehearse({ ...asked, environment, project, handoff }, actor)
    },
  )
}

function refuseVersionAndDraft({ version, draft = false }: { version?: number; draft?: boolean }): void {
  if (draft && version !== undefined) {
    throw new ApiRefusal('invalid', 'Ask for a version or for the draft, not for both.')
  }
}

/** The draft with an edit that is not saved. */
function editedTable(
  routing: Routing,
  project: string,
  { environment, draft = false, edit }: Static<typeof ExplainBody>,
): Promise<PinnedTable> {
  if (!draft || !edit) throw new ApiRefusal('invalid', 'An edit is explained with "draft": true.')

  return routing.environments.candidate(project, environment, 'draft', commandOf(edit))
}

function commandOf({ handoff, changes }: { handoff?: string; changes: HandoffChanges }): HandoffCommand {
  if (handoff !== undefined) return { do: 'update', name: handoff, changes }

  // What a new handoff holds is checked by routes/, with the whole table.
  return { do: 'create', handoff: changes as Extract<HandoffCommand, { do: 'create' }>['handoff'] }
}

function attemptOf(step: Step) {
  const { handoff, method, target, referTo, headersIn, ringTimeout, notifyTimeout, fallback, passedOver } = step

  return {
    handoff,
    method,
    target,
    ...defined({ referTo }),
    headers: Object.fromEntries(step.headers),
    requestHeaders: Object.fromEntries(requestHeaders(step, method)),
    headersIn,
    ringTimeout,
    notifyTimeout,
    fallback,
    ...defined({ passedOver }),
  }
}

/** What `POST /v1/projects/{project}/explain` takes and gives. */

const Values = Type.Record(Type.String(), Type.String())
const Method = Type.Union([Type.Literal('refer'), Type.Literal('invite'), Type.Literal('bye')])

const ExplainBody = Type.Object(
  {
    environment: Type.String({ minLength: 1 }),
    handoff: Type.Optional(
      Type.String({ description: 'The name that is asked for; the table’s rules and its default decide without one' }),
    ),
    version: Type.Optional(
      Type.Integer({ minimum: 1, description: 'A version, with the settings that run; what runs when left out' }),
    ),
    draft: Type.Optional(
      Type.Boolean({ description: 'The drafts of the table and of the settings, as a promotion would have them run' }),
    ),
    edit: Type.Optional(
      Type.Object(
        {
          handoff: Type.Optional(Type.String({ description: 'Its name in the draft; a new one when left out' })),
          changes: Type.Unsafe<HandoffChanges>(
            Type.Object({}, { description: 'Fields with their new values; null takes one away' }),
          ),
        },
        {
          additionalProperties: false,
          description: 'With `draft`: a handoff as it would be, were this saved; nothing is stored',
        },
      ),
    ),
    call: Type.Optional(
      Type.Object(
        {
          caller: Type.Optional(Type.String({ description: 'The caller’s number, or SIP URI' })),
          callerName: Type.Optional(Type.String()),
          called: Type.Optional(
            Type.String({ description: 'The dialled number; the environment’s first one when left out' }),
          ),
          headers: Type.Optional(Type.Record(Type.String(), Type.String(), { description: 'Headers of its INVITE' })),
          variables: Type.Optional(Values),
          trunk: Type.Optional(Type.String({ description: 'The trunk it comes in by; the first one when left out' })),
          from: Type.Optional(
            Type.String({ description: 'Its From, without a tag, in the place of caller and callerName' }),
          ),
          contact: Type.Optional(
            Type.String({ description: 'Its Contact; the caller at an address of the trunk when left out' }),
          ),
          sdp: Type.Optional(
            Type.String({
              description:
                'The session that it offers; plain RTP, or SRTP where a handoff requires that, when left out',
            }),
          ),
        },
        { additionalProperties: false },
      ),
    ),
    headers: Type.Optional(
      Type.Record(Type.String(), Type.String(), { description: 'Headers of the transfer request' }),
    ),
    variables: Type.Optional(
      Type.Record(Type.String(), Type.String(), { description: 'Variables of the transfer request' }),
    ),
    reason: Type.Optional(Type.String()),
    at: Type.Optional(
      Type.String({ format: 'date-time', description: 'The moment that schedules see; now when left out' }),
    ),
  },
  {
    additionalProperties: false,
    examples: [{ environment: 'live', handoff: 'front-desk', call: { caller: '+14155550123' }, reason: 'billing' }],
  },
)

const Warning = Type.Object(
  {
    code: Type.String(),
    detail: Type.String(),
    handoff: Type.Optional(Type.String()),
  },
  { title: 'Warning' },
)

export const ExplainView = Type.Object(
  {
    project: Type.String(),
    environment: Type.String(),
    release: Type.Integer(),
    version: Type.Integer({ description: 'Of a draft, the number that it would be published as' }),
    draft: Type.Boolean(),
    trunk: Type.String({ description: 'The trunk that the call comes in by' }),
    requested: Type.String(),
    matched: Type.Union([Type.Literal('hit'), Type.Literal('default')]),
    rule: Type.Optional(Type.String({ description: 'The rule that chose the handoff' })),
    handoff: Type.String(),
    deadline: Type.Number({ description: 'Seconds for the whole transfer' }),
    attempts: Type.Array(
      Type.Object({
        handoff: Type.String(),
        method: Method,
        target: Type.String(),
        referTo: Type.Optional(Type.String({ description: 'The whole Refer-To value' })),
        headers: Values,
        requestHeaders: Type.Record(Type.String(), Type.String(), {
          description: 'Those that go on the request itself',
        }),
        headersIn: Type.String(),
        headerBytes: Type.Integer({ description: 'Of all its headers together' }),
        headerLimits: Type.Object(
          {
            count: Type.Optional(Type.Integer()),
            bytesEach: Type.Optional(Type.Integer()),
            bytesTotal: Type.Optional(Type.Integer()),
          },
          { description: 'What there is room for: the lower limit of the receiver’s profile and of the trunk' },
        ),
        ringTimeout: Type.Number(),
        notifyTimeout: Type.Number(),
        fallback: Type.String(),
        passedOver: Type.Optional(
          Type.Object(
            {
              reason: Type.Enum(['closed_by_switch', 'route_incomplete', 'route_denied', 'pool_exhausted']),
              detail: Type.String(),
            },
            { description: 'Why the handoff is not tried: a switch has closed or diverted it' },
          ),
        ),
        messages: Type.Array(
          Type.Object({
            method: Method,
            to: Type.Union([Type.Literal('caller'), Type.Literal('destination')]),
            text: Type.String({ description: 'One character a byte' }),
            bytes: Type.Integer(),
          }),
        ),
      }),
    ),
    variables: Type.Record(Type.String(), Type.String(), {
      description: 'Every variable that a header’s value may name, as it is in this call',
    }),
    agentInvite: Type.String({ description: 'The INVITE that the agent gets first; one character a byte' }),
    warnings: Type.Array(Warning),
  },
  { title: 'Explanation' },
)
