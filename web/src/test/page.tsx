import { Button, Code, Group, Paper, Stack, Text, Title } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { Fragment } from 'react'
import { useProjectName } from '../address'
import { api } from '../api/client'
import { trunksQuery, useDraft, useProject } from '../api/queries'
import { Verdicts } from '../environments/rehearse-all'
import { sipUri } from '../shell/sip-uri'
import { useKept } from '../shell/kept'
import { ProblemAlert } from '../shell/problem'
import { RoleButton } from '../session/role-button'
import { CopyButton } from '../shell/copy-button'
import { texts } from '../texts'
import { ExplanationResult } from './explanation'
import { RehearsalResult, RunningRehearsal } from './rehearsal'
import { firstTrial, tableAndMoment, variablesOf, type Trial } from './trial'
import { TrialForm } from './trial-form'

/** Tries a handoff before callers meet it: by a call over real SIP, or on paper. */
export function TestPage() {
  const project = useProjectName()
  const { table } = useDraft(project)
  const environments = Object.keys(useProject(project)?.environments ?? {})
  const [trial, setTrial] = useKept(`trial.${project}`, () => firstTrial(table, environments))
  const { rehearse, explain } = useTrials(project, trial)
  const isRunning = rehearse.isPending

  return (
    <Stack>
      <Title order={2}>{texts.navigation.test}</Title>
      <SandboxNumbers project={project} />
      <TrialForm
        project={project}
        trial={trial}
        change={(changes) => {
          setTrial({ ...trial, ...changes })
        }}
      />
      <div>
        <Group>
          <RoleButton
            needs="operator"
            loading={isRunning}
            onClick={() => {
              explain.reset()
              rehearse.mutate()
            }}
          >
            {texts.test.rehearse}
          </RoleButton>
          <Button
            variant="default"
            loading={explain.isPending}
            disabled={trial.handoff === ''}
            onClick={() => {
              rehearse.reset()
              explain.mutate()
            }}
          >
            {texts.test.explain}
          </Button>
        </Group>
        <Text size="xs" c="dimmed" mt={6}>
          {texts.test.help}
        </Text>
      </div>
      <ProblemAlert error={rehearse.error ?? explain.error} />
      {isRunning && <RunningRehearsal project={project} since={rehearse.submittedAt} />}
      {rehearse.data && 'rehearsals' in rehearse.data && (
        <div role="status">
          <Text fw={500} mb="xs">
            {rehearse.data.cause}
          </Text>
          <Verdicts rehearsals={rehearse.data.rehearsals} />
        </div>
      )}
      {rehearse.data && 'ladder' in rehearse.data && <RehearsalResult rehearsal={rehearse.data} />}
      {explain.data && <ExplanationResult explanation={explain.data} />}
    </Stack>
  )
}

function useTrials(project: string, trial: Trial) {
  const { handoff, environment, caller, called, isSynthetic, talk } = trial
  const of = { environment, ...tableAndMoment(trial) }
  const path = { project }
  const rehearse = useMutation({
    mutationFn: async () =>
      (
        await api.POST('/v1/projects/{project}/rehearsals', {
          params: { path },
          body: {
            ...of,
            ...(handoff === '' ? { all: true } : { handoff }),
            ...(caller && { caller }),
            ...(talk && { talk: Number(talk) }),
            destination: isSynthetic ? 'synthetic' : 'real',
          },
        })
      ).data,
  })
  const explain = useMutation({
    mutationFn: async () =>
      (
        await api.POST('/v1/projects/{project}/explain', {
          params: { path },
          body: {
            ...{ ...of, handoff, variables: variablesOf(trial) },
            call: { ...(caller && { caller }), ...(called && { called }) },
          },
        })
      ).data,
  })

  return { rehearse, explain }
}

function SandboxNumbers({ project }: { project: string }) {
  const { numbers = [] } = useProject(project)?.environments.sandbox ?? {}
  const [address] = useQuery(trunksQuery).data?.addresses ?? []

  return (
    <Paper withBorder p="sm">
      <Text fw={500}>{texts.test.numbers}</Text>
      {numbers.length === 0 && (
        <Text size="sm" c="dimmed">
          {texts.test.noNumbers}
        </Text>
      )}
      {numbers.map((number) => (
        <Fragment key={number}>
          <Copied text={number} />
          {address && (
            <Group gap="xs" mt={4}>
              <Text size="sm" c="dimmed">
                {texts.test.byUri}
              </Text>
              <Copied text={sipUri(number, address)} />
            </Group>
          )}
        </Fragment>
      ))}
    </Paper>
  )
}

function Copied({ text }: { text: string }) {
  return (
    <Group gap="xs" wrap="nowrap">
      <Code style={{ overflowWrap: 'anywhere' }}>{text}</Code>
      <CopyButton text={text} size="compact-xs" aria-label={texts.test.copy(text)} flex="none" />
    </Group>
  )
}
