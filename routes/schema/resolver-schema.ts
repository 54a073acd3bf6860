import { Type, type Static } from 'typebox'
import { closed, name, text } from './field-shapes.ts'

/** Seconds in which a resolver must answer, unless its handoff says otherwise. */
export const resolverSeconds = 1

/** The endpoint that a handoff asks for the route of each transfer, as written. */
export const ResolverSchema = closed(
  {
    url: text('an https URL such as "https://crm.example.com/route"', 2048),
    timeout: Type.Optional(
      Type.Number({
        minimum: 0.1,
        maximum: 10,
        default: resolverSeconds,
        description: 'seconds in which it must answer, 0.1 to 10; the route of the table is used after that',
      }),
    ),
    secret: Type.Optional(
      name('the name of a secret in RESOLVER_SECRETS, which signs the request; it is not signed otherwise'),
    ),
  },
  'an HTTP endpoint that is asked for the route and headers of each transfer; the route of the table is used when it fails',
)
export type ResolverRecord = Static<typeof ResolverSchema>
