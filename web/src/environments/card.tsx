import { Alert, Card, Divider, Group, Stack, Text, Title } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import type { Environment, EnvironmentName, Release } from '../api/client'
import { environmentQuery, releaseChangesQuery, releasesQuery } from '../api/queries'
import { ChangeLines } from '../draft/change'
import { fieldLabel, valueText } from '../fields/labels'
import { RoleButton } from '../session/role-button'
import { useKeptOpen } from '../shell/kept'
import { texts } from '../texts'
import { moment } from '../time'
import { PromoteDialog } from './promote'
import { RehearseAll } from './rehearse-all'
import { RollBackDialog } from './roll-back'
import { SettingsDialog } from './settings'

interface CardProps {
  project: string
  name: EnvironmentName
}

/** Shows an environment: its release, its settings, and the buttons that change them. */
export function EnvironmentCard({ project, name, environment }: CardProps & { environment: Environment }) {
  const { release, version, canary } = environment
  const runs = version !== undefined && release !== undefined
  // Before the first promotion there is nothing but the draft.
  const shown = runs ? environment : (environment.draft ?? {})
  const made = useQuery(releasesQuery(project, name)).data?.find((one) => one.release === release)
  const changes = useQuery({
    ...releaseChangesQuery(project, name, String(release), 'draft'),
    enabled: release !== undefined,
  }).data?.filter(({ field, after }) => !(field === 'version' && after === 'draft'))

  return (
    <Region name={name}>
      <div>
        <Text fw={600}>{runs ? texts.environments.runs(version, release) : texts.environments.nothing}</Text>
        {made && <Made release={made} />}
      </div>
      {canary && <Canary project={project} name={name} release={release} version={version ?? 0} />}
      {(['numbers', 'agents', 'agent_down', 'variables'] as const).map((field) => (
        <Setting key={field} field={field} value={shown[field]} />
      ))}
      <Actions project={project} name={name} release={release} />
      <RehearseAll project={project} environment={name} />
      {runs && (
        <>
          <Divider label={texts.environments.wouldChange} labelPosition="left" />
          {changes?.length === 0 && (
            <Text size="sm" c="dimmed">
              {texts.environments.upToDate}
            </Text>
          )}
          {changes && changes.length > 0 && <ChangeLines changes={changes} />}
        </>
      )}
    </Region>
  )
}

function Actions({ project, name, release }: CardProps & { release: number | undefined }) {
  const [isPromoting, promoting] = useDisclosure()
  const [isRollingBack, rollingBack] = useDisclosure()
  const [isEditing, editing] = useKeptOpen(`editing-settings.${project}.${name}`)
  const common = { project, name }

  return (
    <Group gap="xs">
      <RoleButton needs="publisher" size="xs" onClick={promoting.open}>
        {texts.environments.promote}
      </RoleButton>
      <RoleButton
        needs="publisher"
        size="xs"
        variant="default"
        disabled={release === undefined}
        onClick={rollingBack.open}
      >
        {texts.environments.rollBack}
      </RoleButton>
      <RoleButton needs="operator" size="xs" variant="subtle" onClick={editing.open}>
        {texts.environments.edit}
      </RoleButton>
      {isPromoting && <PromoteDialog {...common} close={promoting.close} />}
      {isEditing && <SettingsDialog {...common} close={editing.close} />}
      {isRollingBack && <RollBackDialog {...common} current={release} close={rollingBack.close} />}
    </Group>
  )
}

/** An environment that the project does not have yet. */
export function NewEnvironmentCard({ project, name }: CardProps) {
  const [isEditing, editing] = useKeptOpen(`setting-up.${project}.${name}`)

  return (
    <Region name={name}>
      <Text c="dimmed" size="sm">
        {texts.environments.notThere[name]}
      </Text>
      <RoleButton needs="operator" size="xs" variant="light" style={{ alignSelf: 'flex-start' }} onClick={editing.open}>
        {texts.environments.setUp}
      </RoleButton>
      {isEditing && <SettingsDialog project={project} name={name} close={editing.close} />}
    </Region>
  )
}

function Region({ name, children }: { name: EnvironmentName; children: ReactNode }) {
  const label = texts.environment[name]

  return (
    <Card component="section" aria-label={label} withBorder padding="md">
      <Stack gap="sm">
        <Title order={3} size="h4">
          {label}
        </Title>
        {children}
      </Stack>
    </Card>
  )
}

function Made({ release: { at, by, message } }: { release: Release }) {
  return (
    <Text size="xs" c="dimmed">
      {texts.environments.since(moment(at), by)}
      {message && `: ${message}`}
    </Text>
  )
}

function Setting({ field, value }: { field: string; value: unknown }) {
  const isRequired = field === 'numbers' || field === 'agents'
  if (value === undefined && !isRequired) return null

  return (
    <div>
      <Text size="xs" c="dimmed">
        {fieldLabel(field)}
      </Text>
      <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
        {value === undefined ? texts.environments.none : valueText(value)}
      </Text>
    </div>
  )
}

/** Shows the results of a canary beside those of the version that it would replace. */
function Canary({ project, name, version, release }: CardProps & { version: number; release: number | undefined }) {
  const environment = useQuery(environmentQuery(project, name)).data
  const [isPromoting, promoting] = useDisclosure()
  const [isStopping, stopping] = useDisclosure()
  if (!environment?.canary) return null
  const { canary, tallies } = environment
  const none = { succeeded: 0, failed: 0 }

  return (
    <Alert color="blue" title={texts.environments.canary(canary.version, canary.percent)}>
      <Stack gap="xs">
        <Text size="sm">{texts.environments.tally(canary.version, tallies?.trial ?? none)}</Text>
        <Text size="sm">{texts.environments.tally(version, tallies?.main ?? none)}</Text>
        <Group gap="xs">
          <RoleButton needs="publisher" size="xs" variant="default" onClick={stopping.open}>
            {texts.environments.stopCanary}
          </RoleButton>
          <RoleButton needs="publisher" size="xs" variant="default" onClick={promoting.open}>
            {texts.environments.canaryForAll}
          </RoleButton>
        </Group>
      </Stack>
      {isStopping && (
        <RollBackDialog
          project={project}
          name={name}
          current={release}
          canary={canary.version}
          close={stopping.close}
        />
      )}
      {isPromoting && <PromoteDialog project={project} name={name} version={canary.version} close={promoting.close} />}
    </Alert>
  )
}
