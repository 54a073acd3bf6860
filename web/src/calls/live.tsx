import { Button, Group, Modal, NativeSelect, Stack, Text, TextInput, Title } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { api, type Call } from '../api/client'
import { liveCallsQuery, useDraft } from '../api/queries'
import { useProjectName } from '../address'
import { ConfirmDialog } from '../shell/confirm'
import { ProblemAlert } from '../shell/problem'
import { RoleButton } from '../session/role-button'
import { texts } from '../texts'
import { CallsTable } from './table'

type Action = { call: Call; what: 'hand_over' | 'hang_up' } | undefined

/** Calls that are up; each can be handed over and ended. */
export function LiveCallsPage() {
  const project = useProjectName()
  const live = useQuery({ ...liveCallsQuery(project), refetchInterval: 5_000 }).data ?? []
  const [action, setAction] = useState<Action>()
  const close = (): void => {
    setAction(undefined)
  }

  return (
    <Stack>
      <Title order={2}>{texts.navigation.live}</Title>
      {live.length === 0 && <Text c="dimmed">{texts.calls.noneLive}</Text>}
      {live.length > 0 && (
        <CallsTable
          calls={live}
          actions={(call) => (
            <Group gap={4} wrap="nowrap" justify="flex-end">
              <RoleButton
                needs="operator"
                size="compact-sm"
                variant="light"
                onClick={() => {
                  setAction({ call, what: 'hand_over' })
                }}
              >
                {texts.calls.handOver}
              </RoleButton>
              <RoleButton
                needs="operator"
                size="compact-sm"
                variant="subtle"
                color="red"
                onClick={() => {
                  setAction({ call, what: 'hang_up' })
                }}
              >
                {texts.calls.hangUp}
              </RoleButton>
            </Group>
          )}
        />
      )}
      {action?.what === 'hand_over' && <HandOverDialog project={project} call={action.call} close={close} />}
      {action?.what === 'hang_up' && <HangUpDialog call={action.call} close={close} />}
    </Stack>
  )
}

function HandOverDialog({ project, call, close }: { project: string; call: Call; close: () => void }) {
  const { table } = useDraft(project)
  const names = table.handoffs.filter(({ active }) => active !== false).map(({ name }) => name)
  const [handoff, setHandoff] = useState(names[0] ?? '')
  const [reason, setReason] = useState('')
  const transfer = useMutation({
    mutationFn: () =>
      api.POST('/v1/calls/{call}/transfer', {
        params: { path: { call: call.id } },
        body: { handoff, ...(reason && { reason }) },
      }),
    onSuccess: () => {
      notifications.show({ message: texts.calls.handedOver(handoff), color: 'green' })
      close()
    },
  })

  return (
    <Modal opened onClose={close} title={texts.calls.handOver}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          transfer.mutate()
        }}
      >
        <Stack>
          <NativeSelect
            label={texts.calls.handOverTo}
            data={names}
            value={handoff}
            onChange={({ currentTarget }) => {
              setHandoff(currentTarget.value)
            }}
          />
          <TextInput
            label={texts.calls.reason}
            value={reason}
            onChange={({ currentTarget }) => {
              setReason(currentTarget.value)
            }}
          />
          <ProblemAlert error={transfer.error} />
          <Group justify="flex-end">
            <Button type="submit" loading={transfer.isPending}>
              {texts.calls.handOver}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

function HangUpDialog({ call, close }: { call: Call; close: () => void }) {
  const hangUp = useMutation({
    mutationFn: () => api.POST('/v1/calls/{call}/hangup', { params: { path: { call: call.id } } }),
    onSuccess: close,
  })

  return (
    <ConfirmDialog title={texts.calls.hangUp} action={texts.calls.hangUp} mutation={hangUp} close={close}>
      {texts.calls.hangUpAsk(call.caller.number || call.caller.uri)}
    </ConfirmDialog>
  )
}
