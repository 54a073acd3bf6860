import { Code, Group, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { api, type Rehearsal } from '../api/client'
import { LadderPicture } from '../calls/ladder'
import { Verdict } from '../environments/rehearse-all'
import { texts } from '../texts'

/** The interval at which a running rehearsal is drawn again. */
const drawIntervalMs = 300

/** The ladder of the rehearsal that runs, as far as it has come. */
export function RunningRehearsal({ project, since }: { project: string; since: number }) {
  const { data } = useQuery({
    queryKey: ['running rehearsal', project, since],
    queryFn: async () => {
      const { data: list } = await api.GET('/v1/calls', { params: { query: { project, limit: 20 } } })
      const call = list?.calls.find(
        ({ rehearsal, startedAt }) => rehearsal && Date.parse(startedAt) >= since - clockSkewMs,
      )
      if (!call) return null

      return (await api.GET('/v1/calls/{call}/ladder', { params: { path: { call: call.id } } })).data ?? null
    },
    refetchInterval: drawIntervalMs,
    retry: false,
  })

  return (
    <div role="status">
      <Text mb="xs">{texts.environments.rehearsing}</Text>
      {data && data.messages.length > 0 && <LadderPicture ladder={data} />}
    </div>
  )
}

/** The clocks of the reader and of Baton may differ by so much. */
const clockSkewMs = 2_000

/** Shows a rehearsal: the verdict and its reason, the headers that the destination got, and every message. */
export function RehearsalResult({ rehearsal }: { rehearsal: Rehearsal }) {
  const { verdict, cause, ladder, headersReceived } = rehearsal
  const headers = Object.entries(headersReceived)

  return (
    <Stack>
      <Group role="status" wrap="nowrap" align="flex-start">
        <Verdict verdict={verdict} />
        <Text style={{ overflowWrap: 'anywhere' }}>{cause}</Text>
      </Group>
      {headers.length > 0 && (
        <div>
          <Text fw={500}>{texts.test.heard}</Text>
          <Code block>{headers.map(([name, value]) => `${name}: ${value}`).join('\n')}</Code>
        </div>
      )}
      {ladder.messages.length > 0 && <LadderPicture ladder={ladder} />}
    </Stack>
  )
}
