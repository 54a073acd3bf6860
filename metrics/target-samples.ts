/** Gauges and counters of targets, which come and go with the configuration. */
import type { definitions } from './definitions.ts'
import type { LabelInputs, Instruments } from './instruments.ts'

type TargetLabels = LabelInputs<(typeof definitions)['targetUp']['labels']>
interface PlaceLabels {
  project: string
  environment: string
}

export interface TargetSamples {
  readonly targets: readonly {
    readonly labels: TargetLabels
    /** Undefined while nothing is known, or an operator has taken it out. */
    readonly up: boolean | undefined
    /** Seconds. */
    readonly rtt: number | undefined
    readonly calls: number
    /** In seconds since 1970; undefined where none has been seen. */
    readonly certificateExpiry: number | undefined
  }[]
  /** How many agents of each environment take calls. */
  readonly agentsUp: readonly (PlaceLabels & { readonly up: number })[]
}

/** Makes the callback that copies them at each scrape. What the configuration does not name any more has no series. */
export function collectTargets(
  { targetUp, targetRtt, targetCalls, targetCertificateExpiry, agentsUp }: Instruments<typeof definitions>,
  read: () => TargetSamples,
): () => void {
  const gauges = [targetUp, targetRtt, targetCalls, targetCertificateExpiry]
  let known: readonly TargetLabels[] = []
  let places: readonly PlaceLabels[] = []

  return () => {
    const samples = read()
    for (const labels of known) for (const gauge of gauges) gauge.remove(labels)
    for (const place of places) agentsUp.remove(place)
    known = samples.targets.map(({ labels }) => labels)
    places = samples.agentsUp.map(({ project, environment }) => ({ project, environment }))
    for (const { labels, up, rtt, calls, certificateExpiry } of samples.targets) {
      if (up !== undefined) targetUp.add(labels, Number(up))
      if (rtt !== undefined) targetRtt.add(labels, rtt)
      targetCalls.add(labels, calls)
      if (certificateExpiry !== undefined) targetCertificateExpiry.add(labels, certificateExpiry)
    }
    for (const { up, ...place } of samples.agentsUp) agentsUp.add(place, up)
  }
}
