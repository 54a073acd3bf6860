/** Connections to Redis: the URL that names it, and timeouts by which a command without an answer fails soon. */
import { readFileSync } from 'node:fs'
import type { ConnectionOptions } from 'node:tls'

import type * as ioredis from 'ioredis'
import type { Cluster, Redis, RedisOptions } from 'ioredis'

import { defined } from '../../base/defined.ts'
import { RoutesError } from '../schema/errors.ts'

export type RedisClient = Redis | Cluster

export interface RedisTimes {
  /** Milliseconds that a command may take; 1000. */
  command?: number | undefined
  /** Milliseconds that a connection may take; 2000. */
  connect?: number | undefined
}

export function redisTarget(url: string): RedisTarget {
  const target = parseRedisUrl(url)
  if (!target) {
    throw new RoutesError(
      'store_unavailable',
      'REDIS_URL is none of redis://[user:password@]host[:port][/database], redis+sentinel://host,host/master, redis+cluster://host,host (rediss for TLS)',
    )
  }

  return target
}

export type RedisLibrary = Pick<typeof ioredis, 'Cluster' | 'Redis'>

/**
 * Loads ioredis, which is done only where Redis is used: it takes time, and its class that extends String makes V8 slower
 * with every string of the process.
 */
export function loadLibrary(): Promise<RedisLibrary> {
  return import('ioredis')
}

/** A client that reconnects for ever and never queues: a command without a connection fails. */
export function connect({ Cluster, Redis }: RedisLibrary, target: RedisTarget, times: RedisTimes = {}): RedisClient {
  const { command = 1000, connect: connectTimeout = 2000 } = times
  const common = {
    connectionName: 'baton',
    commandTimeout: command,
    connectTimeout,
    // Half-open connections: a command was sent and no data comes.
    socketTimeout: Math.max(3 * command, 3000),
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    // After a failover the old master takes no writes: the client must find the new one.
    reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
    ...defined({
      username: target.username,
      password: target.password,
      tls: target.tls ? tlsOf(target) : undefined,
    }),
  } satisfies RedisOptions
  const retryStrategy = (attempt: number): number => Math.min(50 * 2 ** Math.min(attempt, 5), 1000)
  const { kind, hosts, options } = target

  if (kind === 'cluster') {
    const cluster = new Cluster([...hosts], {
      redisOptions: common,
      enableOfflineQueue: false,
      maxRedirections: 3,
      clusterRetryStrategy: retryStrategy,
      clusterNodeRetryStrategy: retryStrategy,
      slotsRefreshTimeout: connectTimeout,
    })

    return cluster.on('+node', withSocketErrors)
  }
  if (kind === 'sentinel') {
    const { sentinel_username: sentinelUsername, sentinel_password: sentinelPassword } = options
    const redis = new Redis({
      ...common,
      db: target.database,
      retryStrategy,
      sentinels: [...hosts],
      name: target.master ?? '',
      sentinelRetryStrategy: retryStrategy,
      sentinelCommandTimeout: command,
      failoverDetector: true,
      ...defined({ sentinelUsername, sentinelPassword }),
      ...(target.tls && { enableTLSForSentinelMode: true, sentinelTLS: tlsOf(target) }),
    })

    return withSocketErrors(redis)
  }
  const [server] = hosts

  return withSocketErrors(new Redis({ ...common, ...server, db: target.database, retryStrategy }))
}

/** A connection to the same Redis for data that is no routing table. Waits for Redis up to the connect timeout. */
export async function openRedis(
  url: string,
  { connect: connectMs = 2000 }: RedisTimes = {},
): Promise<{ client: RedisClient; close: () => void }> {
  const client = connect(await loadLibrary(), redisTarget(url))
  let closed = false
  client.on('error', () => undefined)
  // ioredis gives up for ever when a Sentinel reports a failover while it connects.
  client.on('end', () => {
    if (!closed) client.connect().catch(() => undefined)
  })
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, connectMs)
    client.once('ready', () => {
      clearTimeout(timer)
      resolve()
    })
  })

  return {
    client,
    close: () => {
      closed = true
      client.disconnect()
    },
  }
}

