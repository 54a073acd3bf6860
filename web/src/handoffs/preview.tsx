import { Alert, Code, Stack, Text } from '@mantine/core'
import { texts } from '../texts'
import type { Explained } from './explained'

/** The message that would be sent for a sample call, byte for byte, from the server's own explanation. */
export function Preview({ explanation, error, isComplete }: Explained) {
  const [attempt] = explanation?.attempts ?? []
  const [message] = attempt?.messages ?? []

  return (
    <section aria-label={texts.dialog.preview}>
      <Stack gap="xs">
        <Text size="sm" fw={500}>
          {texts.dialog.preview}
        </Text>
        {!isComplete && (
          <Text size="sm" c="dimmed">
            {texts.dialog.previewNone}
          </Text>
        )}
        {isComplete && error && (
          <Text size="sm" c="dimmed">
            {error.message}
          </Text>
        )}
        {isComplete && message && (
          <Code
            block
            tabIndex={0}
            style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere', maxHeight: 280, overflowY: 'auto' }}
          >
            {message.text}
          </Code>
        )}
        {isComplete &&
          explanation?.warnings.map(({ code, detail }) => (
            <Alert key={`${code} ${detail}`} color="yellow" p="xs">
              {detail}
            </Alert>
          ))}
      </Stack>
    </section>
  )
}
