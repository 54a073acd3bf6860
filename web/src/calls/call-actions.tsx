import { Group, NativeSelect, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { api, type Call } from '../api/client'
import { versionQuery } from '../api/queries'
import { ConfirmDialog } from '../shell/confirm'
import { FormDialog } from '../shell/form-dialog'
import { RoleButton } from '../session/role-button'
import { texts } from '../texts'

/** The action on a live call whose dialog is open. */
export interface CallAction {
  call: Call
  what: 'hand_over' | 'hang_up'
}

interface DialogProps {
  call: Call
  close: () => void
}

export function CallButtons({ call, openDialog }: { call: Call; openDialog: (action: CallAction) => void }) {
  return (
    <Group gap={4} wrap="nowrap" justify="flex-end">
      <RoleButton
        needs="operator"
        size="compact-sm"
        variant="light"
        onClick={() => {
          openDialog({ call, what: 'hand_over' })
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
          openDialog({ call, what: 'hang_up' })
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
    <FormDialog
      title={texts.calls.handOver}
      action={texts.calls.handOver}
      mutation={transfer}
      button={{ disabled: handoff === '' }}
      close={close}
    >
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
    </FormDialog>
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
