import { Button, Collapse, Modal, Stack, TextInput } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { api, type Handoff } from '../api/client'
import { historyQuery, useDraft, useProject } from '../api/queries'
import { lastChange } from '../draft/last-change'
import { partMistakes, partNamed, usePartSaving } from '../draft/part'
import { SaveProblems } from '../fields/conflict'
import { useKept } from '../shell/kept'
import { DialogButtons } from '../shell/dialog-buttons'
import { texts } from '../texts'
import { AdvancedFields } from './advanced'
import { BasicFields } from './basics'
import { completed, editOf, slugOf, withField, type Edit } from './edit'
import { useExplained } from './explained'
import { HeaderRows } from './headers'
import { Preview } from './preview'

interface DialogProps {
  project: string
  /** The name of the handoff to edit; undefined adds one. */
  handoff: string | undefined
  close: () => void
}

/** Adds or edits one handoff of the draft. What is typed stays, over a reload too, until it is saved or cancelled. */
export function HandoffDialog({ project, handoff, close }: DialogProps) {
  const { table, etag } = useDraft(project)
  const [edit, setEdit, forget] = useKept<Edit>(`edit.${project}.${handoff ?? ''}`, () =>
    editOf(partNamed(table, 'handoffs', handoff), etag),
  )
  const [isAdvanced, advanced] = useDisclosure()
  const end = (): void => {
    forget()
    close()
  }
  const { base, fields, name } = edit
  const edited = completed(edit)
  const save = usePartSaving(
    project,
    {
      list: 'handoffs',
      add: (body) => api.POST('/v1/projects/{project}/draft/handoffs', { params: { path: { project } }, body }),
      patch: (changed, body, ifMatch) =>
        api.PATCH('/v1/projects/{project}/draft/handoffs/{handoff}', {
          params: { path: { project, handoff: changed }, header: { 'if-match': ifMatch } },
          body,
        }),
    },
    { base, etag: edit.etag, edited },
    end,
  )
  const explained = useExplained(project, edit)
  const slug = slugOf(edit)
  const history = useQuery(historyQuery(project)).data ?? []
  const otherVariables = useOtherVariables(project)
  const [saved, tried] = [save.error, explained.error].map((error) =>
    partMistakes(error, table, 'handoffs', base?.name),
  )
  const mistakeAt = (path: string): string | undefined => saved?.(path) ?? tried?.(path)
  const change = (changes: Partial<Handoff>): void => {
    setEdit({ ...edit, fields: { ...fields, ...changes } })
  }

  return (
    <Modal
      opened
      onClose={end}
      closeOnClickOutside={false}
      size="xl"
      title={handoff === undefined ? texts.dialog.addTitle : texts.dialog.editTitle}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault()
          save.submit()
        }}
      >
        <Stack>
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
          <SaveProblems
            merge={save.merge}
            error={save.error}
            mine={edited}
            entry={base && lastChange(history, 'handoff', base.name)}
            take={(field, theirs) => {
              setEdit(withField(edit, field as keyof Handoff, theirs))
            }}
          />
          <DialogButtons cancel={end}>
            <Button type="submit" loading={save.isPending}>
              {handoff === undefined ? texts.dialog.add : texts.dialog.save}
            </Button>
          </DialogButtons>
        </Stack>
      </form>
    </Modal>
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
