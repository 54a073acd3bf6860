import { Alert, Anchor, Button, Card, Group, Stack, Table, Text, Title } from '@mantine/core'
import { useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { Ladder, Transfer } from '../api/client'
import { callQuery, ladderQuery } from '../api/queries'
import { useCallId, useProjectName } from '../address'
import { CopyButton } from '../shell/copy-button'
import { texts } from '../texts'
import { moment, secondsBetween } from '../time'
import { useSmallScreen } from '../shell/small-screen'
import { CallActionDialog, CallButtons, type CallAction } from './call-actions'
import { LadderPicture } from './ladder'
import { MediaSection } from './media'
import { ResultBadge } from './table'

/** Shows a call: its diagnosis in words, the evidence for that, and every message. */
export function CallPage() {
  const project = useProjectName()
  const id = useCallId()
  const call = useSuspenseQuery(callQuery(id)).data
  const ladder = useQuery(ladderQuery(id, call?.state !== 'ended')).data
  const [action, setAction] = useState<CallAction>()
  if (!call) return null
  const { caller, called, environment, version, trunk, startedAt, state, result, reason, transfers } = call
  const places = texts.environment as Record<string, string>
  const diagnoses = [call.diagnosis, ...transfers.map(({ diagnosis }) => diagnosis)].filter(
    (text) => text !== undefined,
  )

  return (
    <Stack>
      <Anchor component={Link} to={`/p/${project}/calls`} size="sm">
        {texts.calls.back}
      </Anchor>
      <Group justify="space-between">
        <Title order={2}>{texts.calls.title(caller.number || caller.uri, called)}</Title>
        {state === 'ended' ? (
          <ResultBadge result={result} reason={reason} />
        ) : (
          <Group gap="xs">
            <Text>{texts.state[state]}</Text>
            <CallButtons call={call} openDialog={setAction} />
          </Group>
        )}
      </Group>
      <Text c="dimmed" size="sm">
        {[
          moment(startedAt),
          places[environment] ?? environment,
          `${texts.calls.version} ${version}`,
          `${texts.calls.trunk} ${trunk}`,
          ...(call.recoveredAt === undefined ? [] : [texts.calls.recovered(moment(call.recoveredAt))]),
        ].join(' · ')}
      </Text>
      <section aria-label={texts.calls.diagnosis}>
        <Title order={3} size="h4" mb="xs">
          {texts.calls.diagnosis}
        </Title>
        {diagnoses.length === 0 && <Text c="dimmed">{texts.calls.noDiagnosis}</Text>}
        <Stack gap="xs">
          {diagnoses.map((text) => (
            <Alert key={text} color="blue">
              {text}
            </Alert>
          ))}
        </Stack>
      </section>
      <section aria-label={texts.calls.evidence}>
        <Title order={3} size="h4" mb="xs">
          {texts.calls.evidence}
        </Title>
        {transfers.length === 0 && <Text c="dimmed">{texts.calls.noTransfers}</Text>}
        <Stack>
          {transfers.map((transfer) => (
            <TransferCard key={transfer.id} transfer={transfer} />
          ))}
        </Stack>
      </section>
      <section aria-label={texts.calls.ladder}>
        <Group justify="space-between" mb="xs">
          <Title order={3} size="h4">
            {texts.calls.ladder}
          </Title>
          <Group gap="xs">
            {ladder && (
              <>
                <Copy text={asText(diagnoses, ladder)} label={texts.calls.copyText} />
                <Button
                  component="a"
                  href={`/v1/calls/${encodeURIComponent(id)}/pcap`}
                  download
                  size="compact-sm"
                  variant="default"
                >
                  {texts.calls.downloadPcap}
                </Button>
              </>
            )}
            <Copy text={location.origin + location.pathname} label={texts.calls.copyLink} />
          </Group>
        </Group>
        {ladder && <LadderPicture ladder={ladder} />}
      </section>
      <MediaSection call={call} />
      <CallActionDialog
        action={action}
        close={() => {
          setAction(undefined)
        }}
      />
    </Stack>
  )
}

/** A call as text, for a ticket or a mail: the diagnosis, and each message with its time and direction. */
function asText(diagnoses: readonly string[], { messages }: Ladder): string {
  const blocks = messages.map(({ at, leg, direction, local, remote, transport, text }) => {
    const [from, to] = direction === 'in' ? [remote, local] : [local, remote]

    return `${at} ${texts.party[leg]} ${from} → ${to} (${transport})\n${text.replaceAll('\r\n', '\n').trimEnd()}`
  })

  return [location.origin + location.pathname, ...diagnoses, ...blocks].join('\n\n')
}

function Copy({ text, label }: { text: string; label: string }) {
  return <CopyButton text={text} label={label} />
}

function TransferCard({ transfer }: { transfer: Transfer }) {
  const isSmall = useSmallScreen()
  const { handoff, requestedBy, startedAt, result, reason, attempts } = transfer
  const by = requestedBy === 'api' ? texts.calls.byApi : texts.calls.byRefer

  return (
    <Card withBorder>
      <Group justify="space-between" mb="xs">
        <Text fw={500}>{texts.calls.transferOf(handoff, by)}</Text>
        <ResultBadge result={result} reason={reason} />
      </Group>
      {attempts.map((attempt) => (
        <div key={`${attempt.startedAt} ${attempt.target}`}>
          <Group gap="xs">
            <Text size="sm" fw={500}>
              {attempt.handoff}: {texts.method[attempt.method]} {attempt.target}
            </Text>
            <ResultBadge result={attempt.result} reason={attempt.reason} />
          </Group>
          <Table horizontalSpacing={isSmall ? 4 : 'xs'}>
            <Table.Tbody>
              {attempt.evidence.map(({ at, from, what }, index) => (
                <Table.Tr key={`${at} ${index}`}>
                  <Table.Td w={isSmall ? 56 : 80}>{secondsBetween(startedAt, at)}</Table.Td>
                  <Table.Td w={isSmall ? 84 : 105}>{texts.party[from]}</Table.Td>
                  <Table.Td style={{ overflowWrap: 'anywhere' }}>{what}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </div>
      ))}
    </Card>
  )
}
