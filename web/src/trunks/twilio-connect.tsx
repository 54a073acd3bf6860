import { Alert, Stack, Text } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { api, type TwilioPlan, type TwilioRequest, type TwilioStatus } from '../api/client'
import { trunksQuery } from '../api/queries'
import { Dialog } from '../shell/dialog'
import { DialogForm } from '../shell/form-dialog'
import { sipUri } from '../shell/sip-uri'
import { texts } from '../texts'
import { ChangeList, useTwilioChange } from './twilio-changes'
import { AccountFields, WantedFields, type AccountValues, type WantedValues } from './twilio-fields'

const noAccount: AccountValues = { accountSid: '', proof: 'key', apiKey: '', secret: '' }

/**
 * Connects a Twilio account in three steps: who asks, what is wanted, and all that will change. What was typed is kept
 * while the dialog is open, and no longer.
 */
export function TwilioConnectDialog({ status, close }: { status: TwilioStatus | undefined; close: () => void }) {
  const isConnected = status?.connected === true
  const [account, setAccount] = useState(noAccount)
  const [wanted, setWanted] = useState(useFirstWanted(status))
  const [shown, setShown] = useState<Pick<TwilioPlan, 'numbers' | 'trunks'> & Partial<TwilioPlan>>()
  const [usesOthers, useOthers] = useState(!isConnected)
  const request = (numbers: string[]): TwilioRequest => ({
    ...(usesOthers && {
      ...{ accountSid: account.accountSid.trim(), secret: account.secret },
      ...(account.proof === 'key' && { apiKey: account.apiKey.trim() }),
    }),
    ...requestOf({ ...wanted, numbers }),
    // The numbers of the voice webhook are chosen by the API and the command line.
    ...(status?.wanted?.webhook && { webhook: status.wanted.webhook }),
  })
  const ask = useMutation({
    mutationFn: async (numbers: string[]) =>
      (await api.POST('/v1/twilio/plan', { body: request(numbers) })).data ?? {
        numbers: [],
        trunks: [],
        changes: [],
        others: [],
      },
  })
  const connect = useTwilioChange(
    () => api.POST('/v1/twilio/connect', { body: request(wanted.numbers) }),
    texts.twilio.isConnected,
    close,
  )
  const showNumbers = {
    ...{ isPending: ask.isPending, error: ask.error },
    mutate: () => {
      ask.mutate([], { onSuccess: ({ numbers, trunks }) => setShown({ numbers, trunks }) })
    },
  }
  const showPlan = {
    ...{ isPending: ask.isPending, error: ask.error },
    mutate: () => {
      ask.mutate(wanted.numbers, { onSuccess: setShown })
    },
  }

  return (
    <Dialog opened onClose={close} title={texts.twilio.connect} size="lg" closeOnClickOutside={false}>
      {!shown && (
        <DialogForm mutation={showNumbers} action={texts.twilio.next} close={close}>
          <AccountFields value={account} change={setAccount} isConnected={isConnected} {...{ usesOthers, useOthers }} />
        </DialogForm>
      )}
      {shown && !shown.changes && (
        <DialogForm mutation={showPlan} action={texts.twilio.plan} close={close}>
          <WantedFields value={wanted} change={setWanted} account={shown} isConnected={isConnected} />
        </DialogForm>
      )}
      {shown?.changes && (
        <DialogForm
          mutation={connect}
          action={isConnected ? texts.twilio.change : texts.twilio.connect}
          back={() => {
            setShown({ numbers: shown.numbers, trunks: shown.trunks })
          }}
          close={close}
        >
          <Stack gap="xs" role="status">
            <Text>{texts.twilio.planTitle}</Text>
            {shown.changes.length === 0 ? (
              <Text>{texts.twilio.noChanges}</Text>
            ) : (
              <ChangeList changes={shown.changes} />
            )}
            {shown.others && shown.others.length > 0 && (
              <Alert color="yellow">{texts.twilio.others(shown.others.join(', '))}</Alert>
            )}
            <Text size="sm" c="dimmed">
              {texts.twilio.free}
            </Text>
          </Stack>
        </DialogForm>
      )}
    </Dialog>
  )
}

/** What is connected, or the addresses on which Baton listens: those by TLS where there are any. */
function useFirstWanted(status: TwilioStatus | undefined): WantedValues {
  const { addresses = [] } = useQuery(trunksQuery).data ?? {}
  const secure = addresses.some(({ transport }) => transport === 'tls')
  const listening = addresses.filter(({ transport }) => (secure ? transport === 'tls' : !transport.startsWith('ws')))
  const {
    numbers,
    uris,
    trunkSid = '',
    disasterUrl = '',
    termination,
    ...rest
  } = status?.wanted ?? {
    ...{ numbers: [], secure, uris: listening.map((address) => sipUri('', address)) },
  }

  return {
    ...{
      numbers,
      secure: rest.secure,
      uris: uris.join('\n'),
      trunkSid,
      disasterUrl,
      domain: termination?.domain ?? '',
    },
    ...{ username: termination?.username ?? '', password: '', addresses: termination?.addresses.join(', ') ?? '' },
  }
}

function requestOf({ numbers, uris, secure, ...optional }: WantedValues): TwilioRequest {
  const { trunkSid, disasterUrl, domain, username, password, addresses } = optional

  return {
    ...{ numbers, uris: partsOf(uris, /\n/), secure },
    ...(trunkSid !== '' && { trunkSid }),
    ...(disasterUrl !== '' && { disasterUrl }),
    ...(domain !== '' && {
      ...{ domain, addresses: partsOf(addresses, /,/) },
      ...(username !== '' && { username }),
      ...(password !== '' && { password }),
    }),
  }
}

function partsOf(text: string, separator: RegExp): string[] {
  return text
    .split(separator)
    .map((part) => part.trim())
    .filter((part) => part !== '')
}
