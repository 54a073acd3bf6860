import { Anchor, Title } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { TransferCounts } from '../api/client'
import { useProjectName } from '../address'
import { CardTable } from '../shell/card-table'
import { texts } from '../texts'
import { callsOfTransfers, results, type TransfersView } from './view'

const labels = texts.transfers
/** The server's word, also in a search of calls, for a fact that a transfer does not have. */
const noValue = 'none'

/** Compares the transfers by the chosen property; each count leads to its calls. */
export function Groups({ counts: { from, groups }, view }: { counts: TransferCounts; view: TransfersView }) {
  const to = `/p/${useProjectName()}/calls`
  const { by, environment, rehearsals } = view

  const columns = [
    labels.dimensions[by],
    labels.transfers,
    labels.share,
    ...results.map((result) => texts.result[result]),
    labels.median,
  ]
  const rows = groups.map(({ labels: { [by]: group = '' }, count, results: counted, timeToPerson }) => {
    const label = String(group)
    const search = callsOfTransfers({ from, environment, rehearsals }, { [by]: label })

    return {
      key: label,
      cells: [
        <Anchor key="calls" component={Link} to={to} search={search as never} size="sm">
          {nameOf(by, label)}
        </Anchor>,
        count,
        labels.percent(counted.succeeded / count),
        ...results.map((result) =>
          counted[result] === 0 ? (
            0
          ) : (
            <Anchor
              key={result}
              component={Link}
              to={to}
              search={{ ...search, result } as never}
              size="sm"
              aria-label={labels.callsOf(counted[result], texts.result[result], label)}
            >
              {counted[result]}
            </Anchor>
          ),
        ),
        timeToPerson.p50 === null ? '' : labels.secondsOf(timeToPerson.p50),
      ],
    }
  })

  return (
    <section aria-label={labels.compared}>
      <Title order={3} size="h4" mb="xs">
        {labels.compared}
      </Title>
      <CardTable columns={columns} minWidth={560} rows={rows} />
    </section>
  )
}

function nameOf(by: TransfersView['by'], label: string): string {
  if (label === noValue) return labels.noValue

  return by === 'method' ? ((texts.method as Record<string, string>)[label] ?? label) : label
}
