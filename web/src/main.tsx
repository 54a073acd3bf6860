import '@mantine/core/styles.css'
import '@mantine/notifications/styles.css'
import { Badge, createTheme, MantineProvider, Modal, type CSSVariablesResolver, Notification } from '@mantine/core'
import { Notifications } from '@mantine/notifications'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { ApiError } from './api/client'
import { createPages } from './pages'
import { SessionGate } from './session/gate'
import { texts } from './texts'

// Baton may be on this very machine, or on a network that the browser does not judge: a request is made and fails, rather than
// waits without a word until the browser calls itself online.
const networkMode = 'always'
/** An answer that refuses what was asked is the same when it is asked again. */
const mayHelp = (failures: number, error: unknown): boolean =>
  failures < 1 && !(error instanceof ApiError && error.problem.status < 500)
const client = new QueryClient({
  defaultOptions: {
    queries: { networkMode, refetchOnReconnect: true, staleTime: 5_000, retry: mayHelp },
    mutations: { networkMode },
  },
})
const theme = createTheme({
  primaryColor: 'indigo',
  primaryShade: { light: 8, dark: 8 },
  defaultRadius: 'md',
  cursorType: 'pointer',
  // Text on a filled badge or button is dark where white could not be read (WCAG 1.4.3).
  autoContrast: true,
  luminanceThreshold: 0.179,
  components: {
    Modal: Modal.extend({ defaultProps: { closeButtonProps: { 'aria-label': texts.shell.close } } }),
    Notification: Notification.extend({
      defaultProps: { closeButtonProps: { 'aria-label': texts.shell.close } },
      // Below a title, the theme's text is too pale (WCAG 1.4.3).
      styles: { description: { color: 'var(--mantine-color-text)' } },
    }),
    Badge: Badge.extend({ defaultProps: { tt: 'none' } }),
  },
})
/** Colours whose text on their own tint is too pale. */
const tinted = ['green', 'orange', 'yellow', 'red', 'gray']

function darkened(color: string): string {
  return `color-mix(in srgb, var(--mantine-color-${color}-9), black 30%)`
}

/** The theme's dimmed text and its red are too pale for small sizes (WCAG 1.4.3). */
const variables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': 'var(--mantine-color-gray-7)',
    '--mantine-color-placeholder': 'var(--mantine-color-gray-7)',
    '--mantine-color-error': 'var(--mantine-color-red-9)',
    ...Object.fromEntries(tinted.map((color) => [`--mantine-color-${color}-light-color`, darkened(color)])),
  },
  dark: {
    '--mantine-color-dimmed': 'var(--mantine-color-dark-1)',
    '--mantine-color-placeholder': 'var(--mantine-color-dark-1)',
    '--mantine-color-error': 'var(--mantine-color-red-4)',
  },
})
const pages = createPages(client)
/** What Baton answers is shown by the page: only faults of the pages themselves are the console's. */
const onCaughtError = (error: unknown): void => {
  if (!(error instanceof ApiError)) console.error(error)
}
const root = document.getElementById('root')
if (root) {
  createRoot(root, { onCaughtError }).render(
    <StrictMode>
      <MantineProvider theme={theme} cssVariablesResolver={variables} defaultColorScheme="auto">
        <Notifications position="top-right" />
        <QueryClientProvider client={client}>
          <SessionGate>
            <RouterProvider router={pages} />
          </SessionGate>
        </QueryClientProvider>
      </MantineProvider>
    </StrictMode>,
  )
}
