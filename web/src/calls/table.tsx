import { Anchor, Badge, Group, Table, Text } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { Call } from '../api/client'
import { texts } from '../texts'
import { moment } from '../time'

const colors: Record<string, string> = {
  succeeded: 'green',
  answered: 'green',
  failed: 'red',
  rejected: 'red',
  abandoned: 'yellow',
  unknown: 'gray',
}

export function ResultBadge({ result, reason }: { result: string | undefined; reason?: string | undefined }) {
  if (result === undefined) return <Badge variant="light">{texts.calls.running}</Badge>
  const label = (texts.result as Record<string, string>)[result] ?? result

  return (
    <Badge color={colors[result] ?? 'gray'} variant="light" tt="none">
      {[label, reason].filter(Boolean).join(': ')}
    </Badge>
  )
}

/** The environment of a call, and whether it is a rehearsal. */
export function CallPlace({ call: { environment, rehearsal } }: { call: Call }) {
  const names = texts.environment as Record<string, string>

  return (
    <>
      {names[environment] ?? environment}
      {rehearsal && (
        <Text size="xs" c="dimmed">
          {texts.calls.rehearsal}
        </Text>
      )}
    </>
  )
}

/** A transfer in the row of its call. */
export function TransferBadge({ transfer: { handoff, result, reason } }: { transfer: Call['transfers'][number] }) {
  return (
    <Group gap={4} wrap="nowrap">
      <Text size="sm">{handoff}</Text>
      <ResultBadge result={result} reason={reason} />
    </Group>
  )
}

export function CallsTable({ calls }: { calls: readonly Call[] }) {
  return (
    <Table.ScrollContainer minWidth={720}>
      <Table verticalSpacing="xs" highlightOnHover>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{texts.calls.started}</Table.Th>
            <Table.Th>{texts.calls.caller}</Table.Th>
            <Table.Th>{texts.calls.called}</Table.Th>
            <Table.Th>{texts.calls.environment}</Table.Th>
            <Table.Th>{texts.calls.state}</Table.Th>
            <Table.Th>{texts.calls.transfers}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {calls.map((call) => (
            <CallRow key={call.id} call={call} />
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}

function CallRow({ call }: { call: Call }) {
  const { id, project, state, caller, called, startedAt, transfers, result, reason } = call

  return (
    <Table.Tr>
      <Table.Td>
        <Anchor component={Link} to={`/p/${project}/calls/${id}`} size="sm">
          {moment(startedAt)}
        </Anchor>
      </Table.Td>
      <Table.Td>{caller.number || caller.uri}</Table.Td>
      <Table.Td>{called}</Table.Td>
      <Table.Td>
        <CallPlace call={call} />
      </Table.Td>
      <Table.Td>
        {state === 'ended' ? <ResultBadge result={result} reason={reason} /> : <Badge>{texts.state[state]}</Badge>}
      </Table.Td>
      <Table.Td>
        <Group gap={4}>
          {transfers.map((transfer) => (
            <TransferBadge key={transfer.id} transfer={transfer} />
          ))}
        </Group>
      </Table.Td>
    </Table.Tr>
  )
}
