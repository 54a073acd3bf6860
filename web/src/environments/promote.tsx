import { Button, Checkbox, Group, Modal, NativeSelect, Stack, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useProjectChange } from '../api/changes'
import { api, ApiError, type EnvironmentName } from '../api/client'
import { versionsQuery } from '../api/queries'
import { ProblemAlert } from '../shell/problem'
import { texts } from '../texts'

interface PromoteProps {
  project: string
  name: EnvironmentName
  close: () => void
}

/** Makes a release of a version and the environment's settings. Live asks for its name to be typed. */
export function PromoteDialog({ project, name, close }: PromoteProps) {
  const versions = useQuery(versionsQuery(project)).data ?? []
  const newest = versions.reduce((most, { version }) => Math.max(most, version), 0)
  const [chosen, setChosen] = useState<number>()
  const [takesDraft, setTakesDraft] = useState(true)
  const [message, setMessage] = useState('')
  const [typed, setTyped] = useState('')
  const [force, setForce] = useState('')
  const version = chosen ?? newest
  const label = texts.environment[name]
  const promote = useProjectChange(
    project,
    async () =>
      (
        await api.POST('/v1/projects/{project}/environments/{environment}/promote', {
          params: { path: { project, environment: name } },
          body: { version, settings: takesDraft ? 'draft' : 'keep', message, ...(force && { force }) },
        })
      ).data,
    (promotion) => {
      close()
      if (promotion) {
        notifications.show({ message: texts.environments.promoted(label, promotion.version), color: 'green' })
      }
    },
  )
  const problem = promote.error instanceof ApiError ? promote.error.problem : undefined
  const wouldFail = problem?.type.endsWith('would-fail') === true

  return (
    <Modal opened onClose={close} title={texts.environments.promoteTitle(label)}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          promote.mutate()
        }}
      >
        <Stack>
          <NativeSelect
            label={texts.environments.version}
            data={versions.map(({ version: number, message: why }) => ({
              value: String(number),
              label: [number, why].filter(Boolean).join(': '),
            }))}
            value={String(version)}
            onChange={({ currentTarget }) => {
              setChosen(Number(currentTarget.value))
            }}
          />
          <Checkbox
            label={texts.environments.settings}
            checked={takesDraft}
            onChange={({ currentTarget }) => {
              setTakesDraft(currentTarget.checked)
            }}
          />
          <TextInput
            label={texts.environments.message}
            value={message}
            maxLength={1000}
            onChange={({ currentTarget }) => {
              setMessage(currentTarget.value)
            }}
          />
          {name === 'live' && (
            <TextInput
              label={texts.environments.typeLive}
              value={typed}
              autoComplete="off"
              onChange={({ currentTarget }) => {
                setTyped(currentTarget.value)
              }}
            />
          )}
          <ProblemAlert error={promote.error} />
          {wouldFail && (
            <TextInput
              label={texts.environments.force}
              value={force}
              onChange={({ currentTarget }) => {
                setForce(currentTarget.value)
              }}
            />
          )}
          <Group justify="flex-end">
            <Button
              type="submit"
              loading={promote.isPending}
              disabled={version === 0 || (name === 'live' && typed !== 'live')}
            >
              {texts.environments.promote}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
