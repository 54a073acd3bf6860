/** Connections to Redis, set so that nothing waits for long: a command that gets no answer fails, and tells the poll. */
import { readFileSync } from 'node:fs'
import type { ConnectionOptions } from 'node:tls'
import type * as ioredis from 'ioredis'
import type { Cluster, Redis, RedisOptions } from 'ioredis'
import { RoutesError } from '../errors.ts'
import { parseRedisUrl, type RedisTarget } from './redis-url.ts'

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

/** The client's library. */
export type Library = Pick<typeof ioredis, 'Cluster' | 'Redis'>

/**
 * Loaded only where Redis is used: beside the time that it takes, its class that extends String makes V8 slower with
 * every string of the process.
 */
export function loadLibrary(): Promise<Library> {
  return import('ioredis')
}

/** A client that reconnects for ever, and never keeps commands for later: what cannot be asked now has failed. */
export function connect({ Cluster, Redis }: Library, target: RedisTarget, times: RedisTimes = {}): RedisClient {
  const { command = 1000, connect: connectTimeout = 2000 } = times
  const common = {
    connectionName: 'baton',
    commandTimeout: command,
    connectTimeout,
    // Half-open connections: data was asked for and nothing at all comes.
    socketTimeout: Math.max(3 * command, 3000),
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    // After a failover, the server that we are connected to takes no writes any more: find the new one.
    reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
    ...(target.username === undefined ? {} : { username: target.username }),
    ...(target.password === undefined ? {} : { password: target.password }),
    ...(target.tls ? { tls: tlsOf(target) } : {}),
  } satisfies RedisOptions
  const retryStrategy = (times: number): number => Math.min(50 * 2 ** Math.min(times, 5), 1000)
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

    return cluster.on('+node', hearTwice)
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
      ...(sentinelUsername === undefined ? {} : { sentinelUsername }),
      ...(sentinelPassword === undefined ? {} : { sentinelPassword }),
      ...(target.tls ? { enableTLSForSentinelMode: true, sentinelTLS: tlsOf(target) } : {}),
    })

    return hearTwice(redis)
  }
  const [server] = hosts

  return hearTwice(new Redis({ ...common, ...server, db: target.database, retryStrategy }))
}

/** A connection for other things than routing tables, of the same Redis. Waits until it answers, but not long. */
export async function openRedis(
  url: string,
  { connect: connectMs = 2000 }: RedisTimes = {},
): Promise<{ client: RedisClient; close: () => void }> {
  const client = connect(await loadLibrary(), redisTarget(url))
  let closed = false
  client.on('error', () => undefined)
  // A Sentinel's news of a failover that comes while ioredis connects makes it give up for ever.
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

/** ioredis listens for one error of a socket. TLS may tell of a second one while it closes, which would be the whole process's. */
function hearTwice(redis: Redis): Redis {
  return redis.on('error', () => {
    // There is none before the first Sentinel has answered.
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
