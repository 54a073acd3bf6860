import { lookup, resolveSrv } from 'node:dns/promises'

import { isoTime } from '../../engine/index.ts'
import type { Trunk } from '../../config/index.ts'
import { usesOfProjects, type WatchedTarget } from '../targets/index.ts'
import type { CheckFinding } from './finding.ts'

/** What the check-up reads of a target. */
export type CheckedTarget = Pick<
  WatchedTarget,
  'id' | 'kind' | 'uri' | 'state' | 'reason' | 'usedBy' | 'results' | 'rtt' | 'clockAhead' | 'certificateExpiry'
>

/** The targets that some projects use, and the gateways, without the names of other projects. */
export function targetsOfProjects(
  targets: readonly CheckedTarget[],
  hasProject: (project: string) => boolean,
): CheckedTarget[] {
  return targets.flatMap((target) => {
    const usedBy = usesOfProjects(target.usedBy, hasProject)
    if (usedBy.length === 0) return []
    const { id, kind, uri, state, reason, results, rtt, clockAhead, certificateExpiry } = target

    return [{ id, kind, uri, usedBy, state, reason, results, rtt, clockAhead, certificateExpiry }]
  })
}

/** The targets that calls pass over and those whose last OPTIONS failed, with why; then those that answer. */
export function checkTargets(targets: readonly CheckedTarget[]): CheckFinding[] {
  return targets.flatMap((target): CheckFinding[] => {
    const { id, kind, uri, state, reason, usedBy, results, rtt } = target
    const found = { check: `${kind} ${uri}`, detail: `${state} (${reason}), used by ${usedBy.join(', ')}` }
    if (state === 'disabled' || state === 'draining') {
      return [{ ...found, state: 'warning', hint: `npx baton targets enable ${id} sends calls there again.` }]
    }
    if (state === 'down' || state === 'half_open') {
      return [{ ...found, state: 'failed', where: placeOf(target), hint: hintFor(reason) }]
    }
    const [last] = results
    if (!last) return []
    if (last.ok) {
      const time = last.from === 'probe' && rtt !== undefined ? ` after ${Math.max(1, Math.round(rtt * 1000))} ms` : ''

      return [{ check: found.check, state: 'ok', detail: `${last.what}${time}` }]
    }

    return [
      {
        ...{ check: found.check, detail: `${last.what}, used by ${usedBy.join(', ')}` },
        // One lost OPTIONS of a target that is up changes nothing yet.
        ...{ state: state === 'up' ? 'warning' : 'failed', where: placeOf(target), hint: hintFor(last.what) },
      },
    ]
  })
}

/** The field that names a target first. */
function placeOf({ kind, usedBy: [user = ''] }: CheckedTarget): string {
  if (kind === 'gateway') return `trunks.${user.replace(/^trunk /, '')}.gateways`

  return kind === 'agent' ? `agents of ${user}` : `route of ${user}`
}

function hintFor(what: string): string {
  if (/certificate|TLS|SSL|altname/i.test(what)) {
    return 'See that its certificate is valid for that host and comes from an authority of SIP_TLS_AUTHORITIES.'
  }
  if (/no answer|no response/.test(what)) {
    return 'See that it runs, that a firewall lets Baton’s SIP through, and that it answers OPTIONS from this address.'
  }
  if (what.startsWith('503')) return 'It runs and takes no calls: see its own state.'

  return 'See that it runs, and that Baton can reach it.'
}

/** A certificate of a target that expires within so many days is a warning. */
const warningDays = 14
const dayMs = 86_400_000

/** The certificates that targets have shown to OPTIONS and that expire soon. @param now in milliseconds since the epoch */
export function checkPeerCertificates(targets: readonly CheckedTarget[], now: number): CheckFinding[] {
  return targets.flatMap((target): CheckFinding[] => {
    const { kind, uri, certificateExpiry } = target
    if (certificateExpiry === undefined) return []
    const days = Math.floor((certificateExpiry * 1000 - now) / dayMs)
    if (days >= warningDays) return []
    const date = isoTime(certificateExpiry * 1000).slice(0, 10)
    const left = days === 1 ? '1 day' : `${days} days`

    return [
      {
        ...{ check: `certificate of ${kind} ${uri}`, state: 'warning', where: placeOf(target) },
        detail: days < 0 ? `expired on ${date}` : `expires in ${left}, on ${date}`,
        hint: 'Have its operator renew it: after that Baton makes no TLS connection to it, and its calls go elsewhere.',
      },
    ]
  })
}

/** Seconds that clocks may be apart: a Date header has whole seconds, and a response takes time. */
const maxAheadSeconds = 30

/** The clocks of targets whose responses had a Date (RFC 3261 20.17). */
export function checkClocks(targets: readonly CheckedTarget[]): CheckFinding[] {
  const told = targets.flatMap(({ uri, clockAhead }) => (clockAhead === undefined ? [] : [{ uri, clockAhead }]))
  const wrong = told.filter(({ clockAhead }) => Math.abs(clockAhead) > maxAheadSeconds)
  if (told.length > 0 && wrong.length === 0) {
    return [{ check: 'clock', state: 'ok', detail: `within ${maxAheadSeconds} s of ${told.length} of the targets` }]
  }

  return wrong.map(({ uri, clockAhead }): CheckFinding => ({
    ...{ check: 'clock', state: 'warning', detail: `${uri} is ${skewText(clockAhead)} this machine` },
    hint: 'Synchronise both by NTP: certificates, signed Identity headers (60 s), tokens of an OpenID provider and schedules go by the clock.',
  }))
}

export function skewText(aheadSeconds: number): string {
  return `${Math.round(Math.abs(aheadSeconds))} s ${aheadSeconds > 0 ? 'ahead of' : 'behind'}`
}

/** Resolves the trunks' gateways in DNS. */
export async function checkGateways(trunks: readonly Trunk[]): Promise<CheckFinding[]> {
  const gateways = trunks.flatMap((trunk) => trunk.gateways.map((uri) => ({ name: trunk.name, uri })))
  const found = await Promise.all(
    gateways.map(async ({ name, uri }): Promise<CheckFinding> => {
      const check = `trunk ${name}`
      const host = hostOf(uri)
      const address = await addressOf(host)
      if (address !== undefined) return { check, state: 'ok', detail: `${uri} is at ${address}` }

      return {
        ...{ check, state: 'failed', detail: `${uri}: ${host} has no address`, where: `trunks.${name}.gateways` },
        hint: 'Correct the gateway in the file of BATON_CONFIG, or its DNS entry.',
      }
    }),
  )

  return found.length > 0
    ? found
    : [{ check: 'trunks', state: 'ok', detail: `${trunks.map(({ name }) => name).join(', ')}: no gateways` }]
}

/** The first address of a name, or the first server that its SRV records name (RFC 3263 4.2). */
async function addressOf(host: string): Promise<string | undefined> {
  try {
    return (await lookup(host)).address
  } catch {
    const services = ['_sip._udp', '_sip._tcp', '_sips._tcp']
    const records = await Promise.all(services.map((service) => resolveSrv(`${service}.${host}`).catch(() => [])))

    return records.flat()[0]?.name
  }
}

function hostOf(uri: string): string {
  const [address = ''] = uri
    .replace(/^sips?:/i, '')
    .replace(/^[^@]*@/, '')
    .split(/[;?]/, 1)

  return /^\[([^\]]*)\]/.exec(address)?.[1] ?? address.replace(/:\d+$/, '')
}
