import type { Settings } from '../../config/index.ts'
import { parseSipUri } from '../../engine/index.ts'
import type { Finding } from './finding.ts'

/** Settings that are no mistakes, and that callers or operators may suffer from. */
export function checkSettings(settings: Settings): Finding[] {
  const { sip, drachtio, drachtioListen, trunks } = settings
  const check = 'settings'
  const isEmbedded = !drachtio && !drachtioListen
  const unspecified = sip.listen.filter(({ address }) => address === '0.0.0.0' || address === '::')
  const secure = trunks.flatMap(({ name, gateways }) => gateways.filter(isTls).map((gateway) => ({ name, gateway })))
  const hasTls = sip.listen.some(({ transport }) => transport === 'tls')
  const isHidden = sip.externalIp === undefined && unspecified.some(({ advertised }) => !advertised)
  const found: Finding[] =
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
