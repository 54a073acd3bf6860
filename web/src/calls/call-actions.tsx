import { Button, Group, Modal, NativeSelect, Stack, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { api, type Call } from '../api/client'
import { versionQuery } from '../api/queries'
import { ConfirmDialog } from '../shell/confirm'
import { DialogButtons } from '../shell/dialog-buttons'
import { ProblemAlert } from '../shell/problem'
import { RoleButton } from '../session/role-button'
import { texts } from '../texts'

/** What can be done with a call that is up, and which of it is being asked about. */
export interface CallAction {
  call: Call
  what: 'hand_over' | 'hang_up'
}

interface DialogProps {
  call: Call
  close: () => void
}

export function CallButtons({ call, ask }: { call: Call; ask: (action: CallAction) => void }) {
  return (
    <Group gap={4} wrap="nowrap" justify="flex-end">
      <RoleButton
        needs="operator"
        size="compact-sm"
        variant="light"
        onClick={() => {
          ask({ call, what: 'hand_over' })
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
          ask({ call, what: 'hang_up' })
        }}
      >
        {texts.calls.hangUp}
      </RoleButton>
    </Group>
  )
}

export function CallActionDialog({ action, close }: { action: CallAction | undefined; close: () => void }) {
  if (!action) return null

  return action.what === 'hand_over' ? (
    <HandOverDialog call={action.call} close={close} />
  ) : (
    <HangUpDialog call={action.call} close={close} />
  )
}

function HandOverDialog({ call, close }: DialogProps) {
  // The call goes by the table that it began with, not by the one that is being edited.
  const { data } = useQuery(versionQuery(call.project, call.version))
  const handoffs = data?.table.handoffs.filter(({ active }) => active !== false) ?? []
  const usual = handoffs.find((one) => one.default) ?? handoffs[0]
  const [chosen, setChosen] = useState<string>()
  const handoff = chosen ?? usual?.name ?? ''
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
            data={handoffs.map(({ name }) => name)}
            value={handoff}
            onChange={({ currentTarget }) => {
              setChosen(currentTarget.value)
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
          <DialogButtons cancel={close}>
            <Button type="submit" disabled={handoff === ''} loading={transfer.isPending}>
              {texts.calls.handOver}
            </Button>
          </DialogButtons>
        </Stack>
      </form>
    </Modal>
  )
}

function HangUpDialog({ call, close }: DialogProps) {
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
