import { readFileSync } from 'node:fs'

/** Where the API is, and its token. */
export interface ApiAddress {
  url: string
  token: string | undefined
}

const defaultListen = '127.0.0.1:8080'

/**
 * Where HTTP_LISTEN and ADMIN_TOKEN say that the API is, read without all the other settings, whose check takes longer than
 * most commands. undefined when the two are not plainly there: the whole configuration then says what is wrong.
 */
export async function apiAddress(env: Record<string, string | undefined>): Promise<ApiAddress | undefined> {
  const file = env.BATON_CONFIG ? await settingsIn(env.BATON_CONFIG) : {}
  const listen = given(env.HTTP_LISTEN) ?? file?.http_listen ?? defaultListen
  const token = given(env.ADMIN_TOKEN) ?? file?.admin_token
  if (typeof listen !== 'string') return undefined
  const [, address, port] = /^(\d{1,3}(?:\.\d{1,3}){3}|\[[\da-f:]+\]):(\d{1,5})$/i.exec(listen) ?? []
  const isPlain = file && address !== undefined && (token === undefined || typeof token === 'string')

  return isPlain ? { url: urlOf(address, Number(port)), token } : undefined
}

/** Where a Baton that listens there is reached from this machine. */
export function urlOf(address: string, port: number): string {
  const host = address.replace(/^\[|\]$/g, '')
  if (host === '0.0.0.0') return `http://127.0.0.1:${port}`
  if (host === '::') return `http://[::1]:${port}`

  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}

/** An empty variable is one that is not set. */
function given(variable: string | undefined): string | undefined {
  const text = variable?.trim()

  return text === '' ? undefined : text
}

async function settingsIn(path: string): Promise<{ http_listen?: unknown; admin_token?: unknown } | undefined> {
  const { parse } = await import('yaml')
  try {
    const settings: unknown = parse(readFileSync(path, 'utf8'))

    return typeof settings === 'object' && settings !== null ? settings : undefined
  } catch {
    return undefined
  }
}
