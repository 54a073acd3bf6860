import type { RouteOptions } from 'fastify'
import { refusalResponse } from './typed.ts'

/**
 * Adds to a path's description the refusals that follow from its kind, so that each path names only those of its own: what
 * the listener, the token and the validation of its parts may answer, and what each change of a project may.
 */
export function describeRefusals({ method, url, schema, config }: RouteOptions): void {
  if (!schema || schema.hide) return
  const methods = [method].flat()
  const changes = !methods.includes('GET') && !methods.includes('HEAD')
  const ofProject = changes && url.startsWith('/v1/projects/')
  const conditions: [status: number, applies: boolean][] = [
    [400, changes || Boolean(schema.params ?? schema.querystring ?? schema.headers)],
    [401, !config?.open],
    [403, true],
    [404, url.includes(':')],
    [409, ofProject],
    [412, ofProject && Boolean(schema.headers)],
    [413, changes],
    [415, changes],
    [422, Boolean(schema.body) || ofProject],
    [429, true],
    [500, true],
    [503, true],
  ]
  const general = conditions.filter(([, applies]) => applies).map(([status]) => [status, refusalResponse(status)])

  schema.response = { ...Object.fromEntries(general), ...(schema.response as object | undefined) }
}
