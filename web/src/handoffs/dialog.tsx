import { Button, Collapse, TextInput } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { api, type Handoff } from '../api/client'
import { useProject } from '../api/queries'
import { usePartEdit, type PartDialogProps } from '../draft/part'
import { PartDialog } from '../draft/part-dialog'
import { texts } from '../texts'
import { AdvancedFields } from './advanced'
import { BasicFields } from './basics'
import { completed, editOf, slugOf, withField } from './edit'
import { useExplained } from './explained'
import { HeaderRows } from './headers'
import { Preview } from './preview'

/** Adds or edits one handoff of the draft. */
export function HandoffDialog(props: PartDialogProps) {
  const { project, name: edits } = props
  const part = usePartEdit(props, {
    list: 'handoffs',
    keptAs: 'edit',
    typed: editOf,
    completed,
    add: (body) => api.POST('/v1/projects/{project}/draft/handoffs', { params: { path: { project } }, body }),
    patch: (handoff, body, ifMatch) =>
      api.PATCH('/v1/projects/{project}/draft/handoffs/{handoff}', {
        params: { path: { project, handoff }, header: { 'if-match': ifMatch } },
        body,
      }),
  })
  const { table, edit, setEdit } = part
  const { fields, name } = edit
  const [isAdvanced, advanced] = useDisclosure()
  const explained = useExplained(project, edit)
  const slug = slugOf(edit)
  const otherVariables = useOtherVariables(project)
  const [saved, tried] = [part.save.error, explained.error].map(part.mistakesOf)
  const mistakeAt = (path: string): string | undefined => saved?.(path) ?? tried?.(path)
  const change = (changes: Partial<Handoff>): void => {
    setEdit({ ...edit, fields: { ...fields, ...changes } })
  }

  return (
    <PartDialog
      part={part}
      title={edits === undefined ? texts.dialog.addTitle : texts.dialog.editTitle}
      action={edits === undefined ? texts.dialog.add : texts.dialog.save}
      take={(field, theirs) => {
        setEdit(withField(edit, field, theirs))
      }}
    >
      <TextInput
        label={texts.dialog.name}
        description={slug === name || slug === '' ? texts.dialog.nameHelp : texts.dialog.slug(slug)}
        value={name}
        error={mistakeAt('name') ?? mistakeAt('display_name')}
        required
        withAsterisk={false}
        maxLength={100}
        data-autofocus
        onChange={({ currentTarget }) => {
          setEdit({ ...edit, name: currentTarget.value })
        }}
      />
      <BasicFields handoff={fields} change={change} errorAt={mistakeAt} />
      <HeaderRows
        rows={edit.rows}
        change={(rows) => {
          setEdit({ ...edit, rows })
        }}
        errorAt={mistakeAt}
        explanation={explained.explanation}
        otherVariables={otherVariables}
      />
      <Button
        variant="subtle"
        size="compact-sm"
        style={{ alignSelf: 'flex-start' }}
        aria-expanded={isAdvanced}
        onClick={advanced.toggle}
      >
        {texts.dialog.advanced}
      </Button>
      <Collapse expanded={isAdvanced}>
        <AdvancedFields table={table} handoff={fields} change={change} errorAt={mistakeAt} />
      </Collapse>
      <Preview {...explained} />
    </PartDialog>
  )
}

/** Variables of any environment of the project, and those that its transfer requests bring. */
function useOtherVariables(project: string): string[] {
  const view = useProject(project)
  const { request_variables = [] } = (view?.settings ?? {}) as { request_variables?: string[] }
  const ofEnvironments = Object.values(view?.environments ?? {}).flatMap(({ variables, draft }) =>
    Object.keys({ ...variables, ...draft?.variables }),
  )

  return [...new Set([...ofEnvironments, ...request_variables])]
}
