import { Type } from 'typebox'
import { TrunkView } from '../../calls/trunk-book.ts'
import type { ApiParts } from '../parts.ts'
import { ApiRefusal } from '../problems.ts'
import { answers, type Api } from '../path-parts.ts'

const tags = ['trunks']

const TrunksView = Type.Object({
  trunks: Type.Array(TrunkView),
  addresses: Type.Array(
    Type.Object({
      transport: Type.Enum(['udp', 'tcp', 'tls', 'ws', 'wss']),
      address: Type.String(),
      port: Type.Integer(),
    }),
    { description: 'Where carriers reach Baton: its SIP listeners, by the address that they advertise' },
  ),
})

/** The trunks, and what each has refused. */
export function trunkPaths(api: Api, { trunks, caps }: ApiParts): void {
  api.get(
    '/v1/trunks',
    {
      config: { access: 'viewer', scope: 'shared' },
      schema: {
        tags,
        summary: 'Trunks with their gateways, and what each has refused and until when that is remembered',
        description: 'The memory is that of this Baton: each process has its own.',
        response: answers({ 200: TrunksView }, 401),
      },
    },
    () => ({ trunks: trunks?.list() ?? [], addresses: trunks?.addresses() ?? [] }),
  )

  api.delete(
    '/v1/trunks/:trunk/memory',
    {
      config: { access: 'admin' },
      schema: {
        tags,
        summary:
          'Forget what a trunk has refused: its next caller is tried by REFER again, with SRTP where that is preferred',
        params: Type.Object({ trunk: Type.String({ minLength: 1, maxLength: 256, examples: ['carrier'] }) }),
        response: answers({ 200: TrunkView }, 401, 404),
      },
    },
    (request) => {
      const { trunk } = request.params
      const before = trunks?.list().find(({ name }) => name === trunk)
      const forgotten = trunks?.forget(trunk)
      if (!forgotten) throw new ApiRefusal('unknown_trunk', `There is no trunk "${trunk}".`)

      Object.assign(request.audit, { before: before?.memory, after: forgotten.memory })

      return forgotten
    },
  )

  api.delete(
    '/v1/trunks/:trunk/caps',
    {
      config: { access: 'operator' },
      schema: {
        tags,
        summary: 'Start the day of a trunk’s caps again: no call counts that was answered before',
        description: 'On every Baton of one Redis, within a second. 503 while Redis cannot be reached.',
        params: Type.Object({ trunk: Type.String({ minLength: 1, maxLength: 256, examples: ['carrier'] }) }),
        response: answers({ 200: TrunkView }, 401, 404, 503),
      },
    },
    async (request) => {
      const { trunk } = request.params
      const viewed = (): TrunkView | undefined => trunks?.list().find(({ name }) => name === trunk)
      const before = viewed()
      if (!before) throw new ApiRefusal('unknown_trunk', `There is no trunk "${trunk}".`)
      await caps?.reset(trunk).catch(() => {
        throw new ApiRefusal('busy', 'The counts cannot be written now; try again when the store can be reached.')
      })
      const after = viewed() ?? before
      Object.assign(request.audit, { before: before.caps, after: after.caps })

      return after
    },
  )
}
