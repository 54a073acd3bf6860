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
export const addresses = ['/', '/p/*', '/calls/:call', ...pageNames.map((name) => `/${name}`)]
