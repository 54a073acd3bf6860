import { readFileSync } from 'node:fs'

interface Panel {
  id: number
  type: string
  title: string
  description?: string
  gridPos: { x: number; y: number; w: number; h: number }
  targets?: { refId: string; expr: string }[]
}

/** A variable that is filled by a query, or by the choice of a data source. */
interface Variable {
  name: string
  type: 'query' | 'datasource'
  query: unknown
  definition?: string
}

/** A choice that Grafana asks for when the dashboard is imported: it takes the place of `${name}`. */
interface DashboardInput {
  name: string
  type: string
  pluginId: string
}

export interface Dashboard {
  __inputs: DashboardInput[]
  panels: Panel[]
  templating: { list: Variable[] }
  annotations: { list: { name: string; expr: string }[] }
}

const file = new URL('../../metrics/grafana/dashboards/baton.json', import.meta.url)

export function readDashboard(): Dashboard {
  return JSON.parse(readFileSync(file, 'utf8')) as Dashboard
}

export interface PanelQuery {
  panel: string
  refId: string
  expression: string
}

export interface Substitution {
  /** `$__range`: the dashboard's period. */
  range?: string
  /** `$__interval`: what a point of a chart stands for. */
  interval?: string
  /** `$__rate_interval`: four scrapes. */
  rateInterval?: string
  /** Values of the dashboard's own variables; all when left out. */
  variables?: Readonly<Record<string, string>>
}

/** Every query of the dashboard as Grafana would send it. */
export function panelQueries({
  range = '1h',
  interval = '1m',
  rateInterval = '1m',
  variables = {},
}: Substitution = {}): PanelQuery[] {
  const { panels, templating } = readDashboard()
  const values: Record<string, string> = { __range: range, __interval: interval, __rate_interval: rateInterval }
  for (const { name } of templating.list) values[name] = variables[name] ?? '.*'

  return panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ refId, expr }) => ({ panel: title, refId, expression: substitute(expr, values) })),
  )
}

/** `$1` is a group of label_replace and no variable. */
export function substitute(expression: string, values: Readonly<Record<string, string>>): string {
  return expression.replace(/\$\{?([a-z_]\w*)\}?/gi, (_, name: string) => {
    const value = values[name]
    if (value === undefined) throw new Error(`$${name} is no variable of the dashboard`)

    return value
  })
}
