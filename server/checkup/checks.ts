import { lookup } from 'node:dns/promises'
import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'

import { Type, type Static } from 'typebox'

import type { Health } from '../health.ts'
import { uriOfChoice } from '../../base/choice.ts'
import type { Settings, Trunk } from '../../config/index.ts'
import { parseSipUri } from '../../engine/index.ts'
import { inviteUris, routeUri, type Handoff, type PinnedTable, type Routing } from '../../routes/index.ts'
import type { WatchedTarget } from '../targets/index.ts'
import { traitsOf } from '../legs/trunks.ts'

/** The result of one check. */
export const CheckFinding = Type.Object({
  check: Type.String({ description: 'What was looked at, such as sip, trunk carrier or demo live' }),
  state: Type.Enum(['ok', 'warning', 'failed']),
  detail: Type.String(),
  hint: Type.Optional(Type.String({ description: 'What to do' })),
})
export type CheckFinding = Static<typeof CheckFinding>

/** The checks of `/readyz` as findings. */
export function checkHealth({ checks }: Pick<Health, 'checks'>): CheckFinding[] {
  return checks.map(({ name, state, detail = 'is well' }) => ({
    check: name,
    state: state === 'degraded' ? 'warning' : state,
    detail,
  }))
}

/** Settings that are valid, but that may cost calls. */
export function checkSettings(settings: Settings): CheckFinding[] {
  const { sip, drachtio, drachtioListen, trunks } = settings
  const check = 'settings'
  const isEmbedded = !drachtio && !drachtioListen
  const unspecified = sip.listen.filter(({ address }) => address === '0.0.0.0' || address === '::')
  const secure = trunks.flatMap(({ name, gateways }) => gateways.filter(isTls).map((gateway) => ({ name, gateway })))
  const hasTls = sip.listen.some(({ transport }) => transport === 'tls')
  const isHidden = sip.externalIp === undefined && unspecified.some(({ advertised }) => !advertised)
  const found: CheckFinding[] =
    isEmbedded && !hasTls
      ? secure.map(({ name, gateway }) => ({
          ...{
            check: `trunk ${name}`,
            state: 'failed',
            detail: `${gateway} is reached by TLS, and SIP_LISTEN has no tls`,
          },
          hint: 'Add a tls listener to SIP_LISTEN, with SIP_TLS_CERTIFICATES.',
        }))
      : []
  if (isEmbedded && isHidden) {
    found.push({
      ...{ check, state: 'warning', detail: 'SIP_LISTEN is on every address, and no address is advertised' },
      hint: 'Set SIP_EXTERNAL_IP to the address that peers see, or listen on that address.',
    })
  }

  return found
}

function isTls(gateway: string): boolean {
  const uri = parseSipUri(gateway)

  return uri?.scheme === 'sips' || uri?.params.get('transport')?.toLowerCase() === 'tls'
}

const secondsOfADay = 86_400
/** A certificate that expires within so many days is a warning. */
const warningDays = 14

/** The remaining days of the certificates in use. @param expiries in seconds since 1970, by file */
export function checkCertificates(expiries: ReadonlyMap<string, number>, now: number): CheckFinding[] {
  return Array.from(expiries, ([file, expiry]): CheckFinding => {
    const days = Math.floor((expiry - now / 1000) / secondsOfADay)
    const check = 'certificate'
    const hint = 'Renew it and send SIGHUP: Baton reads it again without ending calls.'
    const date = new Date(expiry * 1000).toISOString().slice(0, 10)
    if (days < 0) return { check, state: 'failed', detail: `${file} expired on ${date}`, hint }
    const detail = `${file} expires in ${days} days, on ${date}`

    return days < warningDays ? { check, state: 'warning', detail, hint } : { check, state: 'ok', detail }
  })
}

/** The targets that calls pass over, and why. */
export function checkTargets(
  targets: readonly Pick<WatchedTarget, 'kind' | 'uri' | 'state' | 'reason' | 'usedBy'>[],
): CheckFinding[] {
  return targets.flatMap(({ kind, uri, state, reason, usedBy }): CheckFinding[] => {
    const found = { check: `${kind} ${uri}`, detail: `${state} (${reason}), used by ${usedBy.join(', ')}` }
    if (state === 'down' || state === 'half_open') {
      return [{ ...found, state: 'failed', hint: 'See that it runs, and that Baton can reach it.' }]
    }
    const isTakenOut = state === 'disabled' || state === 'draining'

    return isTakenOut ? [{ ...found, state: 'warning', hint: 'npx baton targets enable sends calls there again.' }] : []
  })
}

/** Resolves the trunks' gateways in DNS. */
export async function checkGateways(trunks: readonly Trunk[]): Promise<CheckFinding[]> {
  const gateways = trunks.flatMap((trunk) => trunk.gateways.map((uri) => ({ name: trunk.name, uri })))
  const found = await Promise.all(
    gateways.map(async ({ name, uri }): Promise<CheckFinding> => {
      const check = `trunk ${name}`
      const host = hostOf(uri)
      try {
        const { address } = await lookup(host)

        return { check, state: 'ok', detail: `${uri} is at ${address}` }
      } catch {
        return {
          check,
          state: 'failed',
          detail: `${uri}: ${host} has no address`,
          hint: 'Correct the gateway in the file of BATON_CONFIG, or its DNS entry.',
        }
      }
    }),
  )

  return found.length > 0
    ? found
    : [{ check: 'trunks', state: 'ok', detail: `${trunks.map(({ name }) => name).join(', ')}: no gateways` }]
}

