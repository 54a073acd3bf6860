import '@mantine/charts/styles.css'
import { BarChart } from '@mantine/charts'
import { Table, Title, VisuallyHidden } from '@mantine/core'
import type { TransferCounts } from '../api/client'
import { texts } from '../texts'
import { moment } from '../time'
import { results } from './view'

const labels = texts.transfers
const colors = { succeeded: 'green.7', failed: 'red.7', abandoned: 'yellow.6', unknown: 'gray.5' }
const series = results.map((name) => ({ name, label: texts.result[name], color: colors[name] }))
// `HiddenTable` stands in the place of the chart for screen readers.
const still = { accessibilityLayer: false }

/** Shows the results of transfers over time: a bar for each step, also for steps without a transfer. */
export function ResultsOverTime({ counts }: { counts: TransferCounts }) {
  const { from, to, step } = counts
  const known = new Map(counts.series.map((point) => [Date.parse(point.at), point]))
  const points = []
  for (let at = Date.parse(from); at < Date.parse(to); at += step * 1000) {
    points.push({ ...known.get(at), at: moment(new Date(at).toISOString()) })
  }

  return (
    <section aria-label={labels.overTime}>
      <Title order={3} size="h4" mb="xs">
        {labels.overTime}
      </Title>
      <div aria-hidden>
        <BarChart
          h={220}
          data={points}
          dataKey="at"
          type="stacked"
          series={series}
          withLegend
          yAxisProps={{ allowDecimals: false, width: 40 }}
          xAxisProps={{ minTickGap: 60 }}
          barChartProps={still}
        />
      </div>
      <HiddenTable
        columns={[labels.time, ...series.map(({ label }) => label)]}
        rows={counts.series.map((point) => [moment(point.at), ...results.map((result) => point[result])])}
      />
    </section>
  )
}

/** Shows how long callers waited for a person, in transfers that succeeded. */
export function TimesToPerson({ times: { count, p50, p90, buckets } }: { times: TransferCounts['timeToPerson'] }) {
  const rows = buckets.map(({ below, count: transfers }, at) => ({
    range: labels.range(buckets[at - 1]?.below ?? 0, below),
    transfers,
  }))

  return (
    <section aria-label={labels.timeToPerson}>
      <Title order={3} size="h4" mb="xs">
        {labels.timeToPerson}
        {p50 !== null && p90 !== null && count > 0 && `: ${labels.quantiles(p50, p90)}`}
      </Title>
      <div aria-hidden>
        <BarChart
          h={180}
          data={rows}
          dataKey="range"
          series={[{ name: 'transfers', label: labels.transfers, color: 'indigo.6' }]}
          yAxisProps={{ allowDecimals: false, width: 40 }}
          barChartProps={still}
        />
      </div>
      <HiddenTable
        columns={[labels.seconds, labels.transfers]}
        rows={rows.map(({ range, transfers }) => [range, transfers])}
      />
    </section>
  )
}

interface HiddenTableProps {
  columns: readonly string[]
  /** The first cell is unique to its row. */
  rows: readonly (readonly (string | number)[])[]
}

/** The numbers of a chart, for screen readers: the chart itself is hidden from them. */
function HiddenTable({ columns, rows }: HiddenTableProps) {
  return (
    <VisuallyHidden>
      <Table>
        <Table.Thead>
          <Table.Tr>
            {columns.map((column) => (
              <Table.Th key={column}>{column}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((cells) => (
            <Table.Tr key={cells[0]}>
              {cells.map((cell, at) => (
                <Table.Td key={columns[at]}>{cell}</Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </VisuallyHidden>
  )
}
