import { Alert, Code, Stack, Text } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { api, type EnvironmentName, type Explanation, type Handoff } from '../api/client'
import { useProject } from '../api/queries'
import { texts } from '../texts'

interface PreviewProps {
  project: string
  /** Its name in the draft; undefined for a new one. */
  handoff: string | undefined
  /** The handoff as it is in the dialog, as JSON. */
  edited: string
}

/** A number from the range for examples. */
const sampleCaller = '+14155550123'

/** The message that would be sent for a sample call, byte for byte, from the server's own explanation. */
export function Preview({ project, handoff, edited }: PreviewProps) {
  const environment = previewed(Object.keys(useProject(project)?.environments ?? {}))
  const changes = JSON.parse(edited) as Handoff
  const isComplete = changes.name !== '' && (changes.method === 'bye' || Boolean(changes.route))
  const explained = useQuery({
    queryKey: ['preview', project, handoff, edited, environment],
    queryFn: async () =>
      (
        await api.POST('/v1/projects/{project}/explain', {
          params: { path: { project } },
          body: {
            environment,
            handoff: changes.name,
            draft: true,
            edit: { changes: changes, ...(handoff !== undefined && { handoff }) },
            call: { caller: sampleCaller },
          },
        })
      ).data,
    enabled: isComplete,
    retry: false,
    placeholderData: keepPreviousData,
  })
  return (
    <section aria-label={texts.dialog.preview}>
      <Stack gap="xs">
        <Text size="sm" fw={500}>
          {texts.dialog.preview}
        </Text>
        {isComplete ? (
          <Explained explanation={explained.data} error={explained.error} />
        ) : (
          <Text size="sm" c="dimmed">
            {texts.dialog.previewNone}
          </Text>
        )}
      </Stack>
    </section>
  )
}

function Explained({ explanation, error }: { explanation: Explanation | undefined; error: Error | null }) {
  const [attempt] = explanation?.attempts ?? []
  const [message] = attempt?.messages ?? []
  if (error) {
    return (
      <Text size="sm" c="dimmed">
        {error.message}
      </Text>
    )
  }

  return (
    <>
      {message && (
        <Code
          block
          tabIndex={0}
          style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere', maxHeight: 280, overflowY: 'auto' }}
        >
          {message.text}
        </Code>
      )}
      {attempt && (
        <Text size="xs" c="dimmed">
          {texts.dialog.bytes(attempt.headerBytes)}
        </Text>
      )}
      {explanation?.warnings.map(({ code, detail }) => (
        <Alert key={`${code} ${detail}`} color="yellow" p="xs">
          {detail}
        </Alert>
      ))}
    </>
  )
}

/** The environment that a draft comes to first. */
function previewed(environments: readonly string[]): EnvironmentName {
  return (['sandbox', 'pre-release', 'live'] as const).find((name) => environments.includes(name)) ?? 'sandbox'
}
