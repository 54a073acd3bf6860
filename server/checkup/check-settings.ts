import { defined } from '../../base/defined.ts'
import type { Settings } from '../../config/index.ts'
import { parseSipUri } from '../../engine/index.ts'
import type { CheckFinding } from './finding.ts'

/** Settings that are valid, but that may cost calls. */
export function checkSettings(settings: Settings): CheckFinding[] {
  const { sip, drachtio, drachtioListen, trunks } = settings
  if (drachtio ?? drachtioListen) return []
  const where = 'SIP_LISTEN'
  const unspecified = sip.listen.filter(({ address }) => address === '0.0.0.0' || address === '::')
  const secure = trunks.flatMap(({ name, gateways }) => gateways.filter(isTls).map((gateway) => ({ name, gateway })))
  const hasTls = sip.listen.some(({ transport }) => transport === 'tls')
  const isHidden = sip.externalIp === undefined && unspecified.some(({ advertised }) => !advertised)
  const found = (hasTls ? [] : secure).map(({ name, gateway }): CheckFinding => ({
    ...{ check: `trunk ${name}`, state: 'failed', where },
    detail: `${gateway} is reached by TLS, and SIP_LISTEN has no tls`,
    hint: 'Add a tls listener to SIP_LISTEN, with SIP_TLS_CERTIFICATES.',
  }))
  const hidden: CheckFinding = {
    ...{ check: 'settings', state: 'warning', where: 'SIP_EXTERNAL_IP' },
    detail: 'SIP_LISTEN is on every address, and no address is advertised',
    hint: 'Set SIP_EXTERNAL_IP to the address that peers see, or listen on that address.',
  }

  return [...found, ...(isHidden ? [hidden] : [])]
}

function isTls(gateway: string): boolean {
  const uri = parseSipUri(gateway)

  return uri?.scheme === 'sips' || uri?.params.get('transport')?.toLowerCase() === 'tls'
}

/** The runtime: its version, and the time zones that it knows. */
export function checkRuntime({ node, tz }: { node: string; tz?: string | undefined }, now: number): CheckFinding[] {
  const [major = 0, minor = 0] = node.split('.').map(Number)
  const isOld = major < 20 || (major === 20 && minor < 19)
  const year = Number(tz?.slice(0, 4) ?? 0)
  const years = new Date(now).getUTCFullYear() - year
  const zones: CheckFinding = { check: 'time zones', state: 'ok', detail: `the data of ${tz ?? 'the system'}` }
  const isStale = tz !== undefined && years >= maxZoneYears

  return [
    {
      ...{ check: 'node', state: isOld ? 'failed' : 'ok', detail: node },
      ...defined({ hint: isOld ? 'Install Node 20.19 or newer.' : undefined }),
    },
    isStale
      ? {
          ...{ ...zones, state: 'warning', detail: `the time zone data of Node is of ${tz}` },
          ...{
            where: 'time_zone of schedules',
            hint: 'Update Node: schedules open and close by rules that may have changed.',
          },
        }
      : zones,
  ]
}

/** Governments change their clocks at some months' notice: the data of the year before is current in most zones. */
const maxZoneYears = 2
