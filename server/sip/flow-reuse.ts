import type { Settings } from '../../config/index.ts'
import type { FlowReuse } from '../../engine/index.ts'
import type { TrunksByAddress } from './source-policy.ts'

/** When requests stay on the flow that a dialog's messages come by, as the settings and each trunk have it. */
export function flowReuse({ nat, reusesConnections }: Settings['sip'], trunks: TrunksByAddress): FlowReuse {
  return {
    followsSource: (address) => (trunks.of(address)?.nat ?? nat) === 'auto',
    keepsConnections: reusesConnections,
  }
}
