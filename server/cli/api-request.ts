import { defined } from '../../base/defined.ts'
import type { ProblemView } from '../api/index.ts'

/** A failure in `--json`: the problem details of the API, or the command's own message. */
export type FailureDetails = Pick<ProblemView, 'detail'> & Partial<ProblemView>

/** A command has failed: its message, and the details for programs. */
export class CommandFailure extends Error {
  readonly problem: FailureDetails

  constructor(message: string, problem: FailureDetails = { detail: message }) {
    super(message)
    this.problem = problem
  }
}

/** A request to the API, of a running Baton or in this process. */
export interface ApiRequest {
  method: 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE'
  path: string
  headers?: Record<string, string>
  body?: string | Buffer
}

export interface ApiAnswer {
  status: number
  type: string
  text: string
  /** What `text` was read from. */
  bytes?: Buffer
  /** For `If-Match`. */
  etag?: string | undefined
}

export function get(url: string, query: Record<string, string | number | undefined> = {}, accept?: string): ApiRequest {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, String(value))

  return {
    method: 'GET',
    path: search.size === 0 ? url : `${url}?${search.toString()}`,
    ...defined({ headers: accept === undefined ? undefined : { accept } }),
  }
}

export function post(url: string, body: object = {}, headers: Record<string, string> = {}): ApiRequest {
  return {
    method: 'POST',
    path: url,
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...headers },
  }
}

export function put(
  url: string,
  body: string | Buffer,
  type: 'json' | 'yaml',
  headers: Record<string, string> = {},
): ApiRequest {
  return { method: 'PUT', path: url, body, headers: { 'content-type': `application/${type}`, ...headers } }
}

export function patch(url: string, body: object, headers: Record<string, string> = {}): ApiRequest {
  return { ...post(url, body, headers), method: 'PATCH' }
}

export function del(url: string): ApiRequest {
  return { method: 'DELETE', path: url }
}

/** A path with its variable parts percent-encoded. */
export function path(parts: TemplateStringsArray, ...values: (string | number)[]): string {
  return String.raw({ raw: parts }, ...values.map((value) => encodeURIComponent(value)))
}
