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
// What the picture says stands in a table beside it, which is read out in its place.
const still = { accessibilityLayer: false }

/** What became of transfers over time; a bar for each step, also for those without a transfer. */
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
      <VisuallyHidden>
        <Table>
          <Table.Thead>
            <Table.Tr>
              {[labels.time, ...series.map(({ label }) => label)].map((label) => (
                <Table.Th key={label}>{label}</Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {counts.series.map((point) => (
              <Table.Tr key={point.at}>
                <Table.Td>{moment(point.at)}</Table.Td>
                {results.map((result) => (
                  <Table.Td key={result}>{point[result]}</Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </VisuallyHidden>
    </section>
  )
}

/** How long callers waited for a person, of transfers that succeeded. */
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
      <VisuallyHidden>
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{labels.seconds}</Table.Th>
              <Table.Th>{labels.transfers}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map(({ range, transfers }) => (
              <Table.Tr key={range}>
                <Table.Td>{range}</Table.Td>
                <Table.Td>{transfers}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </VisuallyHidden>
    </section>
  )
}
