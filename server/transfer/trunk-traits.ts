import type { Settings, Trunk } from '../../config/index.ts'
import type { SipSetup, TrunkTraits } from '../../routes/index.ts'

/** What a plan must know of the trunk of that name; of the first one without a name. */
export function trunkTraits(trunks: readonly Trunk[], name?: string): TrunkTraits | undefined {
  const trunk = name === undefined ? trunks[0] : trunks.find((one) => one.name === name)

  return trunk && traitsOf(trunk)
}

/** What decides whether handoffs can be called. On a drachtio-server, what it listens on is not known. */
export function sipSetupOf({ trunks, sip, drachtio }: Settings): SipSetup {
  return {
    trunks: trunks.map(traitsOf),
    ...(!drachtio && { listens: [...new Set(sip.listen.map(({ transport }) => transport))] }),
  }
}

/** What a plan must know of a trunk. */
export function traitsOf({
  name,
  defaultCountry,
  numberFormat,
  gateways,
  referTo,
  refer,
  headerLimits,
}: Trunk): TrunkTraits {
  return { name, country: defaultCountry, numberFormat, gateways, referTo, refer, headerLimits }
}
