import { Alert, Anchor, Button, Center, Loader, Stack, Text } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { texts } from '../texts'

export function Loading() {
  return (
    <Center mih={240}>
      <Loader role="progressbar" aria-label={texts.shell.loading} />
    </Center>
  )
}

export function Failed({ error, reset }: { error: unknown; reset: () => void }) {
  return (
    <Alert color="red" title={texts.shell.failed} m="md">
      <p>{error instanceof Error ? error.message : String(error)}</p>
      <Button variant="light" color="red" onClick={reset}>
        {texts.shell.retry}
      </Button>
    </Alert>
  )
}

export function NotFound() {
  return (
    <Center mih={240}>
      <Stack align="center">
        <Text c="dimmed">{texts.shell.notFound}</Text>
        <Anchor component={Link} to="/handoffs">
          {texts.shell.toHandoffs}
        </Anchor>
      </Stack>
    </Center>
  )
}
