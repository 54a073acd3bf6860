import { NativeSelect, Text, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useProjectChange } from '../api/changes'
import { api, type EnvironmentName } from '../api/client'
import { releaseChangesQuery, releasesQuery } from '../api/queries'
import { Changes } from '../draft/change'
import { FormDialog } from '../shell/form-dialog'
import { texts } from '../texts'
import { moment } from '../time'

interface RollBackProps {
  project: string
  name: EnvironmentName
  /** The release that runs. */
  current: number | undefined
  /** The version of a canary, which a rollback without a release ends. */
  canary?: number
  close: () => void
}

/** Goes back to a release, whole, and shows beforehand what that changes. */
export function RollBackDialog({ project, name, current = 0, canary, close }: RollBackProps) {
  const releases = useQuery(releasesQuery(project, name)).data ?? []
  const earlier = releases.filter(({ release }) => release !== current)
  const [chosen, setChosen] = useState<number>()
  const [message, setMessage] = useState('')
  const release = chosen ?? earlier.find((one) => one.release < current)?.release
  const changes = useQuery({
    ...releaseChangesQuery(project, name, String(current), String(release)),
    enabled: canary === undefined && release !== undefined,
  }).data
  const label = texts.environment[name]
  const rollBack = useProjectChange(
    project,
    async () =>
      (
        await api.POST('/v1/projects/{project}/environments/{environment}/rollback', {
          params: { path: { project, environment: name } },
          body: { message, ...(canary === undefined && release !== undefined && { release }) },
        })
      ).data,
    (promotion) => {
      close()
      if (promotion) {
        notifications.show({ message: texts.environments.promoted(label, promotion.version), color: 'green' })
      }
    },
  )

  return (
    <FormDialog
      title={canary === undefined ? texts.environments.rollBackTitle(label) : texts.environments.stopTitle(canary)}
      size="lg"
      action={canary === undefined ? texts.environments.rollBack : texts.environments.stopCanary}
      mutation={rollBack}
      button={{ disabled: canary === undefined && release === undefined }}
      close={close}
    >
      <Text size="sm">{texts.environments.rollBackHelp}</Text>
      {canary === undefined && (
        <NativeSelect
          label={texts.environments.release}
          data={earlier.map(({ release: number, version, at, by }) => ({
            value: String(number),
            label: `${number}: ${texts.environments.version} ${version}, ${moment(at)}, ${by}`,
          }))}
          value={release === undefined ? '' : String(release)}
          onChange={({ currentTarget }) => {
            setChosen(Number(currentTarget.value))
          }}
        />
      )}
      {changes && <Changes changes={changes} />}
      <TextInput
        label={texts.environments.message}
        value={message}
        maxLength={1000}
        onChange={({ currentTarget }) => {
          setMessage(currentTarget.value)
        }}
      />
    </FormDialog>
  )
}
