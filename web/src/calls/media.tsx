import { Stack, Table, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { Call, Media } from '../api/client'
import { mediaQuery } from '../api/queries'
import { texts } from '../texts'
import { secondsBetween } from '../time'

const labels = texts.media

/** Shows between which parties the media of a call went, and when, with the session descriptions that say so. */
export function MediaSection({ call }: { call: Call }) {
  const media = useQuery(mediaQuery(call.id, call.state !== 'ended')).data
  const last = call.transfers.at(-1)
  const isReferred = last?.result === 'succeeded' && last.attempts.at(-1)?.method === 'refer'

  return (
    <section aria-label={labels.title}>
      <Title order={3} size="h4" mb="xs">
        {labels.title}
      </Title>
      <Stack gap="xs">
        {media?.talks.length === 0 && <Text c="dimmed">{labels.none}</Text>}
        {media && media.talks.length > 0 && <Talks talks={media.talks} since={call.startedAt} />}
        {isReferred && <Text>{labels.outside}</Text>}
        {media && media.sessions.length > 0 && (
          <details>
            <summary>{labels.descriptions}</summary>
            <Descriptions sessions={media.sessions} since={call.startedAt} />
          </details>
        )}
        <Text c="dimmed" size="sm">
          {labels.help}
        </Text>
      </Stack>
    </section>
  )
}

function Talks({ talks, since }: { talks: Media['talks']; since: string }) {
  return (
    <Table.ScrollContainer minWidth={480}>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{labels.when}</Table.Th>
            <Table.Th>{labels.who}</Table.Th>
            <Table.Th>{labels.how}</Table.Th>
            <Table.Th>{labels.codecs}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {talks.map((talk) => (
            <Table.Tr key={talk.from}>
              <Table.Td>{timeOf(talk, since)}</Table.Td>
              <Table.Td>
                {labels.between(texts.party[talk.parties[0] ?? 'caller'], texts.party[talk.parties[1] ?? 'agent'])}
              </Table.Td>
              <Table.Td>{flowOf(talk)}</Table.Td>
              <Table.Td>{talk.codec || texts.change.nothing}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}

function timeOf({ from, until }: Media['talks'][number], since: string): string {
  const began = secondsBetween(since, from)

  return until === undefined ? labels.goesOn(began) : labels.until(began, secondsBetween(since, until))
}

function flowOf({ flow, hears }: Media['talks'][number]): string {
  if (flow === 'both') return labels.both

  return hears[0] === undefined ? labels.onHold : labels.oneWay(texts.party[hears[0]])
}

function Descriptions({ sessions, since }: { sessions: Media['sessions']; since: string }) {
  return (
    <Table.ScrollContainer minWidth={640}>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{labels.when}</Table.Th>
            <Table.Th>{labels.leg}</Table.Th>
            <Table.Th>{labels.message}</Table.Th>
            <Table.Th>{labels.address}</Table.Th>
            <Table.Th>{labels.codecs}</Table.Th>
            <Table.Th>{labels.direction}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {sessions.flatMap(({ at, leg, direction, message, streams }, nth) =>
            streams.map(({ type, address, codecs, direction: way, encrypted }, stream) => (
              <Table.Tr key={`${nth} ${stream}`}>
                <Table.Td>{secondsBetween(since, at)}</Table.Td>
                <Table.Td>
                  {direction === 'in' ? labels.said(texts.party[leg]) : labels.told(texts.party[leg])}
                </Table.Td>
                <Table.Td>{message}</Table.Td>
                <Table.Td>{address.endsWith(':0') ? labels.refused(type) : address}</Table.Td>
                <Table.Td>{[...codecs, ...(encrypted ? [labels.encrypted] : [])].join(', ')}</Table.Td>
                <Table.Td>{way}</Table.Td>
              </Table.Tr>
            )),
          )}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}
