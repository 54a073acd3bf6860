import { Box, Text } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState, type ReactNode } from 'react'
import { contextIdIn, tokenIn } from '../addresses'
import { whenUnauthorized } from '../api/client'
import { Dialog } from '../shell/dialog'
import { Loading } from '../shell/states'
import { texts } from '../texts'
import { sessionQuery, untilSignedIn } from './session'
import { SignInForm, SignInPage } from './sign-in'

/**
 * Asks for a sign-in where one is needed, before the pages are shown. When a session ends later, the pages stay mounted beneath
 * the form: a person who signs in again goes on where the session ended.
 */
export function SessionGate({ children }: { children: ReactNode }) {
  const client = useQueryClient()
  const session = useQuery(sessionQuery)
  const [shownTo, setShownTo] = useState<string>()
  const { principal, needsSignIn = false } = session.data ?? {}
  const isOut = needsSignIn && !principal
  const name = principal?.name
  useEffect(() => whenUnauthorized(() => untilSignedIn(client)), [client])
  useEffect(() => {
    if (name === undefined) return
    // A person who signs in does not see the page that another person has left open.
    if (shownTo !== undefined && shownTo !== '' && shownTo !== name) location.reload()
    setShownTo(name)
  }, [name, shownTo])
  // A desktop shows a context by a token of its own.
  if (contextIdIn(location.pathname) !== '' && tokenIn(location.hash) !== undefined) return children
  if (session.isPending) return <Loading />
  if (isOut && shownTo === undefined) return <SignInPage />

  return (
    <>
      {children}
      {isOut && (
        <Dialog
          opened
          onClose={() => undefined}
          fullScreen
          withCloseButton={false}
          closeOnEscape={false}
          transitionProps={{ duration: 0 }}
          title={texts.access.title}
          zIndex={1000}
        >
          <Box maw={360} mx="auto">
            <Text mb="md">{shownTo === '' ? texts.access.begun : texts.access.ended}</Text>
            <SignInForm />
          </Box>
        </Dialog>
      )}
    </>
  )
}
