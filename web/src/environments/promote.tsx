import { Alert, Checkbox, List, NativeSelect, NumberInput, Text, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useProjectChange } from '../api/changes'
import { api, ApiError, type Change, type EnvironmentName } from '../api/client'
import { comparisonQuery, promotionWarningsQuery, useProject, versionsQuery } from '../api/queries'
import { Changes } from '../draft/change'
import { FormDialog } from '../shell/form-dialog'
import { ProblemAlert } from '../shell/problem'
import { texts } from '../texts'

interface PromoteProps {
  project: string
  name: EnvironmentName
  /** The newest where it is left out. */
  version?: number
  close: () => void
}

/** Makes a release of a version and the environment's settings, and shows beforehand what that changes. Live asks for its name to be typed. */
export function PromoteDialog({ project, name, version: proposed, close }: PromoteProps) {
  const versions = useQuery(versionsQuery(project)).data ?? []
  const newest = versions.reduce((most, { version }) => Math.max(most, version), 0)
  const isFirst = useProject(project)?.environments[name]?.release === undefined
  const [chosen, setChosen] = useState(proposed)
  const [takesDraft, setTakesDraft] = useState(true)
  const [percent, setPercent] = useState(100)
  const [message, setMessage] = useState('')
  const [typed, setTyped] = useState('')
  const [force, setForce] = useState('')
  const version = chosen ?? newest
  const label = texts.environment[name]
  const changes = usePromotionChanges(project, name, { version, takesDraft, isFirst })
  const settings = takesDraft ? 'draft' : 'keep'
  const promote = useProjectChange(
    project,
    async () =>
      (
        await api.POST('/v1/projects/{project}/environments/{environment}/promote', {
          params: { path: { project, environment: name } },
          body: {
            ...{ version, message, settings },
            ...(percent < 100 && { canary: { percent } }),
            ...(force && { force }),
          },
        })
      ).data,
    () => {
      close()
      const { promoted, tried } = texts.environments
      notifications.show({ message: (percent < 100 ? tried : promoted)(label, version), color: 'green' })
    },
  )
  const problem = promote.error instanceof ApiError ? promote.error.problem : undefined
  const wouldFail = problem?.type.endsWith('would-fail') === true

  return (
    <FormDialog
      title={texts.environments.promoteTitle(label)}
      size="lg"
      action={texts.environments.promote}
      mutation={promote}
      button={{ disabled: version === 0 || (name === 'live' && typed !== 'live') }}
      problem={
        <>
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
        </>
      }
      close={close}
    >
      {versions.length === 0 && <Text c="dimmed">{texts.environments.noVersion}</Text>}
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
        disabled={isFirst}
        onChange={({ currentTarget }) => {
          setTakesDraft(currentTarget.checked)
        }}
      />
      {!isFirst && (
        <NumberInput
          label={texts.environments.share}
          description={texts.environments.shareHelp}
          min={1}
          max={100}
          value={percent}
          onChange={(share) => {
            setPercent(Number(share))
          }}
        />
      )}
      {changes && (
        <section aria-label={texts.environments.wouldChange}>
          <Text size="sm" fw={500} mb={4}>
            {texts.environments.wouldChange}
          </Text>
          <Changes changes={changes} />
        </section>
      )}
      <Warnings project={project} name={name} version={version} settings={settings} />
      <TextInput
        label={texts.environments.message}
        description={texts.draft.messageHelp}
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
    </FormDialog>
  )
}

interface WarningsProps {
  project: string
  name: EnvironmentName
  version: number
  settings: 'draft' | 'keep'
}

/** The agents and handoffs' hosts of the release that calls would pass over now. */
function Warnings({ project, name, version, settings }: WarningsProps) {
  const query = promotionWarningsQuery(project, name, { version, settings })
  const { data: warnings = [] } = useQuery({ ...query, enabled: version > 0 })
  if (warnings.length === 0) return null

  return (
    <Alert color="yellow" title={texts.environments.targetsDown}>
      <List size="sm" style={{ overflowWrap: 'anywhere' }}>
        {warnings.map(({ detail }) => (
          <List.Item key={detail}>{detail}</List.Item>
        ))}
      </List>
    </Alert>
  )
}

interface Promotion {
  version: number
  takesDraft: boolean
  isFirst: boolean
}

/** The changes that a promotion of this version would make to the table and the settings; undefined for a first one. */
function usePromotionChanges(
  project: string,
  name: EnvironmentName,
  { version, takesDraft, isFirst }: Promotion,
): Change[] | undefined {
  const enabled = !isFirst && version > 0
  const table = useQuery({ ...comparisonQuery(project, name, String(version)), enabled }).data
  const drafts = useQuery({ ...comparisonQuery(project, name, `${name}:draft`), enabled: enabled && takesDraft }).data

  return table && [...(takesDraft ? (drafts ?? []).filter(({ what }) => what === 'settings') : []), ...table]
}
