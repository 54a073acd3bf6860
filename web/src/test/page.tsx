import {
  Alert,
  Badge,
  Button,
  Checkbox,
  Code,
  Group,
  NativeSelect,
  SimpleGrid,
  Stack,
  Text,
  Textarea,
  TextInput,
  Title,
} from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { api, type EnvironmentName, type Explanation, type Rehearsal, type Table } from '../api/client'
import { useDraft, useProject, versionsQuery } from '../api/queries'
import { LadderPicture } from '../calls/ladder'
import { useProjectName } from '../address'
import { ProblemAlert } from '../shell/problem'
import { texts } from '../texts'

/** What is tried: a handoff for a call that one describes, of what runs, of the draft or of a version. */
interface Trial {
  handoff: string
  environment: EnvironmentName
  /** '' for what runs, `draft`, or a version's number. */
  table: string
  caller: string
  called: string
  at: string
  variables: string
}

/** Tries a handoff before callers meet it: by a call over real SIP, or on paper. */
export function TestPage() {
  const project = useProjectName()
  const { table } = useDraft(project)
  const view = useProject(project)
  const versions = useQuery(versionsQuery(project)).data ?? []
  const environments = Object.keys(view?.environments ?? {}) as EnvironmentName[]
  const [trial, setTrial] = useState(() => firstTrial(table, environments))
  const [isSynthetic, setSynthetic] = useState(true)
  const set = (changes: Partial<Trial>): void => {
    setTrial({ ...trial, ...changes })
  }
  const rehearse = useMutation({
    mutationFn: async () => {
      const { handoff, environment, caller } = trial
      const { data } = await api.POST('/v1/projects/{project}/rehearsals', {
        params: { path: { project } },
        body: {
          ...{ handoff, environment, ...tableOf(trial), ...momentOf(trial) },
          ...(caller && { caller }),
          destination: isSynthetic ? 'synthetic' : 'real',
        },
      })

      return data && 'ladder' in data ? data : undefined
    },
  })
  const explain = useMutation({
    mutationFn: async () => {
      const { handoff, environment, caller, called, variables } = trial
      const { data } = await api.POST('/v1/projects/{project}/explain', {
        params: { path: { project } },
        body: {
          ...{ handoff, environment, ...tableOf(trial), ...momentOf(trial) },
          call: { ...(caller && { caller }), ...(called && { called }) },
          variables: parsedVariables(variables),
        },
      })

      return data
    },
  })
  const numbers = view?.environments.sandbox?.numbers ?? []

  return (
    <Stack>
      <Title order={2}>{texts.navigation.test}</Title>
      <Text>
        {texts.test.numbers}: {numbers.length > 0 ? numbers.join(', ') : texts.test.noNumbers}
      </Text>
      <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }}>
        <NativeSelect
          label={texts.test.handoff}
          data={table.handoffs.map(({ name, display_name }) => ({ value: name, label: display_name ?? name }))}
          value={trial.handoff}
          onChange={({ currentTarget }) => {
            set({ handoff: currentTarget.value })
          }}
        />
        <NativeSelect
          label={texts.test.environment}
          data={environments.map((name) => ({ value: name, label: texts.environment[name] }))}
          value={trial.environment}
          onChange={({ currentTarget }) => {
            set({ environment: currentTarget.value as EnvironmentName })
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
            set({ table: currentTarget.value })
          }}
        />
        <TextInput
          label={texts.test.caller}
          value={trial.caller}
          onChange={({ currentTarget }) => {
            set({ caller: currentTarget.value })
          }}
        />
        <TextInput
          label={texts.test.called}
          value={trial.called}
          placeholder={numbers[0] ?? ''}
          onChange={({ currentTarget }) => {
            set({ called: currentTarget.value })
          }}
        />
        <TextInput
          label={texts.test.at}
          type="datetime-local"
          value={trial.at}
          onChange={({ currentTarget }) => {
            set({ at: currentTarget.value })
          }}
        />
        <Textarea
          label={texts.test.variables}
          value={trial.variables}
          autosize
          minRows={2}
          onChange={({ currentTarget }) => {
            set({ variables: currentTarget.value })
          }}
        />
      </SimpleGrid>
      <Checkbox
        label={texts.test.synthetic}
        checked={isSynthetic}
        onChange={({ currentTarget }) => {
          setSynthetic(currentTarget.checked)
        }}
      />
      <Group>
        <Button
          loading={rehearse.isPending}
          title={texts.test.rehearseHelp}
          onClick={() => {
            explain.reset()
            rehearse.mutate()
          }}
        >
          {texts.test.rehearse}
        </Button>
        <Button
          variant="default"
          loading={explain.isPending}
          title={texts.test.explainHelp}
          onClick={() => {
            rehearse.reset()
            explain.mutate()
          }}
        >
          {texts.test.explain}
        </Button>
      </Group>
      <ProblemAlert error={rehearse.error ?? explain.error} />
      {rehearse.data && <RehearsalResult rehearsal={rehearse.data} />}
      {explain.data && <ExplanationResult explanation={explain.data} />}
    </Stack>
  )
}

