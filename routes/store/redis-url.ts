/** Where Redis is: one server, a Sentinel's master, or a Cluster; with TLS (`rediss`) and an ACL user. */

export interface RedisAddress {
  host: string
  port: number
}

export interface RedisTarget {
  kind: 'single' | 'sentinel' | 'cluster'
  tls: boolean
  /** The server, the Sentinels, or some of the Cluster's nodes. */
  hosts: readonly RedisAddress[]
  username: string | undefined
  password: string | undefined
  /** The master's name, for Sentinel. */
  master: string | undefined
  database: number
  /** `ca`, `cert` and `key` name PEM files; `sentinel_password` and `sentinel_username` are for the Sentinels themselves. */
  options: Readonly<Record<string, string>>
}

const form = /^redis(s?)(?:\+(sentinel|cluster))?:\/\/(?:([^@/?\s]*)@)?([^@/?\s]+)(?:\/([^?\s]*))?(?:\?(\S*))?$/i

/**
 * Reads a URL: `redis://[user:password@]host[:port][/database]`, `redis+sentinel://…host,host/master[/database]`,
 * `redis+cluster://…host,host`; `rediss` instead of `redis` for TLS. undefined when it is none of these.
 */
export function parseRedisUrl(url: string): RedisTarget | undefined {
  const found = form.exec(url)
  if (!found) return undefined
  const [, tls = '', kindText = '', login = '', hostList = '', path = '', query = ''] = found
  const kind = (kindText.toLowerCase() || 'single') as RedisTarget['kind']
  const hosts = hostList.split(',').map((text) => address(text, kind === 'sentinel' ? 26379 : 6379))
  if (hosts.includes(undefined) || (kind === 'single' && hosts.length > 1)) return undefined
  const steps = path.split('/').filter((step) => step !== '')
  const master = kind === 'sentinel' ? steps.shift() : undefined
  const [database = '0', ...rest] = steps
  if (rest.length || !/^\d+$/.test(database) || (kind === 'sentinel' && master === undefined)) return undefined
  const colon = login.indexOf(':')
  const [username, password] = colon < 0 ? [login, ''] : [login.slice(0, colon), login.slice(colon + 1)]

  return {
    kind,
    tls: tls !== '',
    hosts: hosts as RedisAddress[],
    username: decoded(username) || undefined,
    password: decoded(password) || undefined,
    master: master === undefined ? undefined : decoded(master),
    database: Number(database),
    options: Object.fromEntries(new URLSearchParams(query)),
  }
}

// A password may hold a % that begins no escape.
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** A text of this Redis without its passwords: there are servers and proxies that repeat in an error what they were sent. */
export function withoutPasswords({ password, options }: RedisTarget, text: string): string {
  const secrets = [password, options.sentinel_password].filter((secret) => secret !== undefined && secret !== '')

  return secrets.reduce<string>(
    (shown, secret = '') => shown.replaceAll(secret, '***'),
    text.replace(/(with args beginning with:).*/s, '$1 ***'),
  )
}

/** The URL's servers, without the password: for logs. */
export function redisName({ kind, hosts, master }: RedisTarget): string {
  const list = hosts.map(({ host, port }) => `${host.includes(':') ? `[${host}]` : host}:${port}`).join(',')

  return kind === 'single'
    ? `Redis at ${list}`
    : `Redis (${kind}${master === undefined ? '' : ` ${master}`}) at ${list}`
}

function address(text: string, byDefault: number): RedisAddress | undefined {
  const found = /^(?:\[([0-9A-Fa-f:.]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(text)
  const host = found?.[1] ?? found?.[2]
  const port = found?.[3] === undefined ? byDefault : Number(found[3])

  return host === undefined || port < 1 || port > 65535 ? undefined : { host, port }
}
