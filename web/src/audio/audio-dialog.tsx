import { Alert, Divider, FileInput, Group, Modal, Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useProjectChange } from '../api/changes'
import { api, type AudioFile } from '../api/client'
import { audioQuery } from '../api/queries'
import { RoleButton } from '../session/role-button'
import { ProblemAlert } from '../shell/problem'
import { texts } from '../texts'

/** The audio files of a project's draft: to listen to, to upload and to delete. */
export function AudioDialog({ project, close }: { project: string; close: () => void }) {
  const { data: files, error } = useQuery(audioQuery(project))

  return (
    <Modal opened onClose={close} title={texts.audio.title} size="lg">
      <Stack>
        <Text size="sm" c="dimmed">
          {texts.audio.about}
        </Text>
        <ProblemAlert error={error} />
        {files?.length === 0 && <Text>{texts.audio.none}</Text>}
        {files?.map((file) => (
          <AudioRow key={file.digest + file.name} project={project} file={file} />
        ))}
        <Divider />
        <Upload project={project} />
      </Stack>
    </Modal>
  )
}

function AudioRow({ project, file }: { project: string; file: AudioFile }) {
  const { name, digest, seconds, sampleRate, warnings, usedBy } = file
  const path = { project, name }
  const remove = useProjectChange(
    project,
    () => api.DELETE('/v1/projects/{project}/audio/{name}', { params: { path } }),
    () => undefined,
  )

  return (
    <section aria-label={name}>
      <Stack gap="xs">
        <Group justify="space-between">
          <Title order={3} size="h5">
            {name}
          </Title>
          <RoleButton
            needs="operator"
            size="compact-sm"
            variant="default"
            loading={remove.isPending}
            aria-label={texts.audio.remove(name)}
            onClick={() => {
              remove.mutate()
            }}
          >
            {texts.handoffs.remove}
          </RoleButton>
        </Group>
        <Text size="sm">{texts.audio.facts(seconds, sampleRate)}</Text>
        <Text size="sm" c="dimmed">
          {usedBy.length === 0 ? texts.audio.unused : texts.audio.usedBy(usedBy.join(', '))}
        </Text>
        {warnings.map((warning) => (
          <Alert key={warning} color="yellow" p="xs">
            {warning}
          </Alert>
        ))}
        {/* The digest makes a replaced file another address, which no cache has. */}
        <audio
          controls
          preload="none"
          aria-label={texts.audio.listen(name)}
          src={`/v1/projects/${encodeURIComponent(project)}/audio/${encodeURIComponent(name)}?digest=${encodeURIComponent(digest)}`}
          style={{ width: '100%' }}
        />
        <ProblemAlert error={remove.error} />
      </Stack>
    </section>
  )
}

function Upload({ project }: { project: string }) {
  const [file, setFile] = useState<File | null>(null)
  const upload = useProjectChange(
    project,
    () =>
      api.PUT('/v1/projects/{project}/audio/{name}', {
        params: { path: { project, name: file?.name ?? '' } },
        headers: { 'content-type': 'audio/wav' },
        body: file,
        bodySerializer: (body) => body as BodyInit,
      }),
    () => {
      setFile(null)
    },
  )

  return (
    <Stack gap="xs">
      <FileInput
        label={texts.audio.file}
        description={texts.audio.fileHelp}
        placeholder={texts.audio.choose}
        accept=".wav,audio/wav"
        value={file}
        clearable
        onChange={(chosen) => {
          upload.reset()
          setFile(chosen)
        }}
      />
      <ProblemAlert error={upload.error} />
      <Group justify="flex-end">
        <RoleButton
          needs="operator"
          disabled={file === null}
          loading={upload.isPending}
          onClick={() => {
            upload.mutate()
          }}
        >
          {texts.audio.upload}
        </RoleButton>
      </Group>
    </Stack>
  )
}
