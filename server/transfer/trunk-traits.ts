import type { Settings, Trunk } from '../../config/index.ts'
import type { SipSetup, TrunkTraits } from '../../routes/index.ts'

/** The traits of the trunk of that name; of the first one without a name. */
export function trunkTraits(trunks: readonly Trunk[], name?: string): TrunkTraits | undefined {
  const trunk = name === undefined ? trunks[0] : trunks.find((one) => one.name === name)

  return trunk && traitsOf(trunk)
}

/** The setup that decides whether handoffs can be called. The listeners of a drachtio-server are not known. */
export function sipSetupOf({ trunks, sip, drachtio }: Settings): SipSetup {
  return {
    trunks: trunks.map(traitsOf),
    ...(!drachtio && { listens: [...new Set(sip.listen.map(({ transport }) => transport))] }),
  }
}

/** The settings of a trunk that a plan depends on. */
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
