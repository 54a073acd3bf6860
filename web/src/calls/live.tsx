import { Alert, Anchor, Group, NativeSelect, Stack, Text, TextInput, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useDeferredValue, useMemo, useState } from 'react'
import type { Call } from '../api/client'
import { liveCallsQuery } from '../api/queries'
import { useProjectName } from '../address'
import { ProblemAlert } from '../shell/problem'
import { Loading } from '../shell/states'
import { texts } from '../texts'
import { soon } from '../time'
import { CallActionDialog, type CallAction } from './call-actions'
import { LiveTable } from './live-table'

const labels = texts.live
const states = ['setup', 'connected', 'transferring', 'bridged'] as const

/** Calls that are up; each can be handed over and ended. */
export function LiveCallsPage() {
  const project = useProjectName()
  const live = useQuery(liveCallsQuery(project))
  const [search, setSearch] = useState('')
  const [state, setState] = useState('')
  const [order, setOrder] = useState('newest')
  const [action, setAction] = useState<CallAction>()
  const wanted = useDeferredValue(search)
  const all = live.data ?? none
  const calls = useMemo(() => {
    const matching = all.filter((call) => (state === '' || call.state === state) && matches(call, wanted))

    return order === 'longest' ? matching.reverse() : matching
  }, [all, wanted, state, order])

  return (
    <Stack>
      <Group justify="space-between">
        <Title order={2}>{texts.navigation.live}</Title>
        {all.length > 0 && <Text c="dimmed">{labels.count(calls.length, all.length)}</Text>}
      </Group>
      <RestartLine calls={all} />
      <ProblemAlert error={live.error} />
      {live.isPending && <Loading />}
      {live.isSuccess && all.length === 0 && (
        <div>
          <Text c="dimmed">{texts.calls.noneLive}</Text>
          <Anchor component={Link} to={`/p/${project}/test`}>
            {texts.calls.callOne}
          </Anchor>
        </div>
      )}
      {all.length > 0 && (
        <Group component="search" gap="xs" align="flex-end">
          <TextInput
            label={labels.search}
            placeholder={labels.searchHelp}
            type="search"
            value={search}
            onChange={({ currentTarget }) => {
              setSearch(currentTarget.value)
            }}
          />
          <NativeSelect
            label={texts.calls.state}
            data={[
              { value: '', label: labels.anyState },
              ...states.map((value) => ({ value, label: texts.state[value] })),
            ]}
            value={state}
            onChange={({ currentTarget }) => {
              setState(currentTarget.value)
            }}
          />
          <NativeSelect
            label={labels.order}
            data={Object.entries(labels.orders).map(([value, label]) => ({ value, label }))}
            value={order}
            onChange={({ currentTarget }) => {
              setOrder(currentTarget.value)
            }}
          />
        </Group>
      )}
      {all.length > 0 && calls.length === 0 && <Text c="dimmed">{labels.noMatch}</Text>}
      {calls.length > 0 && <LiveTable calls={calls} openDialog={setAction} />}
      <CallActionDialog
        action={action}
        close={() => {
          setAction(undefined)
        }}
      />
    </Stack>
  )
}

/** Says that calls were up when Baton was restarted; renders nothing where none was. */
function RestartLine({ calls }: { calls: readonly Call[] }) {
  const moments = calls.flatMap(({ recoveredAt }) => recoveredAt ?? [])
  const last = moments.toSorted().at(-1)
  if (last === undefined) return null

  return (
    <Alert color="blue" role="status">
      {labels.restarted(moments.length, soon(last))}
    </Alert>
  )
}

const none: readonly Call[] = []

/** Whether a number, a party or a handoff of the call has this text; blanks between digits do not count. */
function matches({ caller, called, agent, destination, transfers }: Call, search: string): boolean {
  const text = search.trim().toLowerCase()
  if (text === '') return true
  const digits = text.replace(/(?<=[\d+])[ ().-]+(?=\d)/g, '')
  const fields = [
    ...[caller.number, caller.name, caller.uri, called, agent.uri, destination?.uri, destination?.handoff],
    ...transfers.map(({ handoff }) => handoff),
  ]

  return fields.some((field) => field !== undefined && (field.toLowerCase().includes(text) || field.includes(digits)))
}