/** ioredis listens for one error of a socket. TLS may emit a second one while it closes, which would end the process. */
function withSocketErrors(redis: Redis): Redis {
  return redis.on('error', () => {
    // There is no stream before the first Sentinel has answered.
    const stream = redis.stream as Redis['stream'] | undefined
    if (stream?.listenerCount('error') === 0) stream.on('error', () => undefined)
  })
}

function tlsOf({ options }: RedisTarget): ConnectionOptions {
  const file = (name: string): Record<string, Buffer> => {
    const path = options[name]
    return path === undefined ? {} : { [name]: readFileSync(path) }
  }

  return { ...file('ca'), ...file('cert'), ...file('key') }
}

interface RedisAddress {
  host: string
  port: number
}

/** One server, the master of a Sentinel, or a Cluster; with TLS (`rediss`) and an ACL user. */
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
 * `redis+cluster://…host,host`; `rediss` instead of `redis` for TLS. Undefined for any other text.
 */
export function parseRedisUrl(url: string): RedisTarget | undefined {
  const found = form.exec(url)
  if (!found) return undefined
  const [, tls = '', kindText = '', login = '', hostList = '', path = '', query = ''] = found
  const kind = (kindText.toLowerCase() || 'single') as RedisTarget['kind']
  const hosts = hostList.split(',').map((text) => address(text, kind === 'sentinel' ? 26379 : 6379))
  if (hosts.includes(undefined) || (kind === 'single' && hosts.length > 1)) return undefined
  const place = readPath(path, kind)
  if (!place) return undefined

  return {
    kind,
    tls: tls !== '',
    hosts: hosts as RedisAddress[],
    ...readLogin(login),
    ...place,
    options: Object.fromEntries(new URLSearchParams(query)),
  }
}

/** `[/master][/database]`: the master's name is for Sentinel only. */
function readPath(path: string, kind: RedisTarget['kind']): Pick<RedisTarget, 'master' | 'database'> | undefined {
  const steps = path.split('/').filter((step) => step !== '')
  const master = kind === 'sentinel' ? steps.shift() : undefined
  const [database = '0', ...rest] = steps
  if (rest.length || !/^\d+$/.test(database) || (kind === 'sentinel' && master === undefined)) return undefined

  return { master: master === undefined ? undefined : decoded(master), database: Number(database) }
}

/** `user:password`. */
function readLogin(login: string): Pick<RedisTarget, 'username' | 'password'> {
  const colon = login.indexOf(':')
  const [username, password] = colon < 0 ? [login, ''] : [login.slice(0, colon), login.slice(colon + 1)]

  return { username: decoded(username) || undefined, password: decoded(password) || undefined }
}

// A password may have a % that is not part of an escape.
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** A text from Redis without the passwords, since servers and proxies may repeat a command in an error. */
export function withoutPasswords({ password, options }: RedisTarget, text: string): string {
  const secrets = [password, options.sentinel_password].filter((secret) => secret !== undefined && secret !== '')

  return secrets.reduce<string>(
    (shown, secret = '') => shown.replaceAll(secret, '***'),
    text.replace(/(with args beginning with:).*/s, '$1 ***'),
  )
}

/** The servers of a URL, without the password, for logs. */
export function redisName({ kind, hosts, master }: RedisTarget): string {
  const list = hosts.map(({ host, port }) => `${host.includes(':') ? `[${host}]` : host}:${port}`).join(',')

  return kind === 'single'
    ? `Redis at ${list}`
    : `Redis (${kind}${master === undefined ? '' : ` ${master}`}) at ${list}`
}

function address(text: string, usualPort: number): RedisAddress | undefined {
  const found = /^(?:\[([0-9A-Fa-f:.]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(text)
  const host = found?.[1] ?? found?.[2]
  const port = found?.[3] === undefined ? usualPort : Number(found[3])

  return host === undefined || port < 1 || port > 65535 ? undefined : { host, port }
}
