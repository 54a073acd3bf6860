import { Badge, Button, Group, Paper, Stack, Text, TextInput } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { notifications } from '@mantine/notifications'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useProjectChange } from '../api/changes'
import { api, type Finding } from '../api/client'
import { draftChangesQuery, draftQuery, lintQuery, projectQuery, useDraft } from '../api/queries'
import { ConfirmDialog } from '../shell/confirm'
import { Dialog } from '../shell/dialog'
import { FormDialog } from '../shell/form-dialog'
import { RoleButton } from '../session/role-button'
import { texts } from '../texts'
import { Changes } from './change'
import { FindingBadges, Findings } from './findings'

/** Stands on every page while the draft of the table differs from the version that was published last. */
export function DraftBar({ project }: { project: string }) {
  const view = useQuery(projectQuery(project)).data
  const lastVersion = view?.lastVersion ?? 0
  const changes = useQuery({ ...draftChangesQuery(project, lastVersion), enabled: view !== undefined }).data ?? []
  const findings = useQuery(lintQuery(project)).data ?? []
  const [isReviewing, review] = useDisclosure()
  const [isDiscarding, discarding] = useDisclosure()
  const [isPublishing, publishing] = useDisclosure()
  const isFirst = view !== undefined && lastVersion === 0
  if (changes.length === 0 && !isFirst) return null

  return (
    <Paper component="section" aria-label={texts.draft.region} withBorder p="sm" mb="md">
      <Group justify="space-between">
        <Group gap="xs">
          <Text fw={600}>{texts.draft.region}</Text>
          <Badge variant="light">{isFirst ? texts.draft.first : texts.draft.changes(changes.length)}</Badge>
          <FindingBadges findings={findings} />
        </Group>
        <Group gap="xs">
          <Button variant="default" size="xs" onClick={review.open}>
            {texts.draft.review}
          </Button>
          {!isFirst && (
            <RoleButton needs="operator" variant="default" size="xs" onClick={discarding.open}>
              {texts.draft.discard}
            </RoleButton>
          )}
          <RoleButton needs="publisher" size="xs" onClick={publishing.open}>
            {texts.draft.publish}
          </RoleButton>
        </Group>
      </Group>
      <Dialog opened={isReviewing} onClose={review.close} title={texts.draft.reviewTitle} size="xl">
        <Stack>
          <Findings project={project} findings={findings} />
          <Changes changes={changes} />
        </Stack>
      </Dialog>
      {isDiscarding && <DiscardDialog project={project} version={lastVersion} close={discarding.close} />}
      <PublishDialog project={project} findings={findings} isOpen={isPublishing} close={publishing.close} />
    </Paper>
  )
}

interface DialogProps {
  project: string
  isOpen: boolean
  close: () => void
}

function DiscardDialog({ project, version, close }: Omit<DialogProps, 'isOpen'> & { version: number }) {
  const client = useQueryClient()
  const discard = useProjectChange(
    project,
    async () => {
      const path = { project, version }
      const { data } = await api.GET('/v1/projects/{project}/versions/{version}', { params: { path } })
      if (!data) return
      const { etag } = await client.query(draftQuery(project))
      await api.PUT('/v1/projects/{project}/draft', {
        params: { path: { project }, header: { 'if-match': etag } },
        body: data.table,
      })
    },
    close,
  )

  return (
    <ConfirmDialog title={texts.draft.discardTitle} action={texts.draft.discard} mutation={discard} close={close}>
      {texts.draft.discardAsk(version)}
    </ConfirmDialog>
  )
}

function PublishDialog({ project, findings, isOpen, close }: DialogProps & { findings: readonly Finding[] }) {
  const [message, setMessage] = useState('')
  // The reviewed draft is the one that is published: where another person has changed it since, the publication is refused.
  const { etag } = useDraft(project)
  const publish = useProjectChange(
    project,
    async () =>
      (
        await api.POST('/v1/projects/{project}/versions', {
          params: { path: { project }, header: { 'if-match': etag } },
          body: { message },
        })
      ).data,
    (version) => {
      setMessage('')
      close()
      if (version) notifications.show({ message: texts.draft.published(version.version), color: 'green' })
    },
  )

  return (
    <FormDialog
      opened={isOpen}
      title={texts.draft.publish}
      action={texts.draft.publish}
      mutation={publish}
      close={close}
    >
      <Findings project={project} findings={findings.filter(({ severity }) => severity !== 'info')} />
      <TextInput
        label={texts.draft.message}
        description={texts.draft.messageHelp}
        value={message}
        maxLength={1000}
        data-autofocus
        onChange={({ currentTarget }) => {
          setMessage(currentTarget.value)
        }}
      />
    </FormDialog>
  )
}
