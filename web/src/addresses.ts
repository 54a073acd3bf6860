/** The pages of a project, by the last part of their address. The build tells the server of them (web/vite.config.ts). */
export const pageNames = [
  'handoffs',
  'schedules',
  'environments',
  'test',
  'live',
  'calls',
  'transfers',
  'trunks',
  'history',
  'people',
] as const

export type PageName = (typeof pageNames)[number]

/** The addresses of all pages: those of a project, and short ones that lead to the project that was shown last. */
export const addresses = ['/', '/p/*', '/calls/:call', '/context/:id', ...pageNames.map((name) => `/${name}`)]

/** The id of a context in the address of its page; '' in every other address. */
export function contextIdIn(path: string): string {
  return /^\/context\/([^/]+)$/.exec(path)?.[1] ?? ''
}

/** The token that a desktop opens a context with: `#token=…` stays in the browser (RFC 9110 4.2.5). */
export function tokenIn(hash: string): string | undefined {
  return new URLSearchParams(hash.replace(/^#/, '')).get('token') ?? undefined
}
