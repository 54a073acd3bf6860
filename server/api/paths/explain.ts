import { explain, requestHeaders, type Step } from '../../../routes/index.ts'
import { actorOf } from '../auth.ts'
import type { ApiParts } from '../parts.ts'
import { ApiRefusal } from '../problems.ts'
import { RehearsalBody, RehearsalView } from '../shapes/rehearsal.ts'
import { ExplainBody, ExplainView } from '../shapes/explain.ts'
import { answers, OneProject, type Api } from '../typed.ts'

/** Trying a handoff without a caller: on paper (`explain`), and over real SIP (`rehearsals`). */
export function explainPaths(api: Api, { routing, wireOf, trunkOf, rehearse, log }: ApiParts): void {
  api.post(
    '/v1/projects/:project/explain',
    {
      schema: {
        tags: ['try'],
        summary: 'What a transfer would do: the plan, the rendered headers, the bytes on the wire, warnings',
        params: OneProject,
        body: ExplainBody,
        response: answers({ 200: ExplainView }, 401, 404, 409, 415, 422),
      },
    },
    (request) => {
      const { environment, handoff, call = {}, headers, variables, reason, at } = request.body
      const { project } = request.params
      const pinned = routing.current(project, environment)
      if (pinned === 'unknown')
        throw new ApiRefusal('unknown_project', `There is no project ${project} with an environment ${environment}.`)
      if (!pinned) throw new ApiRefusal('no_version', `Nothing has been promoted to ${environment} of ${project} yet.`)

      const facts = {
        callId: 'explain',
        callerId: call.caller,
        callerName: call.callerName,
        calledNumber: call.called ?? pinned.numbers[0],
        headers: call.headers,
      }
      const asked = { handoff, headers, variables: { ...call.variables, ...variables }, reason }
      const explained = explain(pinned, asked, facts, {
        now: at === undefined ? undefined : Date.parse(at),
        trunk: trunkOf?.(call.trunk),
        wire: (step, method) =>
          wireOf?.(step, method, { facts, agent: pinned.agents[0] ?? 'sip:agent@invalid', trunk: call.trunk }).text ??
          [],
      })
      const { requested, matched, rule, handoff: found, deadline, steps, warnings } = explained

      return {
        ...{
          project,
          environment,
          release: pinned.release,
          version: pinned.version,
          requested,
          matched,
          handoff: found,
          deadline,
        },
        ...(rule !== undefined && { rule }),
        attempts: steps.map((step, at) => ({
          ...shown(step),
          headerBytes: explained.headerBytes[at] ?? 0,
          messages: explained.messages.filter(({ handoff }) => handoff === step.handoff),
        })),
        warnings: [...warnings],
      }
    },
  )

  api.post(
    '/v1/projects/:project/rehearsals',
    {
      schema: {
        tags: ['try'],
        summary: 'Place a rehearsal call, and tell how it went',
        params: OneProject,
        body: RehearsalBody,
        response: answers({ 200: RehearsalView }, 401, 404, 409, 415, 422, 501, 503),
      },
    },
    async (request) => {
      if (!rehearse)
        throw new ApiRefusal('not_available', 'Rehearsals need a Baton that serves; start one with "npx baton serve".')

      const { project } = request.params
      const rehearsal = await rehearse({ ...request.body, project })
      const { verdict, version, handoff } = rehearsal
      if (verdict === 'passed') {
        // The verdict stands, also when the store cannot be told.
        await routing.recordRehearsal(project, version, handoff, actorOf(request)).catch((error: unknown) => {
          log.warn('a rehearsal that passed is not recorded', { project, version, handoff, error: String(error) })
        })
      }

      return rehearsal
    },
  )
}

function shown(step: Step) {
  const { handoff, method, target, referTo, headersIn, ringTimeout, notifyTimeout, fallback } = step

  return {
    handoff,
    method,
    target,
    ...(referTo !== undefined && { referTo }),
    headers: Object.fromEntries(step.headers),
    requestHeaders: Object.fromEntries(requestHeaders(step, method)),
    headersIn,
    ringTimeout,
    notifyTimeout,
    fallback,
  }
}