function hostOf(uri: string): string {
  const [address = ''] = uri
    .replace(/^sips?:/i, '')
    .replace(/^[^@]*@/, '')
    .split(/[;?]/, 1)

  return /^\[([^\]]*)\]/.exec(address)?.[1] ?? address.replace(/:\d+$/, '')
}

/** The expiry of each PEM file, in seconds since 1970: of a chain, that of the certificate that expires first. */
export async function certificateExpiries(files: readonly string[]): Promise<Map<string, number>> {
  const expiries = await Promise.all(
    files.map(async (file) => [file, expiryOf(await readFile(file, 'latin1'))] as const),
  )

  return new Map(expiries)
}

function expiryOf(pem: string): number {
  const certificates = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []

  return Math.min(...certificates.map((each) => Date.parse(new X509Certificate(each).validTo) / 1000))
}

/** The version of each environment, and whether each trunk can call the numbers of its routes. */
export function checkTables(routing: Pick<Routing, 'projects' | 'current'>, trunks: readonly Trunk[]): CheckFinding[] {
  const projects = routing.projects()
  if (projects.length === 0) {
    const hint = 'npx baton routes import FILE'

    return [{ check: 'routing tables', state: 'warning', detail: 'there is no project', hint }]
  }
  const running = projects.flatMap(({ project, environments }) =>
    Object.keys(environments).flatMap((environment) => {
      const pinned = routing.current(project, environment)

      return pinned && pinned !== 'unknown' ? [pinned] : []
    }),
  )

  return [
    ...projects.flatMap(({ project, environments }) =>
      Object.entries(environments).map(([environment, { version, numbers = [], agents = [] }]) =>
        checkEnvironment(project, environment, version, numbers, agents.map(uriOfChoice)),
      ),
    ),
    ...trunks.flatMap((trunk) => checkNumberRoutes(trunk, running)),
  ]
}

function checkEnvironment(
  project: string,
  environment: string,
  version: number | undefined,
  numbers: readonly string[],
  agents: readonly string[],
): CheckFinding {
  const check = `${project} ${environment}`
  const promote = `npx baton routes promote ${project} --env ${environment}`
  const lacks = (what: 'number' | 'agent'): CheckFinding => ({
    ...{ check, state: 'warning', detail: `version ${version}, but no ${what}s` },
    hint: `npx baton routes ${what} add … --project ${project} --env ${environment}, then ${promote}`,
  })
  if (version === undefined) {
    return { check, state: 'warning', detail: 'no version is promoted', hint: `${promote} --version N` }
  }
  if (agents.length === 0) return lacks('agent')
  if (numbers.length === 0) return lacks('number')

  return {
    check,
    state: 'ok',
    detail: `version ${version}, ${counted(numbers, 'number')}, ${counted(agents, 'agent')}`,
  }
}

/** Whether a trunk can call the numbers of the handoffs that are called through it. */
function checkNumberRoutes(trunk: Trunk, running: readonly PinnedTable[]): CheckFinding[] {
  const check = `trunk ${trunk.name}`
  const routes = running.flatMap(({ project, environment, handoffs }) =>
    handoffs
      .filter((handoff) => isCalled(handoff) && (handoff.trunk ?? trunk.name) === trunk.name)
      .map(({ name, route, numberFormat }) => ({
        handoff: `${name} of ${project} ${environment}`,
        uris: inviteUris(routeUri(route), traitsOf(trunk), numberFormat),
        isNumber: !/^sips?:/i.test(route ?? ''),
      })),
  )
  const numbers = routes.filter(({ isNumber }) => isNumber)
  if (numbers.length === 0) return []
  const problems = routes.flatMap(({ handoff, uris }) =>
    'code' in uris
      ? [{ check, state: 'failed' as const, detail: `${handoff}: ${uris.detail}`, hint: hints[uris.code] }]
      : [],
  )
  if (problems.length > 0) return problems

  return [{ check, state: 'ok', detail: `can be sent the numbers of ${counted(numbers, 'handoff')}` }]
}

const hints = {
  no_gateway: 'Give the trunk gateways in the file of BATON_CONFIG, or the handoff a trunk that has one or a SIP URI.',
  premium_denied: 'Add its beginning to allow_premium of the trunk, if the cost is meant.',
  number_format: 'Give the handoff a number_format of its own, or correct that of the trunk.',
}

/** By INVITE, either at once or after a refused REFER. */
function isCalled({ active, method, fallback }: Handoff): boolean {
  return active && (method === 'invite' || (method === 'refer' && fallback === 'invite'))
}

function counted({ length }: readonly unknown[], what: string): string {
  return `${length} ${what}${length === 1 ? '' : 's'}`
}
