import { Type } from 'typebox'
import { normaliseNumber } from '../../../routes/index.ts'
import { ContextView } from '../../context/context-store.ts'
import type { Principal } from '../../access/index.ts'
import type { ApiParts } from '../parts.ts'
import { ApiRefusal } from '../problems.ts'
import { answers, type Api } from '../path-parts.ts'

const tags = ['context']
const config = { access: 'context', scope: 'handler' } as const

/** What agents gave along with transfers, for the desktops of the persons who take the callers over. */
export function contextPaths(api: Api, { contexts }: ApiParts): void {
  api.get(
    '/v1/context/:id',
    {
      config,
      schema: {
        tags,
        summary: 'What an agent gave along with a transfer',
        description:
          'By the id that came with the call (X-Baton-Context), for CONTEXT_TTL after the transfer began. A token of the role ' +
          '`context` may do this and nothing else.',
        params: Type.Object({
          id: Type.String({ minLength: 1, maxLength: 100, examples: ['kq3pQzJ2TV6d0mXbQ9x0Yw'] }),
        }),
        response: answers({ 200: ContextView }, 401, 404),
      },
    },
    async (request) => {
      const { id } = request.params
      const context = await contexts?.get(id)

      return seenBy(request.principal, context, `There is no context ${id}, or its time is over.`)
    },
  )

  api.get(
    '/v1/context/by-caller/:number',
    {
      config,
      schema: {
        tags,
        summary: 'What an agent gave along for a caller, by the caller’s number',
        description: 'The newest of the last minute, for desktops that see nothing but the number.',
        params: Type.Object({ number: Type.String({ minLength: 1, maxLength: 256, examples: ['+14155550123'] }) }),
        response: answers({ 200: ContextView }, 401, 404),
      },
    },
    async (request) => {
      const { number } = request.params
      const context = await contexts?.byCaller(normaliseNumber(number) ?? number)

      return seenBy(
        request.principal,
        context,
        `No caller ${number} was handed over with a context in the last minute.`,
      )
    },
  )

  api.get(
    '/v1/context/by-number/:number',
    {
      config,
      schema: {
        tags,
        summary: 'What an agent gave along, by the number of a pool that the caller was sent to',
        description:
          'For a destination that takes no headers: the handoff has a `pool`, whose numbers each lead to one transfer.',
        params: Type.Object({ number: Type.String({ minLength: 1, maxLength: 256, examples: ['+14155550180'] }) }),
        response: answers({ 200: ContextView }, 401, 404),
      },
    },
    async (request) => {
      const { number } = request.params
      const context = await contexts?.byDialled(normaliseNumber(number) ?? number)

      return seenBy(request.principal, context, `No transfer has dialled ${number}, or its time is over.`)
    },
  )
}

/** A context of another project is as unknown as one that is not there. */
function seenBy(principal: Principal, context: ContextView | undefined, otherwise: string): ContextView {
  if (!context || !principal.mayIn(context.project, 'context')) throw new ApiRefusal('unknown_context', otherwise)

  return context
}
