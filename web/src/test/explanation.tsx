import { Alert, Code, Stack, Text } from '@mantine/core'
import type { Explanation } from '../api/client'
import { texts } from '../texts'

/** Shows the attempts that a transfer would make, with the very bytes. */
export function ExplanationResult({ explanation }: { explanation: Explanation }) {
  const { warnings, attempts, version, draft, matched, requested, rule } = explanation

  return (
    <Stack role="status">
      <Text>
        {draft ? texts.test.draft : texts.test.version(version)}
        {'. '}
        {rule !== undefined && texts.test.byRule(rule)}
        {rule === undefined && matched === 'default' && texts.test.byDefault(requested)}
        {attempts.length > 1 && texts.test.inTurn}
      </Text>
      {warnings.map(({ code, detail, handoff }) => (
        <Alert key={`${code} ${handoff ?? ''} ${detail}`} color="yellow" p="xs">
          {[handoff, detail].filter(Boolean).join(': ')}
        </Alert>
      ))}
      {attempts.map(({ handoff, method, target, messages }, index) => (
        <section key={`${handoff} ${method} ${target}`} aria-label={texts.test.attempt(index + 1, handoff)}>
          <Text fw={600}>{texts.test.attempt(index + 1, handoff)}</Text>
          <Text size="sm" mb={4} style={{ overflowWrap: 'anywhere' }}>
            {[texts.method[method], target].filter(Boolean).join(' → ')}
          </Text>
          <Stack gap="xs">
            {messages.map((message) => (
              <Code key={message.text} block tabIndex={0} style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
                {message.text}
              </Code>
            ))}
          </Stack>
        </section>
      ))}
    </Stack>
  )
}
