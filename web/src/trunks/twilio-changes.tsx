import { List } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { keys } from '../api/queries'

/** Changes of a Twilio account, in words. */
export function ChangeList({ changes }: { changes: readonly string[] }) {
  return (
    <List size="sm" withPadding style={{ overflowWrap: 'anywhere' }}>
      {changes.map((change) => (
        <List.Item key={change}>{change}</List.Item>
      ))}
    </List>
  )
}

/** Closes a dialog once the account is changed, and says so. */
export function useTwilioChange(change: () => Promise<unknown>, said: string, close: () => void) {
  const client = useQueryClient()

  return useMutation({
    mutationFn: change,
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: keys.twilio })
      notifications.show({ message: said, color: 'green' })
      close()
    },
  })
}
