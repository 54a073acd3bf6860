import createClient, { type Client } from 'openapi-fetch'
import type { components, paths } from './schema.ts'

export type { components, paths } from './schema.ts'

export type Problem = components['schemas']['Problem']

/** An answer that is not 2xx: RFC 9457 problem details, with a pointer to each field that is wrong. */
export class BatonError extends Error {
  readonly problem: Problem

  constructor(problem: Problem) {
    super(problem.detail)
    this.name = 'BatonError'
    this.problem = problem
  }
}

export interface BatonOptions {
  /** The address of the Baton, such as http://127.0.0.1:8080. */
  url: string
  /** An API token, or ADMIN_TOKEN; needed once sign-in is. */
  token?: string | undefined
  /** Is called with each error before it is thrown. */
  onError?: ((error: BatonError) => void) | undefined
}

/** One method for each HTTP method; its first argument is a path of the API, whose types the others have. */
export type Baton = Client<paths>

/** A client of one Baton. Its methods reject with a `BatonError` for every answer that is not 2xx. */
export function createBaton({ url, token, onError }: BatonOptions): Baton {
  const client = createClient<paths>({
    baseUrl: url,
    ...(token !== undefined && { headers: { authorization: `Bearer ${token}` } }),
  })
  client.use({
    async onResponse({ response }) {
      if (response.ok) return
      const problem: unknown = await response.json().catch(() => undefined)
      const error = new BatonError(isProblem(problem) ? problem : unreadable(response))
      onError?.(error)
      throw error
    },
  })

  return client
}

function isProblem(value: unknown): value is Problem {
  return typeof value === 'object' && value !== null && 'detail' in value && 'status' in value
}

function unreadable({ status, statusText }: Response): Problem {
  return { type: 'about:blank', title: statusText, status, detail: `The server answered ${status} ${statusText}.` }
}
