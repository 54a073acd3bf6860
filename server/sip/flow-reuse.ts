import type { Settings, Trunk } from '../../config/index.ts'
import type { FlowReuse } from '../../engine/index.ts'

/** The trunk that an address belongs to. */
export interface TrunkOfAddress {
  of(address: string): Trunk | undefined
}

/** When requests stay on the flow that a dialog's messages come by, as the settings and each trunk have it. */
export function flowReuse({ nat, reusesConnections }: Settings['sip'], trunks: TrunkOfAddress): FlowReuse {
  return {
    followsSource: (address) => (trunks.of(address)?.nat ?? nat) === 'auto',
    keepsConnections: reusesConnections,
  }
}
