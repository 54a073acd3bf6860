import { Alert, Badge, Button, Card, Code, Group, Spoiler, Stack, Text, Title } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api, ApiError, type TwilioDrift, type TwilioRequest, type TwilioStatus } from '../api/client'
import { keys, twilioDriftQuery, twilioQuery } from '../api/queries'
import { useLackedRole } from '../session/session'
import { ProblemAlert } from '../shell/problem'
import { CopyButton } from '../shell/copy-button'
import { texts } from '../texts'
import { Labelled } from './labelled'
import { ChangeList } from './twilio-changes'
import { TwilioConnectDialog } from './twilio-connect'
import { TwilioDisconnectDialog } from './twilio-disconnect'

/** The Twilio account whose numbers call Baton: connected, checked and disconnected by admins. */
export function TwilioSection() {
  const lacked = useLackedRole()('admin', 'everywhere')

  return (
    <section aria-label={texts.twilio.title}>
      <Title order={3} mb={4}>
        {texts.twilio.title}
      </Title>
      <Text size="sm" c="dimmed" mb="xs">
        {texts.twilio.help}
      </Text>
      {lacked === undefined ? <TwilioCard /> : <Text size="sm">{lacked}</Text>}
    </section>
  )
}

type Dialog = 'connect' | 'disconnect'

function TwilioCard() {
  const { data: status, error } = useQuery(twilioQuery)
  const [dialog, setDialog] = useState<Dialog>()
  const close = () => {
    setDialog(undefined)
  }
  if (error instanceof ApiError && error.problem.status === 501) {
    return <Alert color="gray">{error.message}</Alert>
  }

  return (
    <Card withBorder>
      <ProblemAlert error={error} />
      {status?.connected === false && (
        <Stack gap="xs" align="flex-start">
          <Text size="sm">{texts.twilio.none}</Text>
          <Button
            onClick={() => {
              setDialog('connect')
            }}
          >
            {texts.twilio.connect}
          </Button>
        </Stack>
      )}
      {status?.connected === true && <Connected status={status} open={setDialog} />}
      {dialog === 'connect' && <TwilioConnectDialog status={status} close={close} />}
      {dialog === 'disconnect' && <TwilioDisconnectDialog close={close} />}
    </Card>
  )
}

function Connected({ status, open }: { status: TwilioStatus; open: (dialog: Dialog) => void }) {
  const drift = useQuery(twilioDriftQuery)
  const hasDrifted = drift.data && drift.data.findings.length > 0

  return (
    <Stack gap="xs">
      <Group justify="space-between">
        <Title order={4}>{texts.twilio.connected}</Title>
        {drift.data && (
          <Badge color={hasDrifted ? 'yellow' : 'green'}>
            {hasDrifted ? texts.twilio.drifted : texts.trunks.allWell}
          </Badge>
        )}
      </Group>
      <Labelled label={texts.twilio.account}>{status.accountSid}</Labelled>
      <Labelled label={texts.twilio.trunk}>{status.wanted?.trunkSid ?? status.name}</Labelled>
      <Labelled label={texts.trunks.numbers}>{status.wanted?.numbers.join(', ')}</Labelled>
      {status.wanted?.webhook && (
        <Labelled label={texts.twilio.webhookNumbers}>{status.wanted.webhook.numbers.join(', ')}</Labelled>
      )}
      <Labelled label={texts.twilio.uris}>{status.wanted?.uris.join(', ')}</Labelled>
      <ProblemAlert error={drift.error} />
      {drift.data && !hasDrifted && <Text size="sm">{texts.twilio.well}</Text>}
      {drift.data && hasDrifted && <Drift status={status} drift={drift.data} />}
      <Group gap="xs">
        <Button
          variant="default"
          size="compact-sm"
          loading={drift.isFetching}
          onClick={() => {
            void drift.refetch()
          }}
        >
          {texts.twilio.checkAgain}
        </Button>
        <Button
          variant="default"
          size="compact-sm"
          onClick={() => {
            open('connect')
          }}
        >
          {texts.twilio.change}
        </Button>
        <Button
          variant="subtle"
          color="red"
          size="compact-sm"
          onClick={() => {
            open('disconnect')
          }}
        >
          {texts.twilio.disconnect}
        </Button>
      </Group>
      <TrunkYaml yaml={status.trunk} />
    </Stack>
  )
}

/** What has changed in the account since it was connected, and the button that brings it back. */
function Drift({ status, drift }: { status: TwilioStatus; drift: TwilioDrift }) {
  const { findings, changes, missing } = drift
  const client = useQueryClient()
  const correct = useMutation({
    mutationFn: () => api.POST('/v1/twilio/connect', { body: requestOf(status, missing) }),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.twilio }),
  })

  return (
    <Alert color="yellow" title={texts.twilio.drift}>
      <Stack gap="xs" align="flex-start">
        {findings.map(({ state, detail, hint }) => (
          <Text key={detail} size="sm" style={{ overflowWrap: 'anywhere' }}>
            <Text span size="sm" fw={600}>
              {texts.twilio.state[state]}:
            </Text>{' '}
            {detail}. {hint}
          </Text>
        ))}
        {changes.length > 0 && (
          <>
            <Text size="sm">{texts.twilio.corrections}</Text>
            <ChangeList changes={changes} />
            <Button
              size="compact-sm"
              loading={correct.isPending}
              onClick={() => {
                correct.mutate()
              }}
            >
              {texts.twilio.correct}
            </Button>
          </>
        )}
        <ProblemAlert error={correct.error} />
      </Stack>
    </Alert>
  )
}

/** The request that brings back what was connected, without numbers that the account no longer has. */
function requestOf({ wanted }: TwilioStatus, missing: readonly string[]): TwilioRequest {
  const { termination, numbers = [], uris = [], secure = false, ...rest } = wanted ?? {}

  return { ...rest, ...termination, uris, secure, numbers: numbers.filter((number) => !missing.includes(number)) }
}

function TrunkYaml({ yaml }: { yaml: string }) {
  return (
    <Labelled label={texts.twilio.yaml}>
      <Text size="sm" mb={4}>
        {texts.twilio.yamlHelp}
      </Text>
      <Spoiler maxHeight={90} showLabel={texts.trunks.showAll} hideLabel={texts.trunks.showLess}>
        <Code block tabIndex={0}>
          {yaml}
        </Code>
      </Spoiler>
      <CopyButton text={yaml} size="compact-xs" aria-label={texts.twilio.copyYaml} />
    </Labelled>
  )
}
