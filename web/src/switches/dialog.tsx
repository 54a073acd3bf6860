import { Button, Modal, NativeSelect, Stack, Text, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useProjectChange } from '../api/changes'
import { api, type ActiveSwitch, type EnvironmentName } from '../api/client'
import { useDraft, useProject } from '../api/queries'
import { DialogButtons } from '../shell/dialog-buttons'
import { ProblemAlert } from '../shell/problem'
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

/** Sets a switch: what it proposes is right for most, so that its button is the second click. */
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
    <Modal opened onClose={close} title={labels.title[action](subjectName(subject))}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          set.mutate()
        }}
      >
        <Stack>
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
          <ProblemAlert error={set.error} />
          <DialogButtons cancel={close}>
            <Button
              type="submit"
              color={action === 'open' ? 'green' : 'orange'}
              disabled={running.length === 0}
              loading={set.isPending}
              data-autofocus
            >
              {labels.submit[action]}
            </Button>
          </DialogButtons>
        </Stack>
      </form>
    </Modal>
  )
}

/** What a person probably wants: the environments that run, and where callers of a closed handoff go anyway. */
function useProposal(project: string, { handoff, schedule }: Subject) {
  const environments = useProject(project)?.environments ?? {}
  const { table } = useDraft(project)
  const named = table.handoffs.find(({ name }) => name === handoff)
  const others = table.handoffs.map(({ name }) => name).filter((name) => name !== handoff)
  const [target = ''] = [...(named?.when_closed ?? []), ...(named?.on_failure ?? []), ...others]

  return {
    // Only there callers can be sent elsewhere.
    running: (Object.keys(texts.environment) as EnvironmentName[]).filter(
      (name) => environments[name]?.version !== undefined,
    ),
    ...{ others, target },
    hasHours: schedule !== undefined || named?.schedule !== undefined,
  }
}
