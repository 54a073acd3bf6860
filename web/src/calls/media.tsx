import { Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { Call, Media } from '../api/client'
import { mediaQuery } from '../api/queries'
import { CardTable } from '../shell/card-table'
import { texts } from '../texts'
import { secondsBetween } from '../time'

const labels = texts.media

/**
 * Shows between which parties the media of a call went, and when, with the session descriptions that say so; where it went
 * through a media server, also what came from each party.
 */
export function MediaSection({ call }: { call: Call }) {
  const media = useQuery(mediaQuery(call.id, call.state !== 'ended')).data
  const last = call.transfers.at(-1)
  const anchored = call.media?.anchored === 'rtpengine' ? call.media : undefined
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
        {anchored && <Received media={anchored} />}
        {media && media.sessions.length > 0 && (
          <details>
            <summary>{labels.descriptions}</summary>
            <Descriptions sessions={media.sessions} since={call.startedAt} />
          </details>
        )}
        <Text c="dimmed" size="sm">
          {anchored ? labels.helpAnchored : labels.help}
        </Text>
      </Stack>
    </section>
  )
}

function Talks({ talks, since }: { talks: Media['talks']; since: string }) {
  const rows = talks.map((talk) => ({
    key: talk.from,
    cells: [
      timeOf(talk, since),
      labels.between(texts.party[talk.parties[0] ?? 'caller'], texts.party[talk.parties[1] ?? 'agent']),
      flowOf(talk),
      talk.codec || texts.change.nothing,
    ],
  }))

  return <CardTable columns={[labels.when, labels.who, labels.how, labels.codecs]} minWidth={480} rows={rows} />
}

const parties = ['caller', 'agent', 'destination'] as const

/** What came from each party, by the media server. */
function Received({ media: { legs, reason } }: { media: NonNullable<Call['media']> }) {
  const rows = parties.flatMap((party) => {
    const received = legs[party]
    if (!received) return []
    const { codec, encryption, packets, loss, jitter, mos } = received

    return [
      {
        key: party,
        cells: [
          texts.party[party],
          [codec, encryption === 'none' ? '' : labels.encrypted].filter(Boolean).join(', '),
          packets.toLocaleString(),
          packets === 0
            ? labels.unknown
            : loss.toLocaleString(undefined, { style: 'percent', maximumFractionDigits: 2 }),
          jitter === undefined ? labels.unknown : labels.milliseconds(Math.round(jitter * 1000)),
          mos === undefined ? labels.unknown : mos.toFixed(1),
        ],
      },
    ]
  })
  const columns = [labels.party, labels.codecs, labels.packets, labels.loss, labels.jitter, labels.mos]

  return (
    <Stack gap="xs">
      {reason !== undefined && <Text>{labels.anchored(reason)}</Text>}
      {rows.length > 0 && <CardTable columns={columns} minWidth={480} rows={rows} />}
    </Stack>
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
  const rows = sessions.flatMap(({ at, leg, direction, message, streams }, nth) =>
    streams.map(({ type, address, codecs, direction: way, encrypted }, stream) => ({
      key: `${nth} ${stream}`,
      cells: [
        secondsBetween(since, at),
        direction === 'in' ? labels.said(texts.party[leg]) : labels.told(texts.party[leg]),
        message,
        address.endsWith(':0') ? labels.refused(type) : address,
        [...codecs, ...(encrypted ? [labels.encrypted] : [])].join(', '),
        way,
      ],
    })),
  )
  const columns = [labels.when, labels.leg, labels.message, labels.address, labels.codecs, labels.direction]

  return <CardTable columns={columns} minWidth={640} rows={rows} />
}
