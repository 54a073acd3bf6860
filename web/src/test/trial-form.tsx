import { Checkbox, NativeSelect, SimpleGrid, Textarea, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { environmentNames, type EnvironmentName } from '../api/client'
import { useDraft, useProject, versionsQuery } from '../api/queries'
import { texts } from '../texts'
import type { Trial } from './trial'

interface TrialFormProps {
  project: string
  trial: Trial
  change: (changes: Partial<Trial>) => void
}

/** The handoff that is tried, and the call that it is tried with. */
export function TrialForm({ project, trial, change }: TrialFormProps) {
  const { table } = useDraft(project)
  const { environments = {} } = useProject(project) ?? {}
  const versions = useQuery(versionsQuery(project)).data ?? []
  const { numbers = [] } = environments[trial.environment] ?? {}

  return (
    <>
      <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }}>
        <NativeSelect
          label={texts.test.handoff}
          data={[
            ...table.handoffs.map(({ name, display_name }) => ({ value: name, label: display_name ?? name })),
            { value: '', label: texts.test.all },
          ]}
          value={trial.handoff}
          onChange={({ currentTarget }) => {
            change({ handoff: currentTarget.value })
          }}
        />
        <NativeSelect
          label={texts.test.environment}
          data={environmentNames
            .filter((name) => environments[name])
            .map((name) => ({ value: name, label: texts.environment[name] }))}
          value={trial.environment}
          onChange={({ currentTarget }) => {
            change({ environment: currentTarget.value as EnvironmentName })
          }}
        />
        <NativeSelect
          label={texts.test.table}
          data={[
            { value: '', label: texts.test.runs },
            { value: 'draft', label: texts.test.draft },
            ...versions.map(({ version }) => ({ value: String(version), label: texts.test.version(version) })),
          ]}
          value={trial.table}
          onChange={({ currentTarget }) => {
            change({ table: currentTarget.value })
          }}
        />
        <TextInput
          label={texts.test.caller}
          value={trial.caller}
          inputMode="tel"
          onChange={({ currentTarget }) => {
            change({ caller: currentTarget.value })
          }}
        />
        <TextInput
          label={texts.test.called}
          value={trial.called}
          placeholder={numbers[0] ?? ''}
          inputMode="tel"
          onChange={({ currentTarget }) => {
            change({ called: currentTarget.value })
          }}
        />
        <TextInput
          label={texts.test.at}
          type="datetime-local"
          value={trial.at}
          onChange={({ currentTarget }) => {
            change({ at: currentTarget.value })
          }}
        />
        <TextInput
          label={texts.test.talk}
          type="number"
          min={0}
          max={60}
          placeholder="0"
          value={trial.talk}
          onChange={({ currentTarget }) => {
            change({ talk: currentTarget.value })
          }}
        />
      </SimpleGrid>
      <Textarea
        label={texts.test.variables}
        description={texts.test.variablesHelp}
        value={trial.variables}
        spellCheck={false}
        autosize
        minRows={1}
        onChange={({ currentTarget }) => {
          change({ variables: currentTarget.value })
        }}
      />
      <Checkbox
        label={texts.test.synthetic}
        description={texts.test.syntheticHelp}
        checked={trial.isSynthetic}
        onChange={({ currentTarget }) => {
          change({ isSynthetic: currentTarget.checked })
        }}
      />
    </>
  )
}
