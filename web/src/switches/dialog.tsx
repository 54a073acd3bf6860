import { NativeSelect, Text, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useProjectChange } from '../api/changes'
import { api, type ActiveSwitch, type EnvironmentName } from '../api/client'
import { useDraft, useProject } from '../api/queries'
import { FormDialog } from '../shell/form-dialog'
import { mistakesAt } from '../fields/mistakes'
import { texts } from '../texts'
import { endChoices, endOf, type EndChoice } from './ends'
import { subjectName, type Subject } from './subject'

interface DialogProps {
  project: string
  subject: Subject
  action: ActiveSwitch['action']
  close: () => void
}

/** Sets a switch. Its button has the focus and its fields are filled in, so that one more click or key sets it. */
export function SwitchDialog({ project, subject, action, close }: DialogProps) {
  const { running, others, target, hasHours } = useProposal(project, subject)
  const [environment, setEnvironment] = useState(running.includes('live') ? 'live' : running[0])
  const [choice, setChoice] = useState<EndChoice>(hasHours ? 'next_opening' : '60')
  const [time, setTime] = useState('')
  const [to, setTo] = useState(target)
  const [reason, setReason] = useState('')
  const set = useProjectChange(
    project,
    async () => {
      const until = endOf(choice, time, new Date())
      await api.POST('/v1/projects/{project}/environments/{environment}/switches', {
        params: { path: { project, environment: environment ?? 'live' } },
        body: { ...subject, action, ...(action === 'divert' && { to }), ...(until !== undefined && { until }), reason },
      })
    },
    close,
  )
  const mistakeAt = mistakesAt(set.error, [''])
  const labels = texts.switches

  return (
    <FormDialog
      title={labels.title[action](subjectName(subject))}
      action={labels.submit[action]}
      mutation={set}
      button={{
        color: action === 'open' ? 'green' : 'orange',
        disabled: running.length === 0,
        'data-autofocus': true,
      }}
      close={close}
    >
      <Text size="sm">{labels.help[action]}</Text>
      {action === 'divert' && (
        <NativeSelect
          label={labels.to}
          data={others}
          value={to}
          error={mistakeAt('to')}
          onChange={({ currentTarget }) => {
            setTo(currentTarget.value)
          }}
        />
      )}
      <NativeSelect
        label={labels.until}
        data={endChoices
          .filter((one) => one !== 'next_opening' || hasHours)
          .map((one) => ({ value: one, label: labels.ends[one] }))}
        value={choice}
        error={choice === 'time' ? undefined : mistakeAt('until')}
        onChange={({ currentTarget }) => {
          setChoice(currentTarget.value as EndChoice)
        }}
      />
      {choice === 'time' && (
        <TextInput
          type="datetime-local"
          label={labels.time}
          value={time}
          required
          withAsterisk={false}
          error={mistakeAt('until')}
          onChange={({ currentTarget }) => {
            setTime(currentTarget.value)
          }}
        />
      )}
      <NativeSelect
        label={labels.environment}
        data={running.map((name) => ({ value: name, label: texts.environment[name] }))}
        value={environment ?? ''}
        error={running.length === 0 ? labels.notRunning : undefined}
        onChange={({ currentTarget }) => {
          setEnvironment(currentTarget.value as EnvironmentName)
        }}
      />
      <TextInput
        label={labels.reason}
        description={labels.reasonHelp}
        value={reason}
        maxLength={1000}
        onChange={({ currentTarget }) => {
          setReason(currentTarget.value)
        }}
      />
    </FormDialog>
  )
}

/** The likely values of the form: the environments that run, and where callers of a closed handoff go anyway. */
function useProposal(project: string, { handoff, schedule }: Subject) {
  const environments = useProject(project)?.environments ?? {}
  const { table } = useDraft(project)
  const named = table.handoffs.find(({ name }) => name === handoff)
  const others = table.handoffs.map(({ name }) => name).filter((name) => name !== handoff)
  const [target = ''] = [...(named?.when_closed ?? []), ...(named?.on_failure ?? []), ...others]

  return {
    // A switch needs an environment that runs a version.
    running: (Object.keys(texts.environment) as EnvironmentName[]).filter(
      (name) => environments[name]?.version !== undefined,
    ),
    ...{ others, target },
    hasHours: schedule !== undefined || named?.schedule !== undefined,
  }
}
