/** The shapes of fields that many records of a project file share. */
import { defined } from '../../base/defined.ts'
import { Type, type TProperties } from 'typebox'
import { probeDefaults } from '../../base/probe.ts'

/** An object that may have these fields alone. */
export const closed = <T extends TProperties>(
  properties: T,
  description: string,
  title?: string,
  examples?: readonly object[],
) => Type.Object(properties, { additionalProperties: false, description, ...defined({ title, examples }) })
const namePattern = '^[A-Za-z0-9][A-Za-z0-9_.-]*$'
const maxNameLength = 64
const wellNamed = new RegExp(namePattern)
export const name = (description: string) =>
  Type.String({ pattern: namePattern, maxLength: maxNameLength, description })
export const isName = (given: string): boolean => given.length <= maxNameLength && wellNamed.test(given)
export const text = (description: string, maxLength = 1000) => Type.String({ maxLength, description })
export const texts = (description: string) => Type.Array(Type.String({ maxLength: 1000 }), { description })
export const seconds = (usual: number, maximum: number, description: string) =>
  Type.Number({ minimum: 0.1, maximum, default: usual, description })
export const values = (description: string) =>
  Type.Record(Type.String(), Type.String({ maxLength: 4096 }), { description })
export const names = (description: string) => Type.Array(name('the name of a handoff'), { description })
const range = Type.String({
  pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]-(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$',
  description: 'opening hours as "09:00-17:30"; "22:00-06:00" goes past midnight',
})
export const hours = Type.Array(range, {
  description: 'a list of opening hours such as ["09:00-12:00", "13:00-17:30"]',
})

export const probe = closed(
  {
    interval: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 86_400,
        description: 'seconds between two OPTIONS, 0 (off) to 86400; `probe_interval` of Baton decides otherwise',
      }),
    ),
    timeout: Type.Optional(seconds(probeDefaults.timeout, 60, 'seconds in which the response must come, 0.1 to 60')),
    down_after: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 100,
        default: probeDefaults.down_after,
        description: 'failures in a row after which it is down, 1 to 100',
      }),
    ),
    up_after: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 100,
        default: probeDefaults.up_after,
        description: 'good answers in a row after which it is up again, 1 to 100',
      }),
    ),
    ok: Type.Optional(
      Type.Array(Type.Integer({ minimum: 200, maximum: 699, description: 'a SIP status, 200 to 699' }), {
        minItems: 1,
        description: 'the statuses that are good answers, such as [200, 404]; each but 503 otherwise',
      }),
    ),
    back_off: Type.Optional(
      seconds(probeDefaults.back_off, 3600, 'seconds without a call once a call has found it down, 0.1 to 3600'),
    ),
  },
  'how OPTIONS asks whether it is well: { interval, timeout, down_after, up_after, ok, back_off }',
)
