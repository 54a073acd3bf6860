/** The schema of gateways and agents: of the trunks’ settings, and of project files. */
import { Type } from 'typebox'

/** The schema of a `Limit`. */
export const LimitSchema = Type.Object(
  {
    calls: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 1_000_000,
        description: 'calls at once, 1 to 1000000',
        wanted: 'calls at once, 1 to 1000000',
      }),
    ),
    cps: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 100_000,
        description: 'new calls a second, 1 to 100000',
        wanted: 'new calls a second, 1 to 100000',
      }),
    ),
    queue: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 600,
        description: 'seconds that a call waits for room, 0 (none) to 600',
        wanted: 'seconds, 0 to 600',
      }),
    ),
  },
  {
    additionalProperties: false,
    description: 'a limit: { calls, cps, queue }; what is over it goes to the next choice, as overflow',
    wanted: '{ calls, cps, queue }',
  },
)

/** The fields of a choice beside its URI. */
export const choiceFields = {
  priority: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 65_535,
      description: 'lower ones are tried first (RFC 2782), 0 to 65535; 0 without it',
      wanted: 'a priority, 0 to 65535',
    }),
  ),
  weight: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 65_535,
      description: 'the share of calls among those of equal priority (RFC 2782), 0 to 65535',
      wanted: 'a weight, 0 to 65535',
    }),
  ),
  limit: Type.Optional(LimitSchema),
}
