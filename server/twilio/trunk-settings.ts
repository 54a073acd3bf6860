import { defined } from '../../base/defined.ts'
import type { TrunkFields } from './account.ts'
import type { DesiredConnection } from './connection.ts'

/** The settings of the trunk that a connection needs. Those that are left out stay as they are. */
export function wantedFields({ secure, disasterUrl, termination, trunkSid }: DesiredConnection): TrunkFields {
  return {
    ...{ secure, transferMode: 'enable-all', transferCallerId: 'from-transferee' },
    // A trunk of Baton's own has no other disaster recovery URL; that of a trunk that is taken over stays.
    ...defined({ disasterUrl: disasterUrl ?? (trunkSid === undefined ? '' : undefined), domain: termination?.domain }),
  }
}

/** The settings that differ from the wanted ones. */
export function changedFields(now: TrunkFields, wanted: Partial<TrunkFields>): Partial<TrunkFields> {
  return Object.fromEntries(
    settings.filter((name) => isDifferent(now[name], wanted[name])).map((name) => [name, wanted[name]]),
  )
}

/** The changes in words, each from what a setting is to what it will be. */
export function fieldWords(now: Partial<TrunkFields>, changed: Partial<TrunkFields>): string[] {
  return settings
    .filter((name) => changed[name] !== undefined)
    .map((name) => `${labels[name]} from ${shown(now[name])} to ${shown(changed[name])}`)
}

/** The settings that Baton has changed and that are still so, as they were before. A domain that there was not stays. */
export function restoredFields(now: TrunkFields, set: TrunkFields, before: TrunkFields): Partial<TrunkFields> {
  const restored = settings.filter((name) => isSet(set[name]) && !isDifferent(now[name], set[name]))
  const former = { ...before, disasterUrl: before.disasterUrl ?? '' }

  return changedFields(now, Object.fromEntries(restored.map((name) => [name, former[name]])))
}

const settings = ['secure', 'transferMode', 'transferCallerId', 'disasterUrl', 'domain'] as const
const labels = {
  secure: 'secure trunking',
  transferMode: 'call transfer',
  transferCallerId: 'the caller id of transfers',
  disasterUrl: 'the disaster recovery URL',
  domain: 'the termination domain',
} as const

type Value = TrunkFields[(typeof settings)[number]]

function isSet(value: Value): boolean {
  return value !== undefined && value !== ''
}

function isDifferent(now: Value, wanted: Value): boolean {
  return wanted !== undefined && (now ?? '') !== wanted
}

function shown(value: Value): string {
  if (typeof value === 'boolean') return value ? 'on' : 'off'

  return value === undefined || value === '' ? 'none' : value
}

/** The trunk of Baton for calls from Twilio, with the signalling addresses that Twilio publishes for its regions. */
export const twilioTrunkYaml = `trunks:
  - name: twilio
    peers:
      - 54.172.60.0/30 # Virginia
      - 54.244.51.0/30 # Oregon
      - 54.171.127.192/30 # Ireland
      - 35.156.191.128/30 # Frankfurt
      - 54.65.63.192/30 # Tokyo
      - 54.169.127.128/30 # Singapore
      - 54.252.254.64/30 # Sydney
      - 177.71.206.192/30 # Sao Paulo
    # The termination domain of the trunk in your account, for calls from Baton; without one leave the line out.
    gateways: ['sip:example.pstn.twilio.com']
    number_format: e164
    refer_to: sip_phone
`
