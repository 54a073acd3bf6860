import { Loader, Text, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../api/client'
import { twilioDriftQuery } from '../api/queries'
import { FormDialog } from '../shell/form-dialog'
import { ProblemAlert } from '../shell/problem'
import { texts } from '../texts'
import { ChangeList, useTwilioChange } from './twilio-changes'

/** Says what goes from the account and what stays, and asks for the word before it disconnects. */
export function TwilioDisconnectDialog({ close }: { close: () => void }) {
  const { data, error } = useQuery(twilioDriftQuery)
  const [typed, setTyped] = useState('')
  const disconnect = useTwilioChange(() => api.DELETE('/v1/twilio'), texts.twilio.isDisconnected, close)

  return (
    <FormDialog
      title={texts.twilio.disconnectTitle}
      action={texts.twilio.disconnect}
      size="lg"
      mutation={disconnect}
      button={{ color: 'red', disabled: typed !== 'twilio' }}
      close={close}
    >
      {!data && !error && <Loader size="sm" />}
      <ProblemAlert error={error} />
      {data && (
        <>
          <Text size="sm">
            {data.disconnect.length === 0 ? texts.twilio.disconnectNone : texts.twilio.disconnectGoes}
          </Text>
          <ChangeList changes={data.disconnect} />
        </>
      )}
      <Text size="sm">{texts.twilio.disconnectStays}</Text>
      <TextInput
        label={texts.twilio.typeTwilio}
        value={typed}
        data-autofocus
        autoComplete="off"
        onChange={({ currentTarget }) => {
          setTyped(currentTarget.value)
        }}
      />
    </FormDialog>
  )
}
