import { Anchor, Badge, Group, Text } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { Fragment, type ReactNode } from 'react'
import type { Call } from '../api/client'
import { CardTable } from '../shell/card-table'
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

/** The mark of a call that was up when Baton was restarted. */
export function RecoveredMark({ call: { recoveredAt } }: { call: Call }) {
  if (recoveredAt === undefined) return null

  return (
    <Text size="xs" c="dimmed" title={moment(recoveredAt)}>
      {texts.calls.recoveredMark}
    </Text>
  )
}

/** A transfer in the row of its call. */
export function TransferBadge({ transfer: { handoff, result, reason } }: { transfer: Call['transfers'][number] }) {
  return (
    <Group gap={4}>
      <Text size="sm">{handoff}</Text>
      <ResultBadge result={result} reason={reason} />
    </Group>
  )
}

const columns = [
  texts.calls.started,
  texts.calls.caller,
  texts.calls.called,
  texts.calls.environment,
  texts.calls.state,
  texts.calls.transfers,
]

export function CallsTable({ calls }: { calls: readonly Call[] }) {
  return (
    <CardTable columns={columns} minWidth={720} rows={calls.map((call) => ({ key: call.id, cells: cellsOf(call) }))} />
  )
}

function cellsOf(call: Call): ReactNode[] {
  const { id, project, state, caller, called, startedAt, transfers, result, reason } = call

  return [
    <Fragment key="link">
      <Anchor component={Link} to={`/p/${project}/calls/${id}`} size="sm">
        {moment(startedAt)}
      </Anchor>
      <RecoveredMark call={call} />
    </Fragment>,
    caller.number || caller.uri,
    called,
    <CallPlace key="place" call={call} />,
    state === 'ended' ? (
      <ResultBadge key="result" result={result} reason={reason} />
    ) : (
      <Badge key="state">{texts.state[state]}</Badge>
    ),
    transfers.length > 0 && (
      <Group key="transfers" gap={4}>
        {transfers.map((transfer) => (
          <TransferBadge key={transfer.id} transfer={transfer} />
        ))}
      </Group>
    ),
  ]
}