/** The first handoff, in the Sandbox where there is one. */
function firstTrial({ handoffs }: Table, environments: readonly EnvironmentName[]): Trial {
  const environment = environments.find((name) => name === 'sandbox') ?? environments[0] ?? 'sandbox'

  return {
    handoff: handoffs[0]?.name ?? '',
    environment,
    table: '',
    caller: '+14155550123',
    called: '',
    at: '',
    variables: '',
  }
}

function tableOf({ table }: Trial): { draft?: boolean; version?: number } {
  if (table === 'draft') return { draft: true }

  return table === '' ? {} : { version: Number(table) }
}

/** The field has the reader's own time. */
function momentOf({ at }: Trial): { at?: string } {
  return at === '' ? {} : { at: new Date(at).toISOString() }
}

function parsedVariables(text: string): Record<string, string> {
  const pairs = text
    .split('\n')
    .map((line) => line.split('='))
    .filter(([name = '', ...value]) => name.trim() !== '' && value.length > 0)

  return Object.fromEntries(pairs.map(([name = '', ...value]) => [name.trim(), value.join('=').trim()]))
}

function RehearsalResult({ rehearsal }: { rehearsal: Rehearsal }) {
  const { verdict, cause, ladder, headersReceived } = rehearsal
  const headers = Object.entries(headersReceived)

  return (
    <Stack>
      <Group role="status" wrap="nowrap" align="flex-start">
        <Badge size="lg" color={verdict === 'passed' ? 'green' : 'red'}>
          {verdict === 'passed' ? texts.environments.passed : texts.environments.failed}
        </Badge>
        <Text>{cause}</Text>
      </Group>
      {headers.length > 0 && (
        <div>
          <Text fw={500}>{texts.test.heard}</Text>
          <Code block>{headers.map(([name, value]) => `${name}: ${value}`).join('\n')}</Code>
        </div>
      )}
      <LadderPicture ladder={ladder} />
    </Stack>
  )
}

function ExplanationResult({ explanation }: { explanation: Explanation }) {
  return (
    <Stack>
      {explanation.warnings.map(({ code, detail, handoff }) => (
        <Alert key={`${code} ${handoff ?? ''} ${detail}`} color="yellow">
          {[handoff, detail].filter(Boolean).join(': ')}
        </Alert>
      ))}
      <Text c="dimmed">{texts.test.closed}</Text>
      {explanation.attempts.map(({ handoff, method, target, messages }, index) => (
        <Stack key={`${handoff} ${index}`} gap="xs">
          <Text fw={500}>{texts.test.attempt(index + 1, handoff, texts.method[method], target)}</Text>
          {messages.map((message) => (
            <Code key={message.text} block style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
              {message.text}
            </Code>
          ))}
        </Stack>
      ))}
    </Stack>
  )
}
