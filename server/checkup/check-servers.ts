import { once } from 'node:events'
import { openRedis, redisTarget, withoutPasswords, type RedisClient } from '../../routes/index.ts'
import type { Settings } from '../../config/index.ts'
import { rtpengineProblem } from '../media/rtpengine/index.ts'
import { skewText } from './check-targets.ts'
import type { CheckFinding } from './finding.ts'

const check = 'Redis'
const where = 'REDIS_URL'
/** Shared counts, switches and sessions are compared by the clocks of several Batons. */
const maxSkewSeconds = 2
/** HSET with several fields, and INFO as it is read here. */
const minVersion = 5
/** An error of a connection comes again with each reconnection, within this time. */
const errorWaitMs = 1500

/** Whether Redis can be reached, may be written, keeps what it has, and has the same time. */
export async function checkRedis(url: string | undefined, now: () => number): Promise<CheckFinding[]> {
  if (url === undefined) return []
  const { client, close } = await openRedis(url)
  // Servers and proxies may repeat a command, and so a password, in an error.
  const told = (error: unknown): string => withoutPasswords(redisTarget(url), causeOf(error))
  try {
    if (client.status !== 'ready') return [await unreachable(client, told)]
    const info = fieldsOf(await client.info())
    const save = await client.config('GET', 'save').then(
      (found) => found[1],
      // Hosted Redis does not show its configuration.
      () => undefined,
    )

    return [...findingsOf(info, save), await clockFinding(client, now)]
  } catch (error) {
    const detail = `refuses what Baton asks: ${told(error)}`

    return [{ check, where, state: 'failed', detail, hint: 'Give its user the rights to read and write baton:*.' }]
  } finally {
    close()
  }
}

async function unreachable(client: RedisClient, told: (error: unknown) => string): Promise<CheckFinding> {
  const cause = await once(client, 'error', { signal: AbortSignal.timeout(errorWaitMs) }).then(
    ([error]) => told(error),
    () => undefined,
  )
  const detail = `cannot be reached${cause === undefined ? '' : `: ${cause}`}`
  const hint = 'Start Redis, or correct REDIS_URL. Baton serves the last good tables meanwhile.'

  return { check, where, state: 'failed', detail, hint }
}

function causeOf(error: unknown): string {
  return error instanceof Error ? ((error as NodeJS.ErrnoException).code ?? error.message) : String(error)
}

/** The fields of INFO. */
function fieldsOf(info: string): ReadonlyMap<string, string> {
  return new Map(
    info.split('\r\n').flatMap((line) => {
      const colon = line.indexOf(':')

      return colon < 1 ? [] : [[line.slice(0, colon), line.slice(colon + 1)] as const]
    }),
  )
}

/** What INFO says, and `save` of its configuration where it is shown. */
function findingsOf(info: ReadonlyMap<string, string>, save: string | undefined): CheckFinding[] {
  const version = info.get('redis_version') ?? 'unknown'
  const role = info.get('role') ?? 'master'
  const policy = info.get('maxmemory_policy') ?? 'noeviction'
  const keeps = info.get('aof_enabled') === '1' || (save !== undefined && save !== '')
  const failing = ['rdb_last_bgsave_status', 'aof_last_write_status', 'aof_last_bgrewrite_status'].filter(
    (field) => (info.get(field) ?? 'ok') !== 'ok',
  )
  const found: CheckFinding[] = [
    { check, state: 'ok', detail: `version ${version}, ${role}, ${policy}${keeps ? ', kept on disk' : ''}` },
  ]
  const add = (state: 'warning' | 'failed', detail: string, hint: string): void => {
    found.push({ check, where, state, detail, hint })
  }
  if (Number.parseInt(version) < minVersion) add('failed', `version ${version}`, `Use Redis ${minVersion} or newer.`)
  if (role !== 'master') add('failed', 'is a replica, which takes no changes', 'Name the master, or its Sentinels.')
  if (info.get('loading') === '1') add('failed', 'is still loading its data', 'Wait until it has.')
  if (policy.startsWith('allkeys-')) {
    const detail = `maxmemory-policy ${policy} lets Redis throw routing tables away when its memory is full`
    add('failed', detail, 'Set maxmemory-policy noeviction.')
  } else if (policy !== 'noeviction') {
    const detail = `maxmemory-policy ${policy} lets Redis end sessions early when its memory is full`
    add('warning', detail, 'Set maxmemory-policy noeviction.')
  }
  if (failing.length > 0) {
    add('failed', `cannot write to its disk (${failing.join(', ')})`, 'Look at the log of Redis, and at its disk.')
  }
  if (save === '' && info.get('aof_enabled') === '0') {
    const detail = 'keeps nothing on disk: a restart of Redis loses drafts, versions and accounts'
    add('warning', detail, 'Set appendonly yes, or save.')
  }

  return found
}

async function clockFinding(client: RedisClient, now: () => number): Promise<CheckFinding> {
  const before = now()
  const [seconds = '0', micros = '0'] = (await client.time()).map(String)
  const skew = Number(seconds) + Number(micros) / 1e6 - (before + now()) / 2000
  if (Math.abs(skew) <= maxSkewSeconds) return { check: 'clock', state: 'ok', detail: 'that of Redis is the same' }

  return {
    ...{ check: 'clock', state: 'warning', where, detail: `that of Redis is ${skewText(skew)} this machine` },
    hint: 'Synchronise both by NTP: switches, sessions and tokens that several Batons share end by the clock.',
  }
}

/** Whether each server of RTPENGINE answers `ping`. */
export async function checkRtpengines({ media }: Pick<Settings, 'media'>): Promise<CheckFinding[]> {
  if (media.kind !== 'rtpengine') return []

  return Promise.all(
    media.servers.map(async (address) => {
      const { host, port } = address
      const server = `rtpengine ${host.includes(':') ? `[${host}]` : host}:${port}`
      const problem = await rtpengineProblem(address, media.timeoutMs)
      if (problem === undefined) return { check: server, state: 'ok', detail: 'answers ping' }

      return {
        ...{ check: server, state: 'failed', where: 'RTPENGINE', detail: `does not answer ping: ${problem}` },
        hint: 'Start rtpengine there, or name the address and port of its --listen-ng.',
      }
    }),
  )
}
