import { Alert, Button, Center, Paper, Stack, TextInput, Title } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { api } from '../api/client'
import { ProblemAlert } from '../shell/problem'
import { usePageTitle } from '../shell/title'
import { texts } from '../texts'
import { PasswordField } from './password-field'
import { sessionQuery } from './session'

export function SignInPage() {
  usePageTitle(texts.access.signIn)

  return (
    <Center component="main" mih="90vh" p="md">
      <Paper withBorder p="lg" w={360} maw="100%">
        <Title order={1} size="h3" mb="md">
          {texts.access.title}
        </Title>
        <SignInForm />
      </Paper>
    </Center>
  )
}

const failureName = 'sign-in'
/** Why the OpenID provider has led back without a session, as the address says. */
const oidcFailures: Readonly<Record<string, string | undefined>> = {
  refused: texts.access.oidcRefused,
  unavailable: texts.access.oidcUnavailable,
}

/** The failure that the address names, in words. The address is then the page's own again, for a reload and for the way back. */
function useOidcFailure(): string | undefined {
  const [failure] = useState(() => oidcFailures[new URLSearchParams(location.search).get(failureName) ?? ''])
  useEffect(() => {
    const address = new URL(location.href)
    if (!address.searchParams.has(failureName)) return
    address.searchParams.delete(failureName)
    history.replaceState(history.state, '', address)
  }, [])

  return failure
}

export function SignInForm() {
  const client = useQueryClient()
  const ways = useQuery(sessionQuery).data?.ways ?? []
  const failure = useOidcFailure()
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const signIn = useMutation({
    mutationFn: () => api.POST('/v1/sign-in', { body: { name, password } }),
    onSuccess: () => client.invalidateQueries(),
  })

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        signIn.mutate()
      }}
    >
      <Stack>
        {failure !== undefined && <Alert color="red">{failure}</Alert>}
        {isWithoutTls() && <Alert color="yellow">{texts.access.withoutTls}</Alert>}
        {ways.includes('password') && (
          <>
            <TextInput
              label={texts.access.name}
              autoComplete="username"
              required
              withAsterisk={false}
              value={name}
              data-autofocus
              onChange={({ currentTarget }) => {
                setName(currentTarget.value)
              }}
            />
            <PasswordField kind="current" value={password} change={setPassword} required />
            <ProblemAlert error={signIn.error} />
            <Button type="submit" loading={signIn.isPending}>
              {texts.access.signIn}
            </Button>
          </>
        )}
        {ways.includes('oidc') && (
          <Button
            component="a"
            variant="default"
            href={`/v1/sign-in/oidc?to=${encodeURIComponent(location.pathname + location.search)}`}
          >
            {texts.access.byOidc}
          </Button>
        )}
      </Stack>
    </form>
  )
}

/** Beyond this machine, a browser keeps the session's cookie over TLS only. */
function isWithoutTls(): boolean {
  return location.protocol === 'http:' && !/^(localhost|127\.[\d.]+|\[::1\]|.*\.localhost)$/.test(location.hostname)
}
