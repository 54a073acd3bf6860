import { useNavigate, useSearch } from '@tanstack/react-router'
import type { EnvironmentName } from '../api/client'

const hourMs = 3_600_000
/** The spans of time that the page shows, each with the time of one bar of its chart. */
export const periods = {
  day: { lengthMs: 24 * hourMs, stepMs: hourMs },
  week: { lengthMs: 7 * 24 * hourMs, stepMs: 6 * hourMs },
  month: { lengthMs: 30 * 24 * hourMs, stepMs: 24 * hourMs },
}
export type Period = keyof typeof periods
export const dimensions = ['handoff', 'method', 'reason', 'trunk', 'agent', 'version'] as const
type Dimension = (typeof dimensions)[number]
export const results = ['succeeded', 'failed', 'abandoned', 'unknown'] as const

/** The choices of the page, as they stand in the address. */
export interface TransfersView {
  period: Period
  by: Dimension
  environment?: EnvironmentName
  /** Whether transfers of rehearsals count as well. */
  rehearsals: boolean
}

/** What transfers were counted: from a moment on, those of calls that are up included. */
interface CountedTransfers extends Pick<TransfersView, 'rehearsals'> {
  from: string
  environment: EnvironmentName | undefined
}

/** The address of the calls whose transfers were counted. */
export function callsOfTransfers(
  { from, environment, rehearsals }: CountedTransfers,
  filter: Readonly<Record<string, string>>,
): Record<string, string> {
  return {
    ...(environment && { environment }),
    from: new Date(from).toISOString(),
    state: 'all',
    ...(!rehearsals && { rehearsals: 'false' }),
    ...filter,
  }
}

export function useTransfersView(): [view: TransfersView, change: (change: Partial<Record<string, string>>) => void] {
  const { period, by, environment, rehearsals } = useSearch({
    strict: false,
    select: (search: object) => search as Partial<Record<keyof TransfersView, string>>,
  })
  const navigate = useNavigate()

  return [
    {
      period: period !== undefined && period in periods ? (period as Period) : 'day',
      rehearsals: rehearsals === 'true',
      by: dimensions.find((name) => name === by) ?? 'handoff',
      ...(environment !== undefined && environment !== '' && { environment: environment as EnvironmentName }),
    },
    (change) => void navigate({ to: '.', search: (shown: object) => ({ ...shown, ...change }), replace: true }),
  ]
}
