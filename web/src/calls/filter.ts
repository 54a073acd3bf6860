import { useNavigate, useSearch } from '@tanstack/react-router'
import type { CallQuery } from '../api/client'

/** The filters of calls, as they stand in the address: a link to the page shows a colleague the same calls. */
const filterNames = [
  'number',
  'result',
  'reason',
  'handoff',
  'method',
  'trunk',
  'agent',
  'version',
  'environment',
  'from',
  'to',
  'state',
  'rehearsals',
] as const
export type FilterName = (typeof filterNames)[number]
export type CallFilter = Partial<Record<FilterName, string>>

/** An address without a state shows ended calls; `all` adds those that are up. */
const [usual, all] = ['ended', 'all']

export function useCallFilter(): [filter: CallFilter, change: (change: CallFilter) => void, clear: () => void] {
  const filter = useSearch({ strict: false, select: filterOf })
  const navigate = useNavigate()
  const show = (next: (shown: CallFilter) => CallFilter): void =>
    void navigate({ to: '.', search: (shown: object) => filterOf(next(filterOf(shown))), replace: true })

  return [
    filter,
    (change) => {
      show((shown) => ({ ...shown, ...change }))
    },
    () => {
      show(() => ({}))
    },
  ]
}

/** The filter in the query of an address; empty fields are left out. */
function filterOf(search: object): CallFilter {
  const given = Object.entries(search).filter(([name, value]) => isFilterName(name) && value !== '')

  return Object.fromEntries(given)
}

function isFilterName(name: string): boolean {
  return (filterNames as readonly string[]).includes(name)
}

/** The query of `/v1/calls` and `/v1/calls.csv`; the server says what of an address that a person has typed is no filter. */
export function queryOf(project: string, { state = usual, ...filter }: CallFilter): CallQuery {
  const query: object = { project, ...filter, ...(state !== all && { state }) }

  return query
}

/** A moment of an address, as a field of the reader's own zone takes it. */
export function localTime(iso: string | undefined): string {
  const at = new Date(iso ?? '')
  if (Number.isNaN(at.getTime())) return ''

  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}

export function isoTime(local: string): string {
  const at = new Date(local)

  return Number.isNaN(at.getTime()) ? '' : at.toISOString()
}
