import { Anchor, Table, Title } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { TransferCounts } from '../api/client'
import { useProjectName } from '../address'
import { texts } from '../texts'
import { callsOfTransfers, results, type TransfersView } from './view'

const labels = texts.transfers
/** The server's word, also in a search of calls, for a fact that a transfer does not have. */
const noValue = 'none'

/** Compares the transfers by the chosen property; each count leads to its calls. */
export function Groups({ counts: { from, groups }, view }: { counts: TransferCounts; view: TransfersView }) {
  const to = `/p/${useProjectName()}/calls`
  const { by, environment, rehearsals } = view

  return (
    <section aria-label={labels.compared}>
      <Title order={3} size="h4" mb="xs">
        {labels.compared}
      </Title>
      <Table.ScrollContainer minWidth={560}>
        <Table verticalSpacing="xs">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{labels.dimensions[by]}</Table.Th>
              <Table.Th>{labels.transfers}</Table.Th>
              <Table.Th>{labels.share}</Table.Th>
              {results.map((result) => (
                <Table.Th key={result}>{texts.result[result]}</Table.Th>
              ))}
              <Table.Th>{labels.median}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {groups.map(({ labels: { [by]: label = '' }, count, results: counted, timeToPerson }) => {
              const search = callsOfTransfers({ from, environment, rehearsals }, { [by]: String(label) })

              return (
                <Table.Tr key={label}>
                  <Table.Td>
                    <Anchor component={Link} to={to} search={search as never} size="sm">
                      {nameOf(by, label)}
                    </Anchor>
                  </Table.Td>
                  <Table.Td>{count}</Table.Td>
                  <Table.Td>{labels.percent(counted.succeeded / count)}</Table.Td>
                  {results.map((result) => (
                    <Table.Td key={result}>
                      {counted[result] === 0 ? (
                        0
                      ) : (
                        <Anchor
                          component={Link}
                          to={to}
                          search={{ ...search, result } as never}
                          size="sm"
                          aria-label={labels.callsOf(counted[result], texts.result[result], String(label))}
                        >
                          {counted[result]}
                        </Anchor>
                      )}
                    </Table.Td>
                  ))}
                  <Table.Td>{timeToPerson.p50 === null ? '' : labels.secondsOf(timeToPerson.p50)}</Table.Td>
                </Table.Tr>
              )
            })}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </section>
  )
}

function nameOf(by: TransfersView['by'], label: string | number): string {
  if (label === noValue) return labels.noValue

  return by === 'method' ? ((texts.method as Record<string, string>)[label] ?? String(label)) : String(label)
}
