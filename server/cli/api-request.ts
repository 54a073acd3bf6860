/** What a command asks of the API: the same whether a Baton serves it or this process answers itself. */
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
  /** The entity tag of what was read, for `If-Match`. */
  etag?: string | undefined
}

export function get(
  path: string,
  query: Record<string, string | number | undefined> = {},
  accept?: string,
): ApiRequest {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, String(value))

  return {
    method: 'GET',
    path: search.size === 0 ? path : `${path}?${search.toString()}`,
    ...(accept !== undefined && { headers: { accept } }),
  }
}

export function post(path: string, body: object = {}, headers: Record<string, string> = {}): ApiRequest {
  return {
    method: 'POST',
    path,
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...headers },
  }
}

export function put(
  path: string,
  body: string | Buffer,
  type: 'json' | 'yaml',
  headers: Record<string, string> = {},
): ApiRequest {
  return { method: 'PUT', path, body, headers: { 'content-type': `application/${type}`, ...headers } }
}

export function patch(path: string, body: object, headers: Record<string, string> = {}): ApiRequest {
  return { ...post(path, body, headers), method: 'PATCH' }
}

export function del(path: string): ApiRequest {
  return { method: 'DELETE', path }
}

/** A path with its variable parts escaped. */
export function path(parts: TemplateStringsArray, ...values: (string | number)[]): string {
  return String.raw({ raw: parts }, ...values.map((value) => encodeURIComponent(value)))
}
