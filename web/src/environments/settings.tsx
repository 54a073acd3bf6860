import { Text } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { api, type EnvironmentName } from '../api/client'
import { historyQuery, keys, settingsDraftQuery, useDraft } from '../api/queries'
import type { Values } from '../fields/compare'
import { SaveProblems } from '../fields/conflict'
import { Field } from '../fields/field'
import { isLostRace, useMerge } from '../fields/merge'
import { mistakesAt } from '../fields/mistakes'
import { schemaQuery, type Fields } from '../fields/schema'
import { Dialog } from '../shell/dialog'
import { useKept } from '../shell/kept'
import { DialogForm } from '../shell/form-dialog'
import { Loading } from '../shell/states'
import { texts } from '../texts'

interface SettingsProps {
  project: string
  name: EnvironmentName
  close: () => void
}

/** Edits the draft of an environment's settings; what runs changes with a promotion. */
export function SettingsDialog({ project, name, close }: SettingsProps) {
  const draft = useQuery(settingsDraftQuery(project, name)).data
  const schema = useQuery(schemaQuery).data?.settings
  const label = texts.environment[name]

  return (
    <Dialog opened onClose={close} closeOnClickOutside={false} size="lg" title={texts.environments.editTitle(label)}>
      {draft && schema ? (
        <SettingsForm project={project} name={name} close={close} draft={draft} schema={schema} />
      ) : (
        <Loading />
      )}
    </Dialog>
  )
}

/** The settings as they are, and their entity tag; '' before there are any. */
interface SettingsDraft {
  settings: Values
  etag: string
}

interface SettingsFormProps extends SettingsProps {
  draft: SettingsDraft
  schema: Fields
}

function SettingsForm({ project, name, close, draft, schema }: SettingsFormProps) {
  const { table } = useDraft(project)
  const history = useQuery(historyQuery(project)).data ?? []
  const [{ base, values }, setEdit, forget] = useKept(`settings.${project}.${name}`, () => ({
    base: draft,
    values: draft.settings,
  }))
  const merge = useMerge(base.settings, draft.settings)
  const handoffs = table.handoffs.map((handoff) => handoff.name)
  const client = useQueryClient()
  const end = (): void => {
    forget()
    close()
  }
  const save = useMutation({
    mutationFn: () =>
      api.PUT('/v1/projects/{project}/environments/{environment}/draft', {
        params: {
          path: { project, environment: name },
          ...(draft.etag && { header: { 'if-match': merge.isOld ? draft.etag : base.etag } }),
        },
        body: filled(merge.merged(values)),
      }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: keys.project(project) })
      end()
    },
    onError: (error) => {
      if (isLostRace(error)) void client.invalidateQueries({ queryKey: keys.project(project) })
    },
  })
  const mistakeAt = mistakesAt(save.error, [''])

  return (
    <DialogForm
      action={texts.dialog.save}
      mutation={{
        ...save,
        mutate: () => {
          if (merge.maySave) save.mutate()
          else merge.see(draft.settings)
        },
      }}
      problem={
        <SaveProblems
          merge={merge}
          error={save.error}
          mine={values}
          entry={history.find(({ environment, action }) => environment === name && action === 'settings')}
          take={(field, theirs) => {
            setEdit({ base, values: { ...values, [field]: theirs?.[field] } })
          }}
        />
      }
      close={end}
    >
      <Text size="sm">{texts.environments.editHelp}</Text>
      {Object.entries(schema).map(([field, described]) => (
        <Field
          key={field}
          path={field}
          schema={described}
          value={values[field]}
          set={(value) => {
            setEdit({ base, values: { ...values, [field]: value } })
          }}
          errorAt={mistakeAt}
          namesFor={(path) => (path === 'agent_down' ? handoffs : undefined)}
        />
      ))}
    </DialogForm>
  )
}

/** Settings as they are sent: empty rows are left out. */
function filled(values: Values): Values {
  const kept = Object.entries(values).map(
    ([name, value]) => [name, Array.isArray(value) ? value.filter((entry) => entry !== '') : value] as const,
  )

  return Object.fromEntries(kept.filter(([, value]) => value !== undefined))
}
